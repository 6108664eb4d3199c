// SPDX-License-Identifier: GPL-3.0-or-later
// timeline: one job, drawn as a lane for each worker.
#include "commands/table.h"

#include "base/out.h"
#include "commands/job_lookup.h"
#include "jobs/job.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/timeline_text.h"
#include "jobs/reaper.h"

struct timeline_args {
    const char *job;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOB,
     .field = offsetof(struct timeline_args, job),
     .help = "the job; the last one if left out"},
    {0},
};

// Where there is no limit, a picture still has to have some width.
enum { USUAL_WIDTH = 80 };

static int timeline_run(struct call *call)
{
    const struct timeline_args *timeline_args = call->args;
    struct past *past;
    struct text text = {0};
    size_t columns = context_columns();
    reaper_collect();
    int status = job_lookup_lanes(call, timeline_args->job, &past);
    if (status != STATUS_OK)
        return status;
    timeline_text_write(past, columns > 0 ? columns : USUAL_WIDTH, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    past_free(past);
    return STATUS_OK;
}

const struct command command_timeline = {
    .name = "timeline",
    .group = "Looking",
    .summary = "draws a job, with a lane for each worker: what it did when",
    .details = "It is drawn from the log of what happened. Each cell shows what took the most of "
               "its time; signals and releases are marked. A worker of a pool works while it has "
               "a chunk in hand. 'set glyphs ascii' draws without UTF-8.",
    .example = "timeline %1",
    .args = args,
    .args_size = sizeof(struct timeline_args),
    .run = timeline_run,
};
