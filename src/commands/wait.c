// SPDX-License-Identifier: GPL-3.0-or-later
// wait: joins workers or jobs.
#include "commands/table.h"

#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "os/loop.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "jobs/reaper.h"

#include <stdlib.h>

struct wait_args {
    struct words targets;
    bool any, failed;
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
    {.name = "--failed",
     .type = ARG_FLAG,
     .field = offsetof(struct wait_args, failed),
     .help = "until one of them has failed, or a worker of one of them; or all have ended"},
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
    bool any, failed;
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

static void wait_say_ended(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->workers.count; i++) {
        const struct worker *worker = waiting->workers.workers[i];
        char state[64];
        worker_state(worker, state, sizeof state);
        if (worker->finished)
            out_print("%s (%d) has ended: %s\n", text_visible(worker->name), (int)worker->shown_pid,
                      state);
    }
    for (size_t i = 0; i < waiting->job_count; i++)
        if (waiting->jobs[i]->done)
            out_print("%%%u has ended: %s\n", waiting->jobs[i]->id,
                      outcome_word(waiting->jobs[i]->outcome));
}

static int wait_join_status(const struct waiting *waiting)
{
    if (waiting->any)
        wait_say_ended(waiting);
    for (size_t i = 0; i < waiting->job_count; i++)
        if (waiting->jobs[i]->done && waiting->jobs[i]->status != STATUS_OK)
            return call_fail(waiting->call, "%%%u failed", waiting->jobs[i]->id);
    return STATUS_OK;
}

// Returns a worker among them that has ended and did not do what it was to do, or NULL.
static const struct worker *wait_find_failed(struct worker *const *workers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (workers[i]->finished && !worker_did_well(workers[i]))
            return workers[i];
    return NULL;
}

// The same of all that is waited for. Workers that are replaced are no failure of their job.
static const struct worker *wait_find_failure(const struct waiting *waiting)
{
    const struct worker *failed =
        wait_find_failed(waiting->workers.workers, waiting->workers.count);
    for (size_t i = 0; i < waiting->job_count && !failed; i++)
        if (!waiting->jobs[i]->replaces)
            failed = wait_find_failed(waiting->jobs[i]->workers, waiting->jobs[i]->count);
    return failed;
}

static bool wait_has_failed_job(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->job_count; i++)
        if (waiting->jobs[i]->done && waiting->jobs[i]->status != STATUS_OK)
            return true;
    return false;
}

static bool wait_is_over(const struct waiting *waiting)
{
    size_t ended = wait_count_ended(waiting);
    if (waiting->failed && (wait_has_failed_job(waiting) || wait_find_failure(waiting)))
        return true;
    return ended == wait_count_all(waiting) || (waiting->any && ended > 0);
}

// Says how it is over. Returns the status.
static int wait_conclude(const struct waiting *waiting)
{
    char how[128];
    const struct worker *failed = waiting->failed ? wait_find_failure(waiting) : NULL;
    if (!failed)
        return wait_join_status(waiting);
    worker_describe_end(failed, how, sizeof how);
    return call_fail(waiting->call, "%s (%d) %s", text_visible(failed->name),
                     (int)failed->shown_pid, how);
}

// One that gets SIGKILL ends all the same.
static bool wait_is_stuck(const struct worker *worker)
{
    return worker_lives(worker) && worker->kill_at == 0 && worker_is_stopped_now(worker);
}

// Returns a stopped worker without which the job can't end, or NULL.
static const struct worker *wait_find_stuck(const struct job *job)
{
    for (size_t i = job->first_alive; i < job->count && !job->done && job->deadline == 0; i++)
        if (wait_is_stuck(job->workers[i]))
            return job->workers[i];
    return NULL;
}

// Returns the first of the named workers that is stopped, or NULL; with `*hope`, one of them can
// still end.
static const struct worker *wait_find_hopeless_worker(const struct waiting *waiting, bool *hope)
{
    const struct worker *stuck = NULL;
    *hope = false;
    for (size_t i = 0; i < waiting->workers.count; i++) {
        const struct worker *worker = waiting->workers.workers[i];
        if (!wait_is_stuck(worker))
            *hope = *hope || !worker->finished;
        else if (!stuck)
            stuck = worker;
    }
    return stuck;
}

// The same for the jobs: the first stopped worker of one of them.
static const struct worker *wait_find_hopeless_job(const struct waiting *waiting, bool *hope)
{
    const struct worker *stuck = NULL;
    *hope = false;
    for (size_t i = 0; i < waiting->job_count; i++) {
        const struct job *job = waiting->jobs[i];
        const struct worker *worker = wait_find_stuck(job);
        bool stands = worker && (waiting->any || job->standing_since > 0);
        *hope = *hope || (!job->done && !stands);
        if (!stuck)
            stuck = worker;
    }
    return stuck;
}

// Returns a stopped worker that is in the way of what is waited for, or NULL. Where one end will
// do, it is in the way only when nothing else can end.
static const struct worker *wait_find_hopeless(const struct waiting *waiting)
{
    bool worker_hope, job_hope;
    const struct worker *worker = wait_find_hopeless_worker(waiting, &worker_hope);
    const struct worker *of_job = wait_find_hopeless_job(waiting, &job_hope);
    if ((waiting->any || waiting->failed) && (worker_hope || job_hope))
        return NULL;
    return worker ? worker : of_job;
}

// Returns STATUS_PENDING while there is something to wait for.
static int wait_judge(const struct waiting *waiting)
{
    const struct wait_args *wait_args = waiting->call->args;
    const struct worker *hopeless = NULL;
    if (wait_is_over(waiting))
        return wait_conclude(waiting);
    if (wait_args->timeout < 0)
        hopeless = wait_find_hopeless(waiting);
    if (!hopeless)
        return STATUS_PENDING;
    return call_fail(waiting->call, "%s is stopped and would not end; 'cont' it first",
                     text_visible(hopeless->name));
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
    int status = wait_judge(call->state);
    if (status == STATUS_PENDING)
        return;
    wait_drop_timer(call->state); // which may be due in this very turn
    call_finish(call, status);
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

// Adds what one word names; a %J as a job, to which workers may still be added.
static bool wait_add_target(struct waiting *waiting, const char *word, struct text *error)
{
    if (word[0] != '%' || !target_is_job(word))
        return targets_add(&waiting->workers, word, false, error);
    struct job *job = target_job(word, error);
    if (job)
        wait_add_job(waiting, job);
    return job != NULL;
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
    if (wait_args->any && wait_args->failed)
        return call_misuse(call, "--any and --failed are two ways to wait; give one of them");
    struct waiting *waiting = must_calloc(1, sizeof *waiting);
    *waiting = (struct waiting){.call = call, .any = wait_args->any, .failed = wait_args->failed};
    call->state = waiting;
    call->ops = &wait_ops;
    reaper_collect();
    int status = wait_find_all(call, waiting);
    if (status != STATUS_OK)
        return status;
    if (waiting->any && wait_count_all(waiting) == 0)
        return call_fail(call, "no job is left that could end");
    status = wait_judge(waiting);
    if (status == STATUS_PENDING && wait_args->timeout >= 0)
        waiting->timer = loop_after(wait_args->timeout, wait_time_out, waiting);
    return status;
}

const struct command command_wait = {
    .name = "wait",
    .group = "Controlling",
    .summary = "joins workers or jobs that run in the background",
    .details =
        "It fails when a job that it joins has failed, and when all that is left to wait for is "
        "stopped, be it now or later. --any says which has ended, and fails when nothing is "
        "left that could end; --failed says what has failed, and fails then.",
    .example = "wait %1 --timeout 2s",
    .args = args,
    .args_size = sizeof(struct wait_args),
    .run = wait_run,
};
