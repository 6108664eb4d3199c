// SPDX-License-Identifier: GPL-3.0-or-later
// pool: a function mapped over 0 ... N-1 on W workers. What a dead worker had in hand is done again.
#include "commands/pool_run.h"
#include "commands/table.h"

#include <inttypes.h>

static const struct arg args[] = {
    POOL_ARGS(10000, 0),
    {0},
};

static void summarize(const struct pool *pool)
{
    const struct call *call = pool_call(pool);
    const struct pool_args *pool_args = call->args;
    struct text text = {0};
    int64_t workers = pool_args->workers, tasks = pool_args->tasks;
    text_print(&text, "%" PRId64 " worker%s, %" PRId64 " task%s: ", workers,
               workers == 1 ? "" : "s", tasks, tasks == 1 ? "" : "s");
    work_add_times(pool_times(pool), workers < tasks ? workers : tasks, &text);
    int64_t deaths = pool_deaths(pool);
    if (deaths > 0)
        text_print(&text, "; %" PRId64 " worker%s died on the way", deaths, deaths == 1 ? "" : "s");
    call_summary(call, "%s", text_string(&text));
    text_free(&text);
}

static void tell(struct pool *pool)
{
    struct call *call = pool_call(pool);
    const struct pool_args *pool_args = call->args;
    bool whole = pool_is_whole(pool);
    if (whole)
        pool_print_results(pool);
    int status = pool_conclude(pool);
    if (whole) {
        int64_t workers = pool_args->workers, tasks = pool_args->tasks;
        summarize(pool);
        work_report_times(call, pool_times(pool), workers < tasks ? workers : tasks);
        pool_keep_results(pool);
    } else if (status == STATUS_OK) { // dismissed: a daemon's end with the session is no failure
        call_summary(call, "ended with the session; %" PRId64 " of %" PRId64 " tasks were done",
                     pool_done(pool), pool_args->tasks);
    }
    job_finish(call->job, status);
}

static void show_progress(const struct call *call, struct progress *progress)
{
    const struct pool *pool = call->state;
    const struct pool_args *pool_args = call->args;
    progress->unit = "tasks";
    progress->done = pool_done(pool);
    progress->total = pool_args->tasks;
    progress->part = progress->total > 0 ? (double)progress->done / (double)progress->total : 1;
}

static void free_state(struct call *call)
{
    pool_free(call->state);
}

static const struct call_ops pool_call_ops = {.progress = show_progress, .free = free_state};

static int run(struct call *call)
{
    const struct pool_args *pool_args = call->args;
    int status = pool_check(call, pool_args);
    if (status != STATUS_OK)
        return status;
    struct pool *pool = pool_new(call, pool_args, tell);
    if (!pool)
        return STATUS_FAILED;
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
        "done, and the command fails.\n" WORK_ABOUT_TIMES,
    .example = "pool 4 10",
    .args = args,
    .args_size = sizeof(struct pool_args),
    .background = true,
    .run = run,
};
