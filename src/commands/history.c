// SPDX-License-Identifier: GPL-3.0-or-later
// history: what was typed, and what jobs came of it.
#include "commands/table.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/json.h"
#include "jobs/job.h"
#include "shell/history.h"
#include "shell/json_output.h"
#include "shell/pager.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/table.h"
#include "jobs/reaper.h"

#include <string.h>

struct history_args {
    bool jobs;
};

static const struct arg args[] = {
    {.name = "--jobs",
     .type = ARG_FLAG,
     .field = offsetof(struct history_args, jobs),
     .help = "lists the jobs instead: number, how it ended, wall time, workers, command"},
    {0},
};

static void history_report_line(const struct call *call, size_t number, const char *line)
{
    struct text *row = json_output_begin(call, "history");
    json_number(row, "number", (int64_t)number);
    json_text(row, "text", line);
    json_output_end();
}

static void history_list_lines(const struct call *call, struct text *text)
{
    size_t number;
    const char *line;
    for (size_t i = 0; (line = history_command(i, &number)); i++) {
        if (json_output_is_on()) {
            history_report_line(call, number, line);
            continue;
        }
        text_print(text, "%5zu  ", number);
        text_add_visible(text, line, strlen(line));
        text_add_string(text, "\n");
    }
}

static void history_report_job(const struct call *call, const struct job *job)
{
    struct text *row = json_output_begin(call, "history");
    json_number(row, "job", job->id);
    json_text(row, "state", job->done ? outcome_word(job->outcome) : "running");
    json_number(row, "wall_ns", (job->done ? job->ended : clock_now()) - job->started);
    json_number(row, "workers", (int64_t)job->count);
    json_text(row, "text", job->title);
    json_output_end();
}

static void history_add_job(struct table *table, const struct job *job)
{
    char wall[32];
    int64_t end = job->done ? job->ended : clock_now();
    const char *status = job->done ? outcome_word(job->outcome) : "running";
    number_format_time(end - job->started, wall, sizeof wall);
    table_cell_print(table, "%%%u", job->id);
    table_cell(table, status, job->done && job->status ? COLOR_RED : color_of_state(status));
    table_cell(table, wall, COLOR_PLAIN);
    table_cell_print(table, "%zu", job->count);
    table_cell(table, job->title, COLOR_PLAIN);
}

static void history_list_jobs(const struct call *call, struct text *text)
{
    static const struct table_column columns[] = {{"JOB", false, RIGID},
                                                  {"STATUS", false, RIGID},
                                                  {"WALL", true, RIGID},
                                                  {"WORKERS", true, RIGID},
                                                  {"COMMAND", false, ELASTIC}};
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (const struct job *job = jobs_first(); job; job = job->next) {
        if (json_output_is_on())
            history_report_job(call, job);
        else
            history_add_job(table, job);
    }
    if (!jobs_first())
        text_add_string(text, "no jobs yet\n");
    else if (!json_output_is_on())
        table_write(table, context_columns(), text);
    table_free(table);
}

static int history_run(struct call *call)
{
    const struct history_args *history_args = call->args;
    struct text text = {0};
    reaper_collect();
    if (history_args->jobs)
        history_list_jobs(call, &text);
    else
        history_list_lines(call, &text);
    return pager_show(call, &text);
}

const struct command command_history = {
    .name = "history",
    .group = "Controlling",
    .summary = "lists the commands typed in this session, the last 500, or its jobs",
    .details = "!N runs number N of them again, !! the last one.",
    .example = "history --jobs",
    .args = args,
    .args_size = sizeof(struct history_args),
    .run = history_run,
};
