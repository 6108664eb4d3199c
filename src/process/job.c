// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/job.h"

#include "base/clock.h"
#include "base/fail.h"
#include "process/channel.h"
#include "process/events.h"
#include "process/fork.h"
#include "process/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Done jobs, and workers in them, that are remembered.
enum { JOBS_KEPT = 500, WORKERS_KEPT = 20000 };

static struct job *jobs;
static uint32_t last_job;
static uint64_t last_worker; // counts every worker of the session, for the default names

struct job *jobs_first(void)
{
    return jobs;
}

struct job *jobs_find(uint32_t id)
{
    struct job *job = jobs;
    while (job && job->id != id)
        job = job->next;
    return job;
}

size_t jobs_living(void)
{
    size_t living = 0;
    for (struct job *job = jobs; job; job = job->next)
        for (size_t i = 0; i < job->count && !job->done; i++)
            living += worker_lives(job->workers[i]);
    return living;
}

struct job *job_new(const char *title, const struct job_ops *ops, void *data)
{
    struct job *job = must_calloc(1, sizeof *job);
    *job = (struct job){.id = ++last_job,
                        .title = must_strdup(title),
                        .ops = ops,
                        .data = data,
                        .started = clock_now()};
    struct job **place = &jobs;
    while (*place)
        place = &(*place)->next;
    *place = job;
    events_add(EVENT_JOB_STARTED, job->id, NO_WORKER, 0, 0, title);
    return job;
}

// Kills everyone whose grace is over, and comes again for the others.
static void end_grace(void *data)
{
    struct job *job = data;
    int64_t now = clock_now(), next = 0;
    job->grace = NULL;
    for (size_t i = 0; i < job->count; i++) {
        struct worker *worker = job->workers[i];
        if (worker->kill_at == 0 || !worker_lives(worker))
            continue;
        if (worker->kill_at <= now)
            worker_signal(worker, SIGKILL);
        else if (next == 0 || worker->kill_at < next)
            next = worker->kill_at;
    }
    if (next > 0)
        job->grace = loop_after(next - now, end_grace, job);
}

// From now on it has GRACE_NS to end.
static void begin_grace(struct worker *worker)
{
    worker->kill_at = clock_now() + GRACE_NS;
    if (!worker->job->grace)
        worker->job->grace = loop_after(GRACE_NS, end_grace, worker->job);
}

static void worker_lost(struct worker *worker, enum event_kind why)
{
    if (worker->lost || !worker_lives(worker))
        return;
    worker->lost = true;
    worker->lost_by = why;
    events_add(why, worker->job->id, worker->number, 0, 0, NULL);
    job_end_worker(worker);
    worker->ended_by_us = false; // that it ends is still a failure
    if (worker->job->ops->lost)
        worker->job->ops->lost(worker);
}

static void lose_all_of(struct job *job, const struct channel *channel, enum event_kind why)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->channel == channel)
            worker_lost(job->workers[i], why);
}

static void hear_garbage(void *data, struct channel *channel)
{
    lose_all_of(data, channel, EVENT_GARBAGE);
}

// A process that exits closes its pipe a moment before the kernel calls it dead; only one that means to
// live on is silent. When nobody can tell which, it has until the end of its grace to prove it.
static void hear_end(void *data, struct channel *channel)
{
    struct worker *only = channel_only(channel);
    if (!only || !worker_is_alive_now(only))
        return;
    switch (worker_is_exiting(only)) {
    case EXITING_NO:
        lose_all_of(data, channel, EVENT_PIPE_CLOSED);
        break;
    case EXITING_YES:
        break;
    case EXITING_UNKNOWN:
        begin_grace(only);
        break;
    }
}

static void log_frame(const struct worker *worker, const struct frame *frame, const void *block)
{
    uint32_t job = worker->job->id, number = worker->number;
    char line[FRAME_ATOMIC + 1];
    switch ((enum frame_type)frame->type) {
    case FRAME_HELLO:
        events_add(EVENT_HELLO, job, number, frame->a, frame->b, NULL);
        break;
    case FRAME_STATE:
        events_add(EVENT_CLAIMED, job, number, frame->a, frame->b, NULL);
        break;
    case FRAME_ARRIVED:
        events_add(EVENT_ARRIVED, job, number, frame->a, 0, NULL);
        break;
    case FRAME_PASSED:
        events_add(EVENT_PASSED, job, number, frame->a, frame->b, NULL);
        break;
    case FRAME_LOCKED:
        events_add(EVENT_LOCKED, job, number, frame->a, 0, NULL);
        break;
    case FRAME_OUTPUT:
        snprintf(line, sizeof line, "%.*s", (int)frame->length, (const char *)block);
        events_add(EVENT_OUTPUT, job, number, 0, 0, line);
        break;
    case FRAME_ERROR:
        events_add(EVENT_FAILED, job, number, frame->a, 0, worker->failed);
        break;
    case FRAME_RESULTS:
        events_add(EVENT_RESULTS, job, number, frame->a, frame->b, NULL);
        break;
    case FRAME_DONE:
        events_add(EVENT_WORK_DONE, job, number, frame->a, 0, NULL);
        break;
    case FRAME_CHUNK:
    case FRAME_STOP:
    case FRAME_TYPE_END:
        break;
    }
}

// Keeps what a worker says about itself.
static void believe(struct worker *worker, const struct frame *frame)
{
    switch ((enum frame_type)frame->type) {
    case FRAME_STATE:
        if (frame->a >= CLAIM_STARTING && frame->a <= CLAIM_DONE)
            worker->claim = (enum claim)frame->a;
        if (frame->b >= 0 && frame->b <= PROGRESS_WHOLE)
            worker->progress = frame->b;
        break;
    case FRAME_ARRIVED:
        worker->claim = CLAIM_AT_BARRIER;
        break;
    case FRAME_HELLO:
    case FRAME_PASSED:
    case FRAME_LOCKED:
        worker->claim = CLAIM_WORKING;
        break;
    case FRAME_DONE:
        worker->claim = CLAIM_DONE;
        worker->results = frame->a;
        worker->progress = PROGRESS_WHOLE;
        break;
    case FRAME_OUTPUT:
    case FRAME_RESULTS:
    case FRAME_ERROR:
    case FRAME_CHUNK:
    case FRAME_STOP:
    case FRAME_TYPE_END:
        break;
    }
}

// A number outside the job, or another worker's, is a lie: nobody can speak for others from a pipe of
// its own. A block of results that is not as long as it says is one, too.
static struct worker *speaker(struct job *job, struct channel *channel, const struct frame *frame)
{
    const size_t size = sizeof(int64_t);
    if (frame->type == FRAME_RESULTS &&
        (frame->length % size != 0 || frame->b != (int64_t)(frame->length / size)))
        return NULL;
    if (frame->type == FRAME_CHUNK || frame->type == FRAME_STOP)
        return NULL;
    if (frame->type != FRAME_RESULTS && frame->length > FRAME_ATOMIC)
        return NULL;
    if (frame->worker >= job->count || job->workers[frame->worker]->channel != channel)
        return NULL;
    return job->workers[frame->worker];
}

static void keep_failure(struct worker *worker, const struct frame *frame, const void *block)
{
    char call[64];
    snprintf(call, sizeof call, "%.*s", (int)frame->length, (const char *)block);
    snprintf(worker->failed, sizeof worker->failed, "%s: %s", call, strerror((int)frame->a));
}

static void hear_frame(void *data, struct channel *channel, const struct frame *frame,
                       const void *block)
{
    struct job *job = data;
    struct worker *worker = speaker(job, channel, frame);
    if (!worker) {
        hear_garbage(job, channel);
        return;
    }
    if (worker->lost)
        return;
    if (frame->type == FRAME_ERROR)
        keep_failure(worker, frame, block);
    believe(worker, frame);
    log_frame(worker, frame, block);
    if (job->ops->frame && !job->ops->frame(worker, frame, block))
        hear_garbage(job, channel);
}

static const struct channel_ops hear_ops = {hear_frame, hear_garbage, hear_end};

// Finds or opens the channel for the next worker.
static struct channel *channel_for(struct job *job, const struct assignment *assignment)
{
    if (assignment->own_pipe)
        return channel_open(&hear_ops, job, &job->failed_call);
    if (!job->shared)
        job->shared = channel_open(&hear_ops, job, &job->failed_call);
    return job->shared;
}

struct birth {
    struct self self;
    const struct assignment *assignment;
};

static int be_born(void *data, const char *failed)
{
    struct birth *birth = data;
    if (failed) {
        report_failure(&birth->self, failed);
        return 1;
    }
    return birth->assignment->run(&birth->self, birth->assignment->argument);
}

// Opens what the worker needs and forks it; pid, channel and down_fd are set. False with errno.
static bool give_birth(struct worker *worker, const struct assignment *assignment)
{
    struct job *job = worker->job;
    int down[2] = {-1, -1};
    struct birth birth = {assignment->self, assignment};
    birth.self.number = worker->number;
    birth.self.name = worker->name;
    worker->channel = channel_for(job, assignment);
    if (!worker->channel)
        return false;
    job->failed_call = "pipe2";
    if (assignment->down_pipe && pipe2(down, O_CLOEXEC) < 0)
        goto err;
    job->failed_call = "fcntl(O_NONBLOCK)";
    if (assignment->down_pipe && fcntl(down[1], F_SETFL, O_NONBLOCK) < 0)
        goto err;
    job->failed_call = "fork";
    worker->pid = fork_worker(channel_worker_end(worker->channel), down[0], be_born, &birth);
    if (worker->pid < 0)
        goto err;
    worker->down_fd = down[1];
    if (down[0] >= 0)
        close(down[0]);
    if (assignment->own_pipe) {
        channel_set_only(worker->channel, worker);
        channel_close_worker_end(worker->channel);
    }
    return true;
err:;
    int error = errno;
    if (down[0] >= 0) {
        close(down[0]);
        close(down[1]);
    }
    if (assignment->own_pipe)
        channel_close(worker->channel);
    errno = error;
    return false;
}

static char *worker_name(const char *name)
{
    char standard[32];
    snprintf(standard, sizeof standard, "Process-%llu", (unsigned long long)last_worker + 1);
    return must_strdup(name ? name : standard);
}

struct worker *job_start(struct job *job, const struct assignment *assignment)
{
    // Before the fork: whoever is forked must be found by jobs_kill_all().
    if (job->count == job->room) {
        job->room = job->room ? job->room * 2 : 8;
        job->workers = must_realloc(job->workers, job->room, sizeof(struct worker *));
    }
    struct worker *worker = must_calloc(1, sizeof *worker);
    *worker = (struct worker){.job = job,
                              .name = worker_name(assignment->name),
                              .number = (uint32_t)job->count,
                              .daemon = assignment->daemon,
                              .exit_code = -1,
                              .exit_wanted = assignment->self.exit_status,
                              .forked = clock_now(),
                              .results = -1,
                              .down_fd = -1};
    if (!give_birth(worker, assignment)) {
        int error = errno;
        free(worker->name);
        free(worker);
        errno = error;
        return NULL;
    }
    last_worker++;
    worker->shown_pid = worker->pid;
    worker_enlist(worker);
    job->workers[job->count++] = worker;
    job->unfinished++;
    events_add(EVENT_FORKED, job->id, worker->number, worker->pid, 0, worker->name);
    return worker;
}

bool job_tell(struct worker *worker, enum frame_type type, int64_t a, int64_t b)
{
    struct frame frame = {.type = (uint16_t)type, .worker = worker->number, .a = a, .b = b};
    if (worker->down_fd < 0) {
        errno = EBADF;
        return false;
    }
    return frame_write(worker->down_fd, frame, NULL, 0);
}

void job_end_worker(struct worker *worker)
{
    if (!worker_lives(worker) || worker->kill_at > 0)
        return;
    worker_end(worker, SIGTERM);
    begin_grace(worker);
}

void job_cancel(struct job *job)
{
    if (job->done)
        return;
    for (size_t i = 0; i < job->count; i++) {
        if (job->cancelled && worker_lives(job->workers[i]))
            worker_end(job->workers[i], SIGKILL);
        else
            job_end_worker(job->workers[i]);
    }
    bool before = job->cancelled;
    job->cancelled = true;
    if (!before && job->ops->cancelled)
        job->ops->cancelled(job);
}

void job_finish(struct job *job, int status)
{
    BUG_IF(job->done || job->unfinished > 0);
    job->done = true;
    job->status = status;
    job->ended = clock_now();
    job->data = NULL;
    if (job->grace)
        loop_cancel(job->grace);
    job->grace = NULL;
    if (job->shared)
        channel_close(job->shared);
    job->shared = NULL;
    events_add(EVENT_JOB_DONE, job->id, NO_WORKER, status, 0, NULL);
    if (job->on_done)
        job->on_done(job);
}

static void forget(struct job *job)
{
    struct job **place = &jobs;
    while (*place != job)
        place = &(*place)->next;
    *place = job->next;
    for (size_t i = 0; i < job->count; i++) {
        if (job->workers[i]->pid > 0)
            worker_delist(job->workers[i]);
        free(job->workers[i]->name);
        free(job->workers[i]);
    }
    free(job->workers);
    free(job->title);
    free(job);
}

static bool has_zombies(const struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->kernel == KERNEL_ZOMBIE)
            return true;
    return false;
}

void jobs_forget(bool all)
{
    size_t kept = 0, workers = 0;
    for (struct job *job = jobs; job; job = job->next) {
        kept++;
        workers += job->count;
    }
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        if (!all && kept <= JOBS_KEPT && workers <= WORKERS_KEPT)
            return;
        if (!job->done || (!all && (has_zombies(job) || !next)))
            continue;
        kept--;
        workers -= job->count;
        forget(job);
    }
}
