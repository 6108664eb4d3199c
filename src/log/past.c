// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/past.h"

#include "base/array.h"
#include "base/must.h"
#include "log/fold.h"
#include "log/schema.h"

#include <stdlib.h>

// While the log is read, the lane of worker N is lanes[N]; it has a worker once an event is about
// it.
static struct lane *past_lane_of(struct past *past, uint32_t worker, int64_t time)
{
    past->lanes =
        array_grow(past->lanes, &past->lane_room, (size_t)worker + 1, sizeof *past->lanes);
    while (past->lane_count <= worker)
        past->lanes[past->lane_count++] =
            (struct lane){.done = NEVER, .died = NEVER, .reaped = NEVER};
    struct lane *lane = &past->lanes[worker];
    if (!lane->worker)
        lane->open = (struct slice){.begin = time, .activity = ACTIVITY_STARTING};
    lane->worker = model_worker_of(past->job, worker);
    return lane;
}

// What the worker is doing now, as a slice that has not begun.
static struct slice past_current(const struct model_worker *worker)
{
    struct slice slice = {.activity = model_activity(worker),
                          .object = model_activity_object(worker)};
    if (slice.activity == ACTIVITY_WORKING && worker->chunk_count > 0) {
        slice.chunk = worker->chunks[0].number;
        slice.first = worker->chunks[0].first;
        slice.count = worker->chunks[0].count;
    }
    return slice;
}

// Ends the open slice.
static void past_cut(struct lane *lane, int64_t time)
{
    if (time > lane->open.begin && !lane->closed) {
        lane->slices = array_grow(lane->slices, &lane->room, lane->count + 1, sizeof *lane->slices);
        lane->slices[lane->count] = lane->open;
        lane->slices[lane->count++].end = time;
    }
    lane->open.begin = time;
}

// Begins a new slice if what the worker does has changed.
static void past_update(struct lane *lane, int64_t time)
{
    struct slice now = past_current(lane->worker);
    if (now.activity != lane->open.activity || now.object != lane->open.object ||
        now.chunk != lane->open.chunk) {
        past_cut(lane, time);
        now.begin = lane->open.begin;
        lane->open = now;
    }
    if (lane->worker->reaped) {
        past_cut(lane, time);
        lane->closed = true;
    }
}

// A worker that died without a report had started all the same.
static void past_correct_start(struct lane *lane)
{
    if (lane->worker->dead && lane->count > 0 &&
        lane->slices[lane->count - 1].activity == ACTIVITY_STARTING)
        lane->slices[lane->count - 1].activity = ACTIVITY_WORKING;
}

// The log has dropped when these tasks were given out: they were in hand since the last change.
static void past_correct_chunk(struct lane *lane, const struct event *event)
{
    struct model_worker *worker = (struct model_worker *)lane->worker;
    const struct model_chunk *chunk = worker->chunks;
    if (worker->dead || (worker->chunk_count > 0 && event->a >= chunk->first &&
                         event->a < chunk->first + chunk->count))
        return;
    lane->open.activity = ACTIVITY_WORKING;
    lane->open.chunk = ++worker->chunks_dealt;
    lane->open.first = event->a;
    lane->open.count = event->b;
}

static void past_note(struct lane *lane, const struct event *event, size_t index)
{
    if (event->kind == EVENT_WORK_DONE)
        lane->done = index;
    else if (event->kind == EVENT_DIED)
        lane->died = index;
    else if (event->kind == EVENT_REAPED)
        lane->reaped = index;
    else if (event->kind == EVENT_HELLO)
        past_correct_start(lane);
    else if (schema_of(event->kind)->effect == EFFECT_RESULTS)
        past_correct_chunk(lane, event);
}

// Returns the round that is open at an object, or NULL.
static struct meeting_span *past_open_span(const struct past *past, uint16_t object)
{
    for (size_t i = past->span_count; i > 0; i--)
        if (past->spans[i - 1].object == object)
            return past->spans[i - 1].end == 0 ? &past->spans[i - 1] : NULL;
    return NULL;
}

static void past_open_round(struct past *past, const struct event *event)
{
    const struct model_worker *worker = model_worker(past->job, event->worker);
    if (!worker || worker->waits_for != event->object || past_open_span(past, event->object))
        return;
    past->spans =
        array_grow(past->spans, &past->span_room, past->span_count + 1, sizeof *past->spans);
    past->spans[past->span_count++] =
        (struct meeting_span){.begin = event->time, .round = event->a, .object = event->object};
}

static void past_close_round(struct past *past, const struct event *event)
{
    struct meeting_span *span = past_open_span(past, event->object);
    bool released = event->kind == EVENT_RELEASED;
    past->releases += released;
    if (!span)
        return;
    span->end = event->time;
    span->released = released;
}

static void past_add(const struct event ***all, size_t *count, size_t *room,
                     const struct event *event)
{
    *all = array_grow(*all, room, *count + 1, sizeof **all);
    (*all)[(*count)++] = event;
}

// Returns a copy of the workers whose activity an event of this effect on an object changes,
// besides its own worker: those that wait there, or have it.
static uint32_t *past_affected(const struct past *past, const struct event *event, size_t *count)
{
    enum effect effect = schema_of(event->kind)->effect;
    const struct model_object *object = model_object(past->job, event->object);
    bool wakes = effect == EFFECT_WAKE_ALL || effect == EFFECT_BREAK;
    *count = 0;
    if (!object || !(wakes || effect == EFFECT_HOLD || effect == EFFECT_SIGN))
        return NULL;
    *count = wakes ? object->waiter_count : object->holder_count;
    uint32_t *workers = must_calloc(*count + 1, sizeof *workers);
    for (size_t i = 0; i < *count; i++)
        workers[i] = wakes ? object->waiters[i] : object->holders[i].worker;
    return workers;
}

static void past_take(struct past *past, const struct event *event)
{
    size_t affected;
    uint32_t *workers = past_affected(past, event, &affected);
    enum effect effect = schema_of(event->kind)->effect;
    struct lane *lane = NULL;
    if (event->worker != NO_WORKER) {
        lane = past_lane_of(past, event->worker, event->time);
        past_note(lane, event, past->event_count);
    }
    fold_event(past->job, event);
    if (lane)
        past_update(lane, event->time);
    for (size_t i = 0; workers && i < affected; i++)
        past_update(past_lane_of(past, workers[i], event->time), event->time);
    free(workers);
    if (effect == EFFECT_MEET)
        past_open_round(past, event);
    else if (effect == EFFECT_WAKE_ALL || effect == EFFECT_BREAK)
        past_close_round(past, event);
    if (schema_is_mark(event))
        past_add(&past->marks, &past->mark_count, &past->mark_room, event);
}

// Lanes are about workers, not about what forklab asks the kernel for.
static void past_take_next(struct past *past, const struct event *event)
{
    if (event->kind != EVENT_CALL && event->kind != EVENT_MAIN_ENDED) {
        if (!past->has_lanes)
            past->origin = past->begin = event->time;
        past->has_lanes = true;
        past->end = event->time;
        past_take(past, event);
    }
    past_add(&past->events, &past->event_count, &past->event_room, event);
}

// Fills in what the log has dropped.
static void past_recall(struct past *past, bool is_all)
{
    struct model_job *job = past->job;
    const struct model_job *known = model_job(model_now(), job->id);
    past->workers = past->lane_count;
    past->knows_origin = job->is_whole;
    if (!model_recall(job) || job->is_whole)
        return;
    if (is_all && !job->done && known->done) {
        job->done = true;
        job->ended = known->ended;
        job->outcome = known->outcome;
    }
    past->workers = known->count;
    past->origin = known->began < past->begin ? known->began : past->begin;
    past->knows_origin = true;
}

// Ends what is still open, and leaves only lanes of workers that the log tells of.
static void past_finish(struct past *past, int64_t now, bool is_all)
{
    size_t kept = 0;
    now = now > past->end ? now : past->end;
    past->end = past->job->done ? past->end : now;
    for (size_t i = 0; i < past->lane_count; i++) {
        struct lane *lane = &past->lanes[i];
        if (!lane->worker)
            continue;
        past_cut(lane, now);
        if (!lane->closed)
            past->end = now;
        past->lanes[kept++] = *lane;
    }
    past->lane_count = kept;
    past_recall(past, is_all);
    past->done_at = past->job->done ? past->job->ended : past->end;
    for (size_t i = 0; i < past->span_count; i++)
        if (past->spans[i].end == 0)
            past->spans[i].end = past->end;
}

static struct past *past_read_events(uint32_t job, int64_t until, int64_t now)
{
    struct past *past = must_calloc(1, sizeof *past);
    *past = (struct past){.job = model_new_job(job), .dropped = events_first()};
    for (uint64_t number = events_first(); number < events_end(); number++)
        if (events_get(number)->job == job && events_get(number)->time <= until)
            past_take_next(past, events_get(number));
    if (past->event_count == 0) {
        past_free(past);
        return NULL;
    }
    past_finish(past, now, until == INT64_MAX);
    return past;
}

struct past *past_read(uint32_t job, int64_t now)
{
    return past_read_events(job, INT64_MAX, now);
}

struct past *past_read_until(uint32_t job, int64_t time)
{
    return past_read_events(job, time, time);
}

void past_free(struct past *past)
{
    if (!past)
        return;
    for (size_t i = 0; i < past->lane_count; i++)
        free(past->lanes[i].slices);
    free(past->lanes);
    free(past->events);
    free(past->marks);
    free(past->spans);
    model_free_job(past->job);
    free(past);
}

static int past_is_before(const void *lane, const void *worker)
{
    return ((const struct lane *)lane)->worker->number < *(const int64_t *)worker;
}

const struct lane *past_lane(const struct past *past, int64_t worker)
{
    size_t at = array_lower_bound(past->lanes, past->lane_count, sizeof *past->lanes, &worker,
                                  past_is_before);
    bool found = at < past->lane_count && past->lanes[at].worker->number == worker;
    return found ? &past->lanes[at] : NULL;
}

size_t past_find(const struct past *past, enum event_kind kind)
{
    for (size_t i = 0; i < past->event_count; i++)
        if (past->events[i]->kind == kind)
            return i;
    return NEVER;
}

static int past_has_ended(const void *slice, const void *time)
{
    return ((const struct slice *)slice)->end <= *(const int64_t *)time;
}

size_t past_slice_at(const struct lane *lane, int64_t time)
{
    return array_lower_bound(lane->slices, lane->count, sizeof *lane->slices, &time,
                             past_has_ended);
}
