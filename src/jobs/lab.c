// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/lab.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/text.h"
#include "jobs/terminate.h"
#include "log/describe.h"
#include "log/model.h"
#include "os/loop.h"
#include "jobs/speaker.h"

#include <stdio.h>
#include <stdlib.h>

// How many workers are forked before the loop looks at everything else again: typed input must not
// wait for a thousand forks.
enum { LAB_AT_A_TURN = 8 };

// A signal to the job waits for a staggered start that is over within this time.
#define LAB_START_SOON (2 * NS_PER_S)

struct lab *lab_new(const struct lab_plan *plan, const struct lab_ops *ops, void *data)
{
    struct lab *lab = must_calloc(1, sizeof *lab);
    *lab = (struct lab){.plan = *plan, .ops = ops, .data = data};
    return lab;
}

static void lab_stop_timers(struct lab *lab)
{
    loop_stop(&lab->starting);
    loop_stop(&lab->pause);
    loop_stop(&lab->timeout);
    deadlock_stop(&lab->deadlocks);
}

void lab_free(struct lab *lab)
{
    if (!lab)
        return;
    lab_stop_timers(lab);
    sync_free(&lab->objects);
    free(lab);
}

struct lab *lab_of(const struct worker *worker)
{
    return worker->job->data;
}

void *lab_share(struct lab *lab, const struct sync_kind *kind, const char *name, uint32_t workers,
                int64_t capacity)
{
    lab->objects.job = lab->job->id;
    void *shared = sync_add(&lab->objects, kind, name, workers, capacity);
    lab->job->objects = (uint16_t)lab->objects.count;
    return shared;
}

void lab_name(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    snprintf(lab->name, sizeof lab->name, "p%u", number + 1);
    assignment->name = lab->name;
    lab->job->counted_from = 1;
}

static bool lab_wants_more(const struct lab *lab)
{
    int64_t due = lab->plan.first > 0 && !lab->rest ? lab->plan.first : lab->plan.workers;
    return !lab->stopped && !lab->job->cancelled && (int64_t)lab->job->count < due;
}

bool lab_start_next(struct lab *lab)
{
    struct assignment assignment = {0};
    lab->ops->assign(lab, (uint32_t)lab->job->count, &assignment);
    if (!assignment.run) {
        assignment.run = lab->plan.body;
        assignment.argument = lab->plan.argument;
    }
    if (job_start(lab->job, &assignment))
        return true;
    lab->stopped = true;
    if (lab->ops->not_started)
        lab->ops->not_started(lab);
    return false;
}

static void lab_settle(struct lab *lab);

static void lab_start_some(void *data)
{
    struct lab *lab = data;
    bool apart = lab->plan.start == LAB_STAGGERED && lab->plan.stagger > 0;
    lab->starting = NULL;
    const struct job *before = speaker_set(lab->job);
    for (int i = 0; i < (apart ? 1 : LAB_AT_A_TURN) && lab_wants_more(lab); i++)
        lab_start_next(lab);
    if (lab_wants_more(lab))
        lab->starting = loop_after(apart ? lab->plan.stagger : 0, lab_start_some, lab);
    lab_settle(lab);
    speaker_set(before);
}

void lab_start_rest(struct lab *lab)
{
    lab->rest = true;
    if (lab_wants_more(lab) && !lab->starting)
        lab->starting = loop_after(0, lab_start_some, lab);
}

// The one place that decides whether all is over: no worker lives, and none is to be started.
static void lab_settle(struct lab *lab)
{
    struct job *job = lab->job;
    if (job->done || job->unfinished > 0 || lab->starting || lab->pause)
        return;
    if (lab->plan.start == LAB_ONE_BY_ONE && lab_wants_more(lab) && lab_start_next(lab))
        return;
    lab_stop_timers(lab);
    job_finish(job, lab->ops->over(lab));
}

static void lab_time_out(void *data)
{
    struct lab *lab = data;
    lab->timeout = NULL;
    const struct job *before = speaker_set(lab->job);
    if (lab->ops->timed_out)
        lab->ops->timed_out(lab);
    lab_end(lab);
    lab_settle(lab);
    speaker_set(before);
}

static void lab_limit(struct lab *lab, int64_t ns)
{
    if (ns < 0 || lab->timeout)
        return;
    lab->timeout_ns = ns;
    lab->timeout = loop_after(ns, lab_time_out, lab);
}

static void lab_tell_stuck(struct lab *lab, const char *words)
{
    const struct job *before = speaker_set(lab->job);
    if (lab->ops->stuck)
        lab->ops->stuck(lab, words);
    speaker_set(before);
}

static void lab_tell_circle(void *data, const char *words)
{
    struct lab *lab = data;
    struct text sentence = {0};
    text_print(&sentence, "deadlock: %s", words);
    lab_tell_stuck(lab, text_string(&sentence));
    text_free(&sentence);
    lab_limit(lab, lab->plan.circle_timeout);
}

void lab_begin(struct lab *lab)
{
    lab->deadlocks =
        (struct deadlock_watch){.job = lab->job, .found = lab_tell_circle, .data = lab};
    lab_limit(lab, lab->plan.timeout);
    switch (lab->plan.start) {
    case LAB_TOGETHER:
    case LAB_STAGGERED:
        lab_start_some(lab);
        break;
    case LAB_ON_DEMAND:
        lab_start_next(lab);
        lab_settle(lab);
        break;
    case LAB_ONE_BY_ONE:
        lab_settle(lab);
        break;
    }
}

void lab_give_up(struct lab *lab)
{
    lab->stopped = true;
    lab_settle(lab);
}

static void lab_go_on(void *data)
{
    struct lab *lab = data;
    lab->pause = NULL;
    lab->after_pause(lab);
    lab_settle(lab);
}

void lab_after(struct lab *lab, int64_t ns, void (*next)(struct lab *lab))
{
    loop_stop(&lab->pause);
    lab->after_pause = next;
    lab->pause = loop_after(ns, lab_go_on, lab);
}

void lab_end(struct lab *lab)
{
    lab->stopped = true;
    loop_stop(&lab->starting);
    loop_stop(&lab->pause);
    for (size_t i = 0; i < lab->job->count; i++)
        terminate_worker(lab->job->workers[i]);
}

// Says which objects a stopped worker has that others wait for.
static void lab_tell_held_up(struct lab *lab, const struct model_worker *stopped, uint16_t number)
{
    const struct model_job *job = model_job(model_now(), lab->job->id);
    const struct model_object *object = model_object(job, number);
    struct text words = {0};
    if (object->waiter_count == 0)
        return;
    text_print(&words, "%s, which has %s, is stopped; %s", describe_worker(job, stopped->number),
               describe_object(job, number), describe_worker(job, object->waiters[0]));
    if (object->waiter_count > 1)
        text_print(&words, " and %zu more wait for it", object->waiter_count - 1);
    else
        text_add_string(&words, " waits for it");
    lab_tell_stuck(lab, text_string(&words));
    text_free(&words);
}

static void lab_stop(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    const struct model_job *job = model_job(model_now(), lab->job->id);
    const struct model_worker *stopped = model_worker(job, worker->number);
    for (size_t i = 0; stopped && i < stopped->held_count; i++)
        lab_tell_held_up(lab, stopped, stopped->held[i]);
}

// A worker begins to wait: for another that waits for it, or that is stopped?
static void lab_begin_wait(struct lab *lab, struct worker *worker)
{
    worker->waits_since = clock_now();
    deadlock_look(&lab->deadlocks, worker->number);
    const struct model_job *job = model_job(model_now(), lab->job->id);
    const struct model_worker *waiting = job ? model_worker(job, worker->number) : NULL;
    const struct model_object *object = waiting ? model_object(job, waiting->waits_for) : NULL;
    for (size_t i = 0; object && i < object->holder_count; i++) {
        const struct model_worker *holder = model_worker(job, object->holders[i].worker);
        if (holder && holder->stopped && object->waiter_count == 1)
            lab_tell_held_up(lab, holder, object->number);
    }
}

static void lab_end_wait(struct lab *lab, struct worker *worker)
{
    if (worker->waits_since == 0)
        return;
    int64_t waited = clock_now() - worker->waits_since;
    worker->waits_since = 0;
    lab->waits++;
    if (waited <= lab->longest_ns)
        return;
    lab->longest_ns = waited;
    lab->longest_of = worker->number;
}

static bool lab_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct lab *lab = lab_of(worker);
    if (frame->type == FRAME_WAITS)
        lab_begin_wait(lab, worker);
    else if (frame->type == FRAME_HOLDS || frame->type == FRAME_GOES_ON)
        lab_end_wait(lab, worker);
    return !lab->ops->frame || lab->ops->frame(worker, frame, block);
}

static void lab_lose(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    if (lab->ops->lost)
        lab->ops->lost(worker);
}

static void lab_tell_death(void *data, const struct sync *object, struct sync_death death)
{
    struct worker *worker = data;
    struct lab *lab = lab_of(worker);
    if (object->kind->value)
        events_log(&(struct event){.kind = EVENT_VALUE,
                                   .job = lab->job->id,
                                   .worker = NO_WORKER,
                                   .object = object->number,
                                   .a = object->kind->value(object->shared)});
    if (lab->ops->death)
        lab->ops->death(worker, object, death);
}

static void lab_join(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    sync_died(&lab->objects, worker->number, lab_tell_death, worker);
    if (lab->ops->ended)
        lab->ops->ended(worker);
    lab_settle(lab);
}

static void lab_cancel(struct job *job)
{
    struct lab *lab = job->data;
    loop_stop(&lab->starting);
    loop_stop(&lab->pause);
    lab_settle(lab);
}

static void lab_tell_plan(const struct job *job, struct job_plan *plan)
{
    const struct lab *lab = job->data;
    if (!lab_wants_more(lab))
        return;
    int64_t left = lab->plan.workers - (int64_t)job->count;
    bool now = lab->plan.start == LAB_TOGETHER ||
               (lab->plan.start == LAB_STAGGERED && left * lab->plan.stagger <= LAB_START_SOON);
    *(now ? &plan->starting : &plan->following) = left;
}

const struct job_ops lab_job_ops = {.frame = lab_hear,
                                    .lost = lab_lose,
                                    .ended = lab_join,
                                    .stopped = lab_stop,
                                    .cancelled = lab_cancel,
                                    .plan = lab_tell_plan};

double lab_progress(const struct lab *lab)
{
    double sum = 0;
    for (size_t i = 0; i < lab->job->count; i++) {
        const struct worker *worker = lab->job->workers[i];
        sum += worker->finished ? 1 : (double)worker->progress / PROGRESS_WHOLE;
    }
    return sum / (double)lab->plan.workers;
}

int64_t lab_finished(const struct lab *lab)
{
    int64_t finished = 0;
    for (size_t i = 0; i < lab->job->count; i++)
        finished += lab->job->workers[i]->finished;
    return finished;
}
