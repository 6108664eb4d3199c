// SPDX-License-Identifier: GPL-3.0-or-later
// history: what was typed, and what jobs came of it.
#include "commands/table.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/out.h"
#include "jobs/job.h"
#include "shell/history.h"
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

static void history_list_lines(void)
{
    size_t number;
    const char *line;
    for (size_t i = 0; (line = history_command(i, &number)); i++) {
        struct text visible = {0};
        text_add_visible(&visible, line, strlen(line));
        out_print("%5zu  %s\n", number, text_string(&visible));
        text_free(&visible);
    }
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

static void history_list_jobs(void)
{
    static const struct table_column columns[] = {{"JOB", false, RIGID},
                                                  {"STATUS", false, RIGID},
                                                  {"WALL", true, RIGID},
                                                  {"WORKERS", true, RIGID},
                                                  {"COMMAND", false, ELASTIC}};
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    struct text text = {0};
    for (const struct job *job = jobs_first(); job; job = job->next)
        history_add_job(table, job);
    if (jobs_first())
        table_write(table, context_columns(), &text);
    else
        text_add_string(&text, "no jobs yet\n");
    out_write(text_string(&text), text.length);
    text_free(&text);
    table_free(table);
}

static int history_run(struct call *call)
{
    const struct history_args *history_args = call->args;
    reaper_collect();
    if (history_args->jobs)
        history_list_jobs();
    else
        history_list_lines();
    return STATUS_OK;
}

const struct command command_history = {
    .name = "history",
    .group = "Controlling",
    .summary = "lists the commands typed in this session, the last 500, or its jobs",
    .example = "history --jobs",
    .args = args,
    .args_size = sizeof(struct history_args),
    .run = history_run,
};
