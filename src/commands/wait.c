// SPDX-License-Identifier: GPL-3.0-or-later
// wait: joins workers or jobs.
#include "commands/table.h"

#include "base/must.h"
#include "base/number.h"
#include "os/loop.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "jobs/reaper.h"

#include <stdlib.h>

struct wait_args {
    struct words targets;
    bool any;
    int64_t timeout;
};

static const struct arg args[] = {
    {.name = "TARGET",
     .type = ARG_TARGETS,
     .field = offsetof(struct wait_args, targets),
     .standard_is = "all",
     .help = "workers or jobs: a name, a pid, %J, %J.I"},
    {.name = "--any",
     .type = ARG_FLAG,
     .field = offsetof(struct wait_args, any),
     .help = "until one of them has ended"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct wait_args, timeout),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "fails after T; the workers go on"},
    {0},
};

struct waiting {
    struct call *call;
    struct targets workers; // those named
    struct job **jobs;      // those named, or all
    size_t job_count;
    struct timer *timer;
    bool any;
};

static void wait_add_job(struct waiting *waiting, struct job *job)
{
    waiting->jobs = must_realloc(waiting->jobs, waiting->job_count + 1, sizeof(struct job *));
    waiting->jobs[waiting->job_count++] = job;
}

static size_t wait_count_ended(const struct waiting *waiting)
{
    size_t ended = 0;
    for (size_t i = 0; i < waiting->workers.count; i++)
        ended += waiting->workers.workers[i]->finished;
    for (size_t i = 0; i < waiting->job_count; i++)
        ended += waiting->jobs[i]->done;
    return ended;
}

static size_t wait_count_all(const struct waiting *waiting)
{
    return waiting->workers.count + waiting->job_count;
}

static int wait_join_status(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->job_count; i++)
        if (waiting->jobs[i]->done && waiting->jobs[i]->status != STATUS_OK)
            return call_fail(waiting->call, "%%%u failed", waiting->jobs[i]->id);
    return STATUS_OK;
}

static bool wait_is_over(const struct waiting *waiting)
{
    size_t ended = wait_count_ended(waiting);
    return ended == wait_count_all(waiting) || (waiting->any && ended > 0);
}

static void wait_drop_timer(struct waiting *waiting)
{
    if (waiting->timer)
        loop_cancel(waiting->timer);
    waiting->timer = NULL;
}

static void wait_time_out(void *data)
{
    struct waiting *waiting = data;
    const struct wait_args *wait_args = waiting->call->args;
    char allowed[32];
    waiting->timer = NULL;
    number_format_duration(wait_args->timeout, allowed, sizeof allowed);
    size_t left = wait_count_all(waiting) - wait_count_ended(waiting);
    call_finish(waiting->call,
                call_fail(waiting->call, "timed out after %s; %zu of %zu had not ended", allowed,
                          left, wait_count_all(waiting)));
}

static void wait_check(struct call *call)
{
    if (!wait_is_over(call->state))
        return;
    wait_drop_timer(call->state); // which may be due in this very turn
    call_finish(call, wait_join_status(call->state));
}

static void wait_give_up(struct call *call)
{
    wait_drop_timer(call->state);
    call_finish(call, call_fail(call, "interrupted; the workers go on"));
}

static void wait_show_progress(const struct call *call, struct progress *progress)
{
    const struct waiting *waiting = call->state;
    progress->unit = "ended";
    progress->done = (int64_t)wait_count_ended(waiting);
    progress->total = (int64_t)wait_count_all(waiting);
}

static void wait_free_waiting(struct call *call)
{
    struct waiting *waiting = call->state;
    wait_drop_timer(waiting);
    targets_free(&waiting->workers);
    free(waiting->jobs);
    free(waiting);
}

static const struct call_ops wait_ops = {.interrupt = wait_give_up,
                                         .changed = wait_check,
                                         .progress = wait_show_progress,
                                         .free = wait_free_waiting};

// Adds whom one word means; a %J as a job, which is more than its workers of now.
static bool wait_add_target(struct waiting *waiting, const char *word, struct text *error)
{
    if (word[0] != '%')
        return targets_add(&waiting->workers, word, false, error);
    struct job *job = target_job(word, error);
    if (job)
        wait_add_job(waiting, job);
    return job != NULL;
}

// Who is stopped would be waited for in vain, by a script for ever.
static const struct worker *wait_find_stopped(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->workers.count; i++)
        if (worker_is_stopped_now(waiting->workers.workers[i]))
            return waiting->workers.workers[i];
    for (size_t i = 0; i < waiting->job_count; i++)
        for (size_t j = 0; j < waiting->jobs[i]->count; j++)
            if (worker_is_stopped_now(waiting->jobs[i]->workers[j]))
                return waiting->jobs[i]->workers[j];
    return NULL;
}

static int wait_find_all(struct call *call, struct waiting *waiting)
{
    const struct wait_args *wait_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < wait_args->targets.count && status == STATUS_OK; i++)
        if (!wait_add_target(waiting, wait_args->targets.all[i], &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    if (wait_args->targets.count == 0)
        for (struct job *job = jobs_first(); job; job = job->next)
            if (!job->done)
                wait_add_job(waiting, job);
    return status;
}

static int wait_run(struct call *call)
{
    const struct wait_args *wait_args = call->args;
    struct waiting *waiting = must_calloc(1, sizeof *waiting);
    *waiting = (struct waiting){.call = call, .any = wait_args->any};
    call->state = waiting;
    call->ops = &wait_ops;
    reaper_collect();
    int status = wait_find_all(call, waiting);
    if (status != STATUS_OK)
        return status;
    if (wait_is_over(waiting))
        return wait_join_status(waiting);
    const struct worker *stopped = wait_find_stopped(waiting);
    if (stopped && !wait_args->any && wait_args->timeout < 0)
        return call_fail(call, "%s is stopped and would not end; 'cont' it first",
                         text_visible(stopped->name));
    if (wait_args->timeout >= 0)
        waiting->timer = loop_after(wait_args->timeout, wait_time_out, waiting);
    return STATUS_PENDING;
}

const struct command command_wait = {
    .name = "wait",
    .group = "Controlling",
    .summary = "joins workers or jobs that run in the background",
    .details = "It fails when a job that it joins has failed.",
    .example = "wait %1 --timeout 2s",
    .args = args,
    .args_size = sizeof(struct wait_args),
    .run = wait_run,
};
