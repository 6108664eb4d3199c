// SPDX-License-Identifier: GPL-3.0-or-later
// jobs: every job and worker that is remembered.
#include "commands/table.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/out.h"
#include "jobs/job.h"
#include "jobs/target.h"
#include "shell/context.h"
#include "view/table.h"
#include "jobs/reaper.h"

static const struct table_column columns[] = {
    {.title = "JOB"},
    {.title = "NAME", .give = NAMES},
    {.title = "PID", .right = true},
    {.title = "STATE"},
    {.title = "CPU", .right = true},
    {.title = "ELAPSED", .right = true},
    {.title = "EXIT", .right = true},
};

static void jobs_add_exit(struct table *table, const struct worker *worker)
{
    if (worker_lives(worker))
        table_cell(table, "-", COLOR_PLAIN);
    else
        table_cell_print(table, "%d",
                         worker->exit_signal ? -worker->exit_signal : worker->exit_code);
}

static void jobs_add_worker(struct table *table, const struct worker *worker)
{
    char target[TARGET_ROOM], state[64], cpu[32], elapsed[32];
    struct text about = {0};
    int64_t end = worker_lives(worker) ? clock_now() : worker->died;
    worker_state(worker, state, sizeof state);
    number_format_time(worker_cpu(worker), cpu, sizeof cpu);
    number_format_time(end - worker->forked, elapsed, sizeof elapsed);
    target_format(worker, target, sizeof target);
    table_cell(table, target, COLOR_PLAIN);
    table_cell(table, worker->name, COLOR_PLAIN);
    table_cell_print(table, "%d", (int)worker->shown_pid);
    const char *awaited = worker_waits_for(worker);
    if (awaited)
        text_print(&about, "%s: %s", state, awaited);
    else
        text_add_string(&about, state);
    table_cell(table, text_string(&about), color_of_state(state));
    text_free(&about);
    table_cell(table, cpu, COLOR_PLAIN);
    table_cell(table, elapsed, COLOR_PLAIN);
    jobs_add_exit(table, worker);
}

// A job that needed no worker, or could not start one.
static void jobs_add_empty(struct table *table, const struct job *job)
{
    table_cell_print(table, "%%%u", job->id);
    table_cell(table, "(no workers)", COLOR_PLAIN);
    for (size_t i = 2; i < sizeof columns / sizeof *columns; i++)
        table_cell(table, "-", COLOR_PLAIN);
}

static int jobs_run(struct call *call)
{
    (void)call;
    reaper_collect();
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    struct text text = {0};
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++)
            jobs_add_worker(table, job->workers[i]);
        if (job->count == 0)
            jobs_add_empty(table, job);
    }
    if (jobs_first())
        table_write(table, context_columns(), &text);
    else
        text_add_string(&text, "no jobs yet\n");
    out_write(text.bytes, text.length);
    text_free(&text);
    table_free(table);
    return STATUS_OK;
}

const struct command command_jobs = {
    .name = "jobs",
    .group = "Looking",
    .summary = "lists every job and its workers: state, CPU time, elapsed time, exit code",
    .details =
        "A state is one of: running, waiting (at a barrier or a lock), stopped, zombie (ended, "
        "and not collected yet), exited N, killed SIGNAL, lost (it can't be heard any more). A "
        "worker that a signal ended has that signal's number, negative, as its exit code.",
    .example = "jobs",
    .run = jobs_run,
};
