// SPDX-License-Identifier: GPL-3.0-or-later
// wait: joins workers or jobs.
#include "commands/table.h"

#include "base/fail.h"
#include "base/number.h"
#include "process/loop.h"
#include "process/target.h"
#include "shell/call.h"

#include <stdlib.h>

struct wait_args {
    struct words targets;
    bool any;
    int64_t timeout;
};

static const struct arg args[] = {
    {"TARGET", ARG_TARGETS, false, offsetof(struct wait_args, targets), 0, 0, 0, NULL,
     "workers or jobs: a name, a pid, %J; all if left out"},
    {"--any", ARG_FLAG, false, offsetof(struct wait_args, any), 0, 0, 0, NULL,
     "until one of them has ended"},
    {"--timeout", ARG_DURATION, false, offsetof(struct wait_args, timeout), 0, DURATION_MAX, -1,
     NULL, "fails after T; the workers go on"},
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

static void add_job(struct waiting *waiting, struct job *job)
{
    waiting->jobs = must_realloc(waiting->jobs, waiting->job_count + 1, sizeof(struct job *));
    waiting->jobs[waiting->job_count++] = job;
}

static size_t count_ended(const struct waiting *waiting)
{
    size_t ended = 0;
    for (size_t i = 0; i < waiting->workers.count; i++)
        ended += waiting->workers.workers[i]->finished;
    for (size_t i = 0; i < waiting->job_count; i++)
        ended += waiting->jobs[i]->done;
    return ended;
}

static size_t count_all(const struct waiting *waiting)
{
    return waiting->workers.count + waiting->job_count;
}

static int join_status(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->job_count; i++)
        if (waiting->jobs[i]->done && waiting->jobs[i]->status != STATUS_OK)
            return call_fail(waiting->call, "%%%u failed", waiting->jobs[i]->id);
    return STATUS_OK;
}

static bool is_over(const struct waiting *waiting)
{
    size_t ended = count_ended(waiting);
    return ended == count_all(waiting) || (waiting->any && ended > 0);
}

static void drop_timer(struct waiting *waiting)
{
    if (waiting->timer)
        loop_cancel(waiting->timer);
    waiting->timer = NULL;
}

static void time_out(void *data)
{
    struct waiting *waiting = data;
    const struct wait_args *wait_args = waiting->call->args;
    char allowed[32];
    waiting->timer = NULL;
    number_format_duration(wait_args->timeout, allowed, sizeof allowed);
    size_t left = count_all(waiting) - count_ended(waiting);
    call_finish(waiting->call,
                call_fail(waiting->call, "timed out after %s; %zu of %zu had not ended", allowed,
                          left, count_all(waiting)));
}

static void check(struct call *call)
{
    if (!is_over(call->state))
        return;
    drop_timer(call->state); // which may be due in this very turn
    call_finish(call, join_status(call->state));
}

static void give_up(struct call *call)
{
    drop_timer(call->state);
    call_finish(call, call_fail(call, "interrupted; the workers go on"));
}

static void show_progress(const struct call *call, struct progress *progress)
{
    const struct waiting *waiting = call->state;
    progress->unit = "ended";
    progress->done = (int64_t)count_ended(waiting);
    progress->total = (int64_t)count_all(waiting);
}

static void free_waiting(struct call *call)
{
    struct waiting *waiting = call->state;
    drop_timer(waiting);
    targets_free(&waiting->workers);
    free(waiting->jobs);
    free(waiting);
}

static const struct call_ops wait_ops = {
    .interrupt = give_up, .changed = check, .progress = show_progress, .free = free_waiting};

// Adds whom one word means; a %J as a job, which is more than its workers of now.
static bool add_target(struct waiting *waiting, const char *word, struct text *error)
{
    if (word[0] != '%')
        return targets_add(&waiting->workers, word, false, error);
    struct job *job = target_job(word, error);
    if (job)
        add_job(waiting, job);
    return job != NULL;
}

// Who is stopped would be waited for in vain, by a script for ever.
static const struct worker *find_stopped(const struct waiting *waiting)
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

static int find_all(struct call *call, struct waiting *waiting)
{
    const struct wait_args *wait_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < wait_args->targets.count && status == STATUS_OK; i++)
        if (!add_target(waiting, wait_args->targets.all[i], &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    if (wait_args->targets.count == 0)
        for (struct job *job = jobs_first(); job; job = job->next)
            if (!job->done)
                add_job(waiting, job);
    return status;
}

static int run(struct call *call)
{
    const struct wait_args *wait_args = call->args;
    struct waiting *waiting = must_calloc(1, sizeof *waiting);
    *waiting = (struct waiting){.call = call, .any = wait_args->any};
    call->state = waiting;
    call->ops = &wait_ops;
    jobs_collect();
    int status = find_all(call, waiting);
    if (status != STATUS_OK)
        return status;
    if (is_over(waiting))
        return join_status(waiting);
    const struct worker *stopped = find_stopped(waiting);
    if (stopped && !wait_args->any && wait_args->timeout < 0)
        return call_fail(call, "%s is stopped and would not end; 'cont' it first",
                         text_visible(stopped->name));
    if (wait_args->timeout >= 0)
        waiting->timer = loop_after(wait_args->timeout, time_out, waiting);
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
    .run = run,
};
