// SPDX-License-Identifier: GPL-3.0-or-later
// export: what happened, as a file for other programs.
#include "commands/table.h"

#include "commands/job_lookup.h"
#include "commands/export_file.h"
#include "jobs/job.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/events_csv.h"
#include "view/timeline_html.h"
#include "view/timeline_svg.h"
#include "view/timeline_trace.h"
#include "jobs/reaper.h"

struct export_args {
    const char *file;
    struct words jobs;
    bool all, overwrite;
};

static const char *const endings[] = {".svg", ".html", ".json", ".csv", ".ndjson", NULL};

static const char *const meanings[] = {"a picture",
                                       "a page to zoom and search",
                                       "a trace for Perfetto and chrome://tracing",
                                       "every event, as a table",
                                       "every event, as objects",
                                       NULL};

static const struct arg args[] = {
    {.name = "FILE",
     .type = ARG_FILE,
     .required = true,
     .field = offsetof(struct export_args, file),
     .endings = endings,
     .meanings = meanings,
     .help = "its ending, in either case, says what is written"},
    {.name = "%J",
     .type = ARG_JOBS,
     .field = offsetof(struct export_args, jobs),
     .standard_is = "the last one; all of them for .csv and .ndjson",
     .help = "the jobs"},
    {.name = "--all",
     .type = ARG_FLAG,
     .field = offsetof(struct export_args, all),
     .help = "every job that the log knows"},
    EXPORT_FILE_OVERWRITE(struct export_args),
    {0},
};

// By the ending: how jobs are written, or their part of the log.
static const struct format {
    const char *ending;
    void (*write)(struct past *const *pasts, size_t count, struct text *text);
    bool is_log;
} formats[] = {
    {".svg", timeline_svg_write, false},        {".html", timeline_html_write, false},
    {".json", timeline_trace_write, false},     {".csv", events_csv_write, true},
    {".ndjson", events_csv_write_ndjson, true},
};

static const struct format *export_find_format(const char *file)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (export_file_ends_in(file, formats[i].ending))
            return &formats[i];
    return NULL;
}

// Writes the jobs, or the log, into `text`.
static int export_write(struct call *call, const struct format *format, struct text *text)
{
    const struct export_args *export_args = call->args;
    bool whole = format->is_log && export_args->jobs.count == 0;
    struct job_lookup found = {0};
    int status = job_lookup_each(call, &export_args->jobs, export_args->all, &found);
    if (status == STATUS_OK)
        format->write(found.pasts, whole ? 0 : found.count, text);
    job_lookup_free(&found);
    return status;
}

static int export_run(struct call *call)
{
    const struct export_args *export_args = call->args;
    const struct format *format = export_find_format(export_args->file);
    struct text text = {0};
    if (!format)
        return call_misuse(call, "FILE must end in .svg, .html, .json, .csv or .ndjson, not '%s'",
                           text_visible(export_args->file));
    reaper_collect();
    int status = export_write(call, format, &text);
    if (status == STATUS_OK)
        status = export_file_write(call, export_args->file, export_args->overwrite, &text);
    text_free(&text);
    return status;
}

const struct command command_export = {
    .name = "export",
    .group = "Looking",
    .summary = "writes what happened to a file: a picture, a trace, or the events",
    .details =
        "The file is written as a whole or not at all. Several jobs are one below the other in "
        "a picture, and each a process of its own in a trace. An event in .ndjson has the fields "
        "that it has with --json; .csv has them in columns, where a and b are what a_name "
        "and b_name say. In both the time is in seconds since the first event of the "
        "session. All times are those at which forklab did, or heard of, something.",
    .example = "export both.svg %1 %2",
    .args = args,
    .args_size = sizeof(struct export_args),
    .run = export_run,
};
