// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/pool_run.h"

#include "base/out.h"
#include "jobs/terminate.h"
#include "shell/json_output.h"
#include "view/list.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static struct assignment pool_run_assign(void *data, uint32_t seat, bool again)
{
    const struct pool_run *run = data;
    // Only the first worker on a seat is the one that --which means.
    return launch_assign(&run->args->work, again ? -1 : (int64_t)seat);
}

static void pool_run_print_line(void *data, const struct frame *frame, const void *block)
{
    (void)data;
    launch_print(frame, block);
}

static void pool_run_tell_short(void *data, int64_t living)
{
    struct pool_run *run = data;
    struct job *job = run->call->job;
    int64_t wanted = run->args->workers;
    if (run->needs_all) {
        call_fail(run->call, "%s: %s; %" PRId64 " of %" PRId64 " workers were started",
                  job->failed_call, strerror(errno), living, wanted);
        terminate_job(job);
    } else if (living == wanted) {
        call_warn(run->call, "%s: %s; tried again, it goes on with all its workers",
                  job->failed_call, strerror(errno));
    } else {
        call_warn(run->call, "%s: %s; it goes on with %" PRId64 " of %" PRId64 " workers",
                  job->failed_call, strerror(errno), living, wanted);
    }
}

// Prints the results of all tasks before the first one that is neither done nor given up.
static void pool_run_show_settled(struct pool_run *run)
{
    const struct scheduler *scheduler = pool_scheduler(run->pool);
    const int64_t *results = pool_results(run->pool);
    for (int64_t end = pool_settled(run->pool); run->shown < end; run->shown++) {
        const char *gap = scheduler_gap_word(scheduler_gap(scheduler, run->shown));
        if (gap)
            out_print("task %" PRId64 ": %s\n", run->shown, gap);
        else
            out_print("task %" PRId64 ": %" PRId64 "\n", run->shown, results[run->shown]);
    }
}

static void pool_run_show(void *data, int64_t first, int64_t count, int64_t at)
{
    struct pool_run *run = data;
    const int64_t *results = pool_results(run->pool);
    if (!run->args->live)
        return;
    if (!run->args->unordered)
        pool_run_show_settled(run);
    else
        for (int64_t i = 0; i < count; i++)
            out_print("task %" PRId64 ": %" PRId64 "\n", first + i, results[at + i]);
}

static void pool_run_tell_timeout(void *data)
{
    struct pool_run *run = data;
    char allowed[32];
    number_format_duration(run->args->timeout, allowed, sizeof allowed);
    call_fail(run->call, "timed out after %s; %" PRId64 " of %" PRId64 " tasks were done", allowed,
              pool_done(run->pool), run->args->tasks);
}

static void pool_run_end(void *data)
{
    struct pool_run *run = data;
    if (run->args->live && !run->args->unordered)
        pool_run_show_settled(run);
    run->ended(run);
}

static const struct pool_ops pool_run_ops = {.assign = pool_run_assign,
                                             .output = pool_run_print_line,
                                             .short_of = pool_run_tell_short,
                                             .arrived = pool_run_show,
                                             .timed_out = pool_run_tell_timeout,
                                             .ended = pool_run_end};

int pool_run_check(struct call *call, const struct pool_args *args)
{
    int status = launch_check(call, &args->work, 0, args->workers - 1);
    if (status != STATUS_OK)
        return status;
    if (args->poison >= args->tasks)
        return call_misuse(call, "--poison must be one of the tasks: there are %" PRId64,
                           args->tasks);
    if (args->fail >= args->tasks)
        return call_misuse(call, "--fail must be one of the tasks: there are %" PRId64,
                           args->tasks);
    return STATUS_OK;
}

bool pool_run_begin(struct pool_run *run)
{
    const struct pool_args *args = run->args;
    const struct pool_plan plan = {.workers = args->workers,
                                   .tasks = args->tasks,
                                   .map = (enum map)args->map,
                                   .chunk = args->chunk,
                                   .unordered = args->unordered,
                                   .delivery = (enum delivery)args->delivery,
                                   .in_order = args->live && !args->unordered,
                                   .max_tasks = args->max_tasks,
                                   .retries = args->retries,
                                   .timeout = args->timeout,
                                   .initializer = (enum initializer)args->init,
                                   .poison = args->poison,
                                   .fail = args->fail,
                                   .needs_all = run->needs_all};
    const char *failed;
    run->shown = 0;
    run->pool = pool_new(&plan, &pool_run_ops, run, &failed);
    if (!run->pool) {
        call_fail(run->call, "%s: %s; the results of %" PRId64 " tasks would have no place", failed,
                  strerror(errno), args->tasks);
        return false;
    }
    if (!run->call->job)
        call_job(run->call, &pool_job_ops, run->pool)->daemon = args->work.daemon;
    pool_start(run->pool, run->call->job);
    return true;
}

void pool_run_free(struct pool_run *run)
{
    if (run->pool)
        pool_free(run->pool);
    run->pool = NULL;
}

bool pool_run_is_whole(const struct pool_run *run)
{
    const struct call *call = run->call;
    return pool_end(run->pool) == POOL_OVER && !call->interrupted && !call->failed;
}

static const char *pool_run_gap(const void *data, int64_t index)
{
    return scheduler_gap_word(scheduler_gap(data, index));
}

void pool_run_print(const struct pool_run *run)
{
    const struct pool *pool = run->pool;
    const struct scheduler *scheduler = pool_scheduler(pool);
    bool gaps = pool_has_gaps(pool);
    if (json_output_is_on())
        json_output_results(run->call->job->id, pool_results(pool), pool_result_count(pool),
                            gaps ? pool_run_gap : NULL, scheduler);
    else
        list_print("Pool: ", pool_results(pool), pool_result_count(pool), run->args->all,
                   gaps ? pool_run_gap : NULL, scheduler);
}

// Adds "3, 5, ...": the first few of `count` tasks, which `next` finds.
static void pool_run_add_tasks(const struct scheduler *scheduler, int64_t count,
                               int64_t (*next)(const struct scheduler *, int64_t),
                               struct text *text)
{
    int64_t shown = 0;
    for (int64_t task = next(scheduler, 0); task >= 0 && shown < 5;
         task = next(scheduler, task + 1))
        text_print(text, "%s%" PRId64, shown++ > 0 ? ", " : "", task);
    if (shown < count)
        text_add_string(text, ", ...");
}

static int pool_run_report_lost(const struct pool_run *run)
{
    const struct scheduler *scheduler = pool_scheduler(run->pool);
    int64_t lost = scheduler_count_lost(scheduler);
    struct text which = {0};
    pool_run_add_tasks(scheduler, lost, scheduler_next_lost, &which);
    const char *why = pool_was_given_up(run->pool) ? "given up, as too many workers died in a row"
                      : lost > 1                   ? "their workers died with them in hand"
                      : run->args->retries > 0     ? "its workers died with it in hand"
                                                   : "its worker died with it in hand";
    call_fail(run->call, "%" PRId64 " of %" PRId64 " task%s %s lost: %s; %s", lost,
              run->args->tasks, run->args->tasks == 1 ? "" : "s", lost == 1 ? "is" : "are",
              text_string(&which), why);
    text_free(&which);
    return STATUS_FAILED;
}

static int pool_run_report_failed(const struct pool_run *run)
{
    const struct scheduler *scheduler = pool_scheduler(run->pool);
    int64_t failed = scheduler_count_failed(scheduler);
    struct text which = {0};
    pool_run_add_tasks(scheduler, failed, scheduler_next_failed, &which);
    call_fail(run->call, "%" PRId64 " of %" PRId64 " task%s failed: %s; no worker died of that",
              failed, run->args->tasks, run->args->tasks == 1 ? "" : "s", text_string(&which));
    text_free(&which);
    return STATUS_FAILED;
}

// Says of a pool of which all tasks were tried which of them have no result.
static int pool_run_report_tasks(const struct pool_run *run)
{
    const struct scheduler *scheduler = pool_scheduler(run->pool);
    int status = STATUS_OK;
    if (scheduler_count_lost(scheduler) > 0)
        status = pool_run_report_lost(run);
    if (scheduler_count_failed(scheduler) > 0)
        status = pool_run_report_failed(run);
    return status;
}

static int pool_run_report_unstarted(const struct pool_run *run)
{
    const struct job *job = run->call->job;
    const char *why = strerror(pool_error(run->pool));
    if (pool_workers(run->pool) == 0)
        return call_fail(run->call, "%s: %s; 0 of %" PRId64 " worker%s started", job->failed_call,
                         why, run->args->workers, run->args->workers == 1 ? " was" : "s were");
    return call_fail(run->call,
                     "%s: %s; no worker is left to go on with: %" PRId64 " of %" PRId64
                     " tasks were done",
                     job->failed_call, why, pool_done(run->pool), run->args->tasks);
}

int pool_run_conclude(struct pool_run *run)
{
    struct call *call = run->call;
    int64_t unprepared = pool_count_unprepared(run->pool);
    if (call->interrupted)
        return summary_conclude(call);
    if (call->failed)
        return STATUS_FAILED;
    switch (pool_end(run->pool)) {
    case POOL_OVER:
        return pool_run_report_tasks(run);
    case POOL_UNSTARTED:
        return pool_run_report_unstarted(run);
    case POOL_UNPREPARED:
        return call_fail(call,
                         "given up: the initializer failed in %" PRId64
                         " worker%s, and in none it succeeded",
                         unprepared, unprepared == 1 ? "" : "s");
    case POOL_TIMED_OUT:
    case POOL_ENDED:
        break;
    }
    if (call->dismissed)
        return STATUS_OK;
    return call_fail(call, "it was ended; %" PRId64 " of %" PRId64 " tasks were done",
                     pool_done(run->pool), run->args->tasks);
}

struct times pool_run_times(const struct pool_run *run)
{
    return (struct times){.wall = pool_wall(run->pool),
                          .cpu = summary_cpu(run->call->job, pool_first_worker(run->pool))};
}
