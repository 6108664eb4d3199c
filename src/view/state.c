// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/state.h"

#include "base/must.h"
#include "base/slab.h"
#include "base/signal.h"
#include "worker/frame.h"
#include "jobs/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct slab job_records = {.size = sizeof(struct state_job)};
static struct slab worker_records = {.size = sizeof(struct state_worker)};

static void state_free_job(struct state_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        slab_give(&worker_records, job->workers[i]);
    free(job->workers);
    free(job->title);
    slab_give(&job_records, job);
}

void state_free(struct state *state)
{
    for (size_t i = 0; i < state->count; i++)
        state_free_job(state->jobs[i]);
    free(state->jobs);
    *state = (struct state){0};
}

// Most events are about the youngest jobs.
static struct state_job *state_find_job(const struct state *state, uint32_t id)
{
    for (size_t i = state->count; i > 0; i--)
        if (state->jobs[i - 1]->id == id)
            return state->jobs[i - 1];
    return NULL;
}

const struct state_job *state_job(const struct state *state, uint32_t id)
{
    return state_find_job(state, id);
}

static bool state_has_unreaped(const struct state_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->known && !job->workers[i]->reaped)
            return true;
    return false;
}

// Forgets the oldest done jobs, but none that jobs_forget() still keeps: what is a job can be
// looked at.
static void state_forget_old(struct state *state)
{
    size_t jobs = 0, workers = 0, kept = 0;
    for (size_t i = 0; i < state->count; i++) {
        jobs += state->jobs[i]->done;
        workers += state->jobs[i]->done ? state->jobs[i]->count : 0;
    }
    for (size_t i = 0; i < state->count; i++) {
        struct state_job *job = state->jobs[i];
        bool many = jobs > JOBS_KEPT || workers > WORKERS_KEPT, youngest = i + 1 == state->count;
        if (job->done && many && !youngest && !state_has_unreaped(job)) {
            jobs--;
            workers -= job->count;
            state_free_job(job);
        } else {
            state->jobs[kept++] = job;
        }
    }
    state->count = kept;
}

static void state_add_job(struct state *state, const struct event *event)
{
    state_forget_old(state);
    struct state_job *job = slab_take(&job_records);
    *job = (struct state_job){.id = event->job,
                              .title = must_strdup(event->text ? event->text : ""),
                              .lock_owner = NO_WORKER};
    state->jobs = must_realloc(state->jobs, state->count + 1, sizeof(struct state_job *));
    state->jobs[state->count++] = job;
}

static void state_add_worker(struct state_job *job, const struct event *event)
{
    if (event->worker >= job->room) {
        job->room = (size_t)event->worker * 2 + 8;
        job->workers = must_realloc(job->workers, job->room, sizeof(struct state_worker *));
    }
    while (job->count <= event->worker)
        job->workers[job->count++] = slab_take(&worker_records);
    struct state_worker *worker = job->workers[event->worker];
    *worker = (struct state_worker){.number = event->worker, .known = true, .pid = event->a};
    snprintf(worker->name, sizeof worker->name, "%s", event->text ? event->text : "");
}

bool state_is_at_barrier(const struct state_worker *worker)
{
    return worker->known && !worker->dead && worker->claim == CLAIM_AT_BARRIER;
}

bool state_is_at_lock(const struct state_worker *worker)
{
    return worker->known && !worker->dead && worker->claim == CLAIM_AT_LOCK;
}

int64_t state_arrived(const struct state_job *job)
{
    int64_t arrived = 0;
    for (size_t i = 0; i < job->count; i++)
        arrived += state_is_at_barrier(job->workers[i]);
    return arrived;
}

// The barrier lets everyone go, released or broken.
static void state_open_barrier(struct state_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (state_is_at_barrier(job->workers[i]))
            job->workers[i]->claim = CLAIM_WORKING;
}

// Nobody reports that it lets the lock go: it has when it does something else, or is dead.
static void state_let_lock_go(struct state_job *job, const struct state_worker *worker)
{
    if (job->lock_owner == worker->number)
        job->lock_owner = NO_WORKER;
}

static void state_claim(struct state_job *job, struct state_worker *worker,
                        const struct event *event)
{
    if (event->a < CLAIM_STARTING || event->a > CLAIM_DONE)
        return;
    state_let_lock_go(job, worker);
    worker->claim = (enum claim)event->a;
    job->locks |= worker->claim == CLAIM_AT_LOCK;
    // Whoever asks for the lock has computed everything.
    worker->progress = worker->claim == CLAIM_AT_LOCK ? PROGRESS_WHOLE : event->b;
}

static void state_arrive(struct state_job *job, struct state_worker *worker,
                         const struct event *event)
{
    state_let_lock_go(job, worker);
    // At a broken barrier nobody waits.
    worker->claim = job->broken ? CLAIM_WORKING : CLAIM_AT_BARRIER;
    worker->progress = PROGRESS_WHOLE;
    job->parties = event->b;
}

static void state_die_off(struct state_job *job, struct state_worker *worker,
                          const struct event *event)
{
    state_let_lock_go(job, worker);
    worker->dead = true;
    worker->stopped = false;
    worker->ended = event->time;
    worker->exit_code = event->a;
    worker->exit_signal = event->b;
}

static void state_add_to_worker(struct state_job *job, struct state_worker *worker,
                                const struct event *event)
{
    switch (event->kind) {
    case EVENT_HELLO:
    case EVENT_PASSED:
        worker->claim = CLAIM_WORKING;
        break;
    case EVENT_CLAIMED:
        state_claim(job, worker, event);
        break;
    case EVENT_ARRIVED:
        state_arrive(job, worker, event);
        break;
    case EVENT_LOCKED:
        worker->claim = CLAIM_WORKING;
        job->lock_owner = worker->number;
        job->locks = true;
        break;
    case EVENT_DEALT:
        job->deals = true;
        worker->dealt += event->b;
        break;
    case EVENT_RESULTS:
        worker->done += event->b;
        break;
    case EVENT_WORK_DONE:
        state_let_lock_go(job, worker);
        worker->claim = CLAIM_DONE;
        worker->progress = PROGRESS_WHOLE;
        break;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
        worker->stopped = event->kind == EVENT_STOPPED;
        break;
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
        worker->lost = true;
        break;
    case EVENT_DIED:
        state_die_off(job, worker, event);
        break;
    case EVENT_REAPED:
        worker->reaped = true;
        break;
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_FORKED:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
    case EVENT_OUTPUT:
    case EVENT_TASK_LOST:
    case EVENT_FAILED:
    case EVENT_SIGNALLED:
    case EVENT_TORN:
    case EVENT_ORPHAN:
    case EVENT_MAIN_ENDED:
    case EVENT_CALL:
    case EVENT_OBJECT:
    case EVENT_WAITS:
    case EVENT_HOLDS:
    case EVENT_LETS_GO:
    case EVENT_GOES_ON:
    case EVENT_VALUE:
    case EVENT_WOKE:
    case EVENT_DEADLOCK:
    case EVENT_KINDS:
        break;
    }
}

static void state_add_to_job(struct state_job *job, const struct event *event)
{
    if (event->kind == EVENT_FORKED)
        state_add_worker(job, event);
    else if (event->kind == EVENT_RELEASED || event->kind == EVENT_BROKEN)
        state_open_barrier(job);
    if (event->kind == EVENT_BROKEN)
        job->broken = true;
    if (event->kind == EVENT_JOB_DONE)
        job->done = true;
    if (event->worker < job->count && job->workers[event->worker]->known)
        state_add_to_worker(job, job->workers[event->worker], event);
}

void state_add(struct state *state, const struct event *event)
{
    if (event->kind == EVENT_JOB_STARTED) {
        state_add_job(state, event);
        return;
    }
    struct state_job *job = state_find_job(state, event->job);
    if (job)
        state_add_to_job(job, event);
}

static const char *state_living_word(const struct state_worker *worker)
{
    if (worker->lost)
        return "lost";
    if (worker->stopped)
        return "stopped";
    return state_is_at_barrier(worker) || state_is_at_lock(worker) ? "waiting" : "running";
}

void state_word(const struct state_worker *worker, char *text, size_t size)
{
    if (!worker->dead)
        snprintf(text, size, "%s", state_living_word(worker));
    else if (!worker->reaped)
        snprintf(text, size, "zombie");
    else if (worker->exit_signal)
        snprintf(text, size, "killed %s", signal_name((int)worker->exit_signal));
    else
        snprintf(text, size, "exited %d", (int)worker->exit_code);
}
