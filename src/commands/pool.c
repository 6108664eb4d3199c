// SPDX-License-Identifier: GPL-3.0-or-later
// pool: a function mapped over 0 ... N-1 on W workers. What a dead worker had in hand is done
// again.
#include "commands/pool_run.h"
#include "shell/figures.h"
#include "commands/table.h"
#include "commands/summary.h"

#include "base/must.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct arg args[] = {
    POOL_ARGS(10000, 0),
    {0},
};

static void pool_add_deaths(const struct pool *pool, struct text *text)
{
    int64_t deaths = pool_deaths(pool);
    if (deaths > 0)
        text_print(text, "; %" PRId64 " worker%s died on the way", deaths, deaths == 1 ? "" : "s");
}

// How many could be of use at a time.
static int64_t pool_at_once(const struct pool_run *run)
{
    int64_t workers = pool_workers(run->pool), tasks = run->args->tasks;
    return tasks > 0 && tasks < workers ? tasks : workers;
}

// `whole`: all tasks were done, or failed, or were lost.
static void pool_summarize(const struct pool_run *run, bool whole)
{
    const struct call *call = run->call;
    int64_t workers = pool_workers(run->pool), tasks = run->args->tasks;
    struct text text = {0};
    text_print(&text, "%" PRId64 " worker%s, ", workers, workers == 1 ? "" : "s");
    if (!whole)
        text_print(&text, "%" PRId64 " of ", pool_done(run->pool));
    text_print(&text, "%" PRId64 " task%s%s: ", tasks, tasks == 1 ? "" : "s", whole ? "" : " done");
    summary_add_times(pool_run_times(run), &text);
    if (whole) // else those that were ended are among them
        pool_add_deaths(run->pool, &text);
    if (workers > 0)
        call_summary(call, "%s", text_string(&text));
    else if (tasks == 0)
        call_summary(call, "no tasks, so no worker was started");
    else
        summary_of_none(call);
    text_free(&text);
}

static void pool_summarize_dismissed(const struct pool_run *run)
{
    const struct call *call = run->call;
    struct text where = {0};
    if (pool_done(run->pool) > 0)
        text_print(&where, "; 'results %%%u' shows them", call->job->id);
    call_summary(call, "%s; %" PRId64 " of %" PRId64 " tasks were done%s", call->dismissed,
                 pool_done(run->pool), run->args->tasks, text_string(&where));
    text_free(&where);
}

// Whether the list of what was done is shown, though not everything was.
static bool pool_shows_part(const struct pool_run *run)
{
    enum pool_end end = pool_end(run->pool);
    return pool_done(run->pool) > 0 && (end == POOL_TIMED_OUT || end == POOL_UNSTARTED);
}

// How many tasks the busiest worker did, and the one that did the fewest.
static void pool_add_shares(const struct call *call)
{
    const struct model_job *job = model_job(model_now(), call->job->id);
    int64_t most = 0, least = INT64_MAX;
    for (size_t i = 0; job && i < job->count; i++) {
        int64_t done = job->workers[i]->done;
        most = done > most ? done : most;
        least = done < least ? done : least;
    }
    figures_add("most_done", most);
    figures_add("least_done", least < most ? least : most);
}

static void pool_tell(struct pool_run *run)
{
    struct call *call = run->call;
    bool whole = pool_run_is_whole(run);
    if (whole || pool_shows_part(run))
        pool_run_print(run);
    int status = pool_run_conclude(run);
    if (!whole && status == STATUS_OK) // dismissed: that it ends early is no failure
        pool_summarize_dismissed(run);
    else
        pool_summarize(run, whole);
    figures_begin(call);
    figures_add("tasks", run->args->tasks);
    figures_add("done", pool_done(run->pool));
    figures_add("lost", scheduler_count_lost(pool_scheduler(run->pool)));
    figures_add("died", pool_deaths(run->pool));
    pool_add_shares(call);
    summary_report_times(call, pool_run_times(run), pool_at_once(run));
    pool_keep_results(run->pool);
    job_finish(call->job, status);
}

static void pool_show_progress(const struct call *call, struct progress *progress)
{
    const struct pool_run *run = call->state;
    progress->unit = "tasks";
    progress->done = pool_done(run->pool);
    progress->total = run->args->tasks;
    progress->part = progress->total > 0 ? (double)progress->done / (double)progress->total : 1;
}

static void pool_free_state(struct call *call)
{
    pool_run_free(call->state);
    free(call->state);
}

static const struct call_ops pool_call_ops = {.progress = pool_show_progress,
                                              .free = pool_free_state};

static int pool_run(struct call *call)
{
    const struct pool_args *pool_args = call->args;
    int status = pool_run_check(call, pool_args);
    if (status != STATUS_OK)
        return status;
    struct pool_run *run = must_calloc(1, sizeof *run);
    *run = (struct pool_run){.call = call, .args = pool_args, .ended = pool_tell};
    call->state = run;
    call->ops = &pool_call_ops;
    if (pool_run_begin(run))
        return STATUS_PENDING;
    summary_of_none(call);
    return STATUS_FAILED;
}

const struct command command_pool = {
    .name = "pool",
    .group = "The six",
    .summary = "maps a function over 0 ... N-1 on W workers",
    .details =
        "Results come in the order of the tasks. A worker that dies is replaced, and what it had "
        "in hand is run again; a task that keeps killing its worker is lost, all others are "
        "done, and the command fails. While one worker lives, a fork that fails ends nothing: it "
        "is "
        "told once, and tried again. --max-tasks counts tasks, where Python's maxtasksperchild "
        "counts chunks.\n" SUMMARY_ABOUT_TIMES,
    .example = "pool 4 10",
    .args = args,
    .args_size = sizeof(struct pool_args),
    .background = true,
    .acts = true,
    .run = pool_run,
};
