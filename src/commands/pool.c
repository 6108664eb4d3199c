// SPDX-License-Identifier: GPL-3.0-or-later
// pool: a function mapped over 0 ... N-1 on W workers. What a dead worker had in hand is done
// again.
#include "commands/pool_run.h"
#include "commands/table.h"
#include "commands/summary.h"

#include <inttypes.h>

static const struct arg args[] = {
    POOL_ARGS(10000, 0),
    {0},
};

static int64_t pool_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// How many there were at a time: replaced ones don't count, nor those that could not be started.
static int64_t pool_count_workers(const struct call *call)
{
    const struct pool_args *pool_args = call->args;
    return pool_least(pool_args->workers, (int64_t)call->job->count);
}

static void pool_add_deaths(const struct pool *pool, struct text *text)
{
    int64_t deaths = pool_deaths(pool);
    if (deaths > 0)
        text_print(text, "; %" PRId64 " worker%s died on the way", deaths, deaths == 1 ? "" : "s");
}

// `whole`: all tasks were done or lost.
static void pool_summarize(const struct pool *pool, bool whole)
{
    const struct call *call = pool_call(pool);
    const struct pool_args *pool_args = call->args;
    int64_t workers = pool_count_workers(call), tasks = pool_args->tasks;
    struct text text = {0};
    text_print(&text, "%" PRId64 " worker%s, ", workers, workers == 1 ? "" : "s");
    if (!whole)
        text_print(&text, "%" PRId64 " of ", pool_done(pool));
    text_print(&text, "%" PRId64 " task%s%s: ", tasks, tasks == 1 ? "" : "s", whole ? "" : " done");
    summary_add_times(pool_times(pool), &text);
    if (whole) // else those that were ended are among them
        pool_add_deaths(pool, &text);
    if (workers > 0)
        call_summary(call, "%s", text_string(&text));
    else if (tasks == 0)
        call_summary(call, "no tasks, so no worker was started");
    else
        summary_of_none(call);
    text_free(&text);
}

static void pool_tell(struct pool *pool)
{
    struct call *call = pool_call(pool);
    const struct pool_args *pool_args = call->args;
    bool whole = pool_is_whole(pool);
    if (whole)
        pool_print_results(pool);
    int status = pool_conclude(pool);
    if (!whole && status == STATUS_OK) // dismissed: a daemon's end with the session is no failure
        call_summary(call, "%s; %" PRId64 " of %" PRId64 " tasks were done", call->dismissed,
                     pool_done(pool), pool_args->tasks);
    else
        pool_summarize(pool, whole);
    summary_report_times(call, pool_times(pool),
                         pool_least(pool_count_workers(call), pool_args->tasks));
    if (whole)
        pool_keep_results(pool);
    job_finish(call->job, status);
}

static void pool_show_progress(const struct call *call, struct progress *progress)
{
    const struct pool *pool = call->state;
    const struct pool_args *pool_args = call->args;
    progress->unit = "tasks";
    progress->done = pool_done(pool);
    progress->total = pool_args->tasks;
    progress->part = progress->total > 0 ? (double)progress->done / (double)progress->total : 1;
}

static void pool_free_state(struct call *call)
{
    pool_free(call->state);
}

static const struct call_ops pool_call_ops = {.progress = pool_show_progress,
                                              .free = pool_free_state};

static int pool_run_one(struct call *call)
{
    const struct pool_args *pool_args = call->args;
    int status = pool_check(call, pool_args);
    if (status != STATUS_OK)
        return status;
    struct pool *pool = pool_new(call, pool_args, pool_tell);
    if (!pool) {
        summary_of_none(call);
        return STATUS_FAILED;
    }
    call->state = pool;
    call->ops = &pool_call_ops;
    pool_start(pool);
    return STATUS_PENDING;
}

const struct command command_pool = {
    .name = "pool",
    .group = "The six",
    .summary = "maps a function over 0 ... N-1 on W workers",
    .details =
        "Results come in the order of the tasks. A worker that dies is replaced, and what it had "
        "in hand is run again; a task that keeps killing its worker is lost, all others are "
        "done, and the command fails.\n" SUMMARY_ABOUT_TIMES,
    .example = "pool 4 10",
    .args = args,
    .args_size = sizeof(struct pool_args),
    .background = true,
    .run = pool_run_one,
};
