// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/lanes.h"

#include "base/must.h"
#include "sync/lock.h"
#include "worker/report.h"

#include <stdlib.h>
#include <string.h>

struct chunk {
    uint32_t number;
    int64_t first, count;
    int64_t left; // tasks without a result
};

// A worker as the events told so far make it. Of the chunks in flight the first one is in hand.
struct track {
    struct lane lane;
    size_t room;
    enum claim claim;
    bool stopped;
    bool in_pool;
    struct chunk *chunks;
    size_t chunk_count;
    uint32_t chunks_dealt;
    struct slice open; // begins at the last change
};

struct reading {
    struct lanes *lanes;
    struct track *tracks; // by worker number
    size_t count, room;
    size_t mark_room, span_room;
    bool broken;  // the barrier is
    int64_t last; // the time of the job's last event
};

static struct track *lanes_insert_track(struct reading *reading, size_t at, uint32_t worker,
                                        int64_t time)
{
    if (reading->count == reading->room) {
        reading->room = reading->room ? reading->room * 2 : 16;
        reading->tracks = must_realloc(reading->tracks, reading->room, sizeof *reading->tracks);
    }
    struct track *track = &reading->tracks[at];
    memmove(track + 1, track, (reading->count - at) * sizeof *track);
    reading->count++;
    *track = (struct track){.lane = {.worker = worker, .exit_code = -1},
                            .open = {.begin = time, .phase = PHASE_STARTING}};
    return track;
}

// Finds a worker's track, or begins it at `time`.
static struct track *lanes_track_of(struct reading *reading, uint32_t worker, int64_t time)
{
    size_t low = 0, high = reading->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reading->tracks[middle].lane.worker < worker)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < reading->count && reading->tracks[low].lane.worker == worker)
        return &reading->tracks[low];
    return lanes_insert_track(reading, low, worker, time);
}

static enum phase lanes_claimed_phase(const struct track *track)
{
    switch (track->claim) {
    case CLAIM_STARTING:
        return PHASE_STARTING;
    case CLAIM_AT_BARRIER:
        return PHASE_AT_BARRIER;
    case CLAIM_AT_LOCK:
        return PHASE_AT_LOCK;
    case CLAIM_WORKING:
    case CLAIM_DONE:
        break;
    }
    return track->in_pool && track->chunk_count == 0 ? PHASE_IDLE : PHASE_WORKING;
}

// What the worker is doing now, as a slice that has not begun.
static struct slice lanes_current(const struct track *track)
{
    struct slice slice = {.phase = track->lane.end == LANE_ZOMBIE ? PHASE_ZOMBIE
                                   : track->stopped               ? PHASE_STOPPED
                                                                  : lanes_claimed_phase(track)};
    if (slice.phase == PHASE_WORKING && track->chunk_count > 0) {
        slice.chunk = track->chunks[0].number;
        slice.first = track->chunks[0].first;
        slice.count = track->chunks[0].count;
    }
    return slice;
}

// Ends the open slice.
static void lanes_cut(struct track *track, int64_t time)
{
    struct lane *lane = &track->lane;
    if (time > track->open.begin && lane->end != LANE_REAPED) {
        if (lane->count == track->room) {
            track->room = track->room ? track->room * 2 : 8;
            lane->slices = must_realloc(lane->slices, track->room, sizeof *lane->slices);
        }
        lane->slices[lane->count] = track->open;
        lane->slices[lane->count++].end = time;
    }
    track->open.begin = time;
}

// Begins a new slice if what the worker does has changed.
static void lanes_update(struct track *track, int64_t time)
{
    struct slice now = lanes_current(track);
    if (now.phase == track->open.phase && now.chunk == track->open.chunk)
        return;
    lanes_cut(track, time);
    now.begin = track->open.begin;
    track->open = now;
}

// One that was not heard before its death had started all the same.
static void lanes_take_hello(struct track *track, const struct event *event)
{
    struct lane *lane = &track->lane;
    lane->pid = lane->pid ? lane->pid : event->a;
    track->claim = CLAIM_WORKING;
    if (lane->end != LANE_LIVES && lane->count > 0 &&
        lane->slices[lane->count - 1].phase == PHASE_STARTING)
        lane->slices[lane->count - 1].phase = PHASE_WORKING;
}

static void lanes_take_claim(struct track *track, int64_t claim)
{
    if (claim >= CLAIM_STARTING && claim <= CLAIM_DONE)
        track->claim = (enum claim)claim;
}

static void lanes_deal(struct track *track, const struct event *event)
{
    if (track->lane.end != LANE_LIVES)
        return;
    track->in_pool = true;
    track->chunks = must_realloc(track->chunks, track->chunk_count + 1, sizeof *track->chunks);
    track->chunks[track->chunk_count++] =
        (struct chunk){++track->chunks_dealt, event->a, event->b, event->b};
}

static void lanes_take_results(struct track *track, const struct event *event)
{
    // The last words of the dead are heard after their death.
    if (track->lane.end != LANE_LIVES)
        return;
    track->in_pool = true;
    track->claim = CLAIM_WORKING;
    struct chunk *chunk = track->chunks;
    if (track->chunk_count == 0 || event->a < chunk->first ||
        event->a >= chunk->first + chunk->count) {
        // The log has dropped when this chunk was dealt: it was in hand since the last change.
        track->open.phase = PHASE_WORKING;
        track->open.chunk = ++track->chunks_dealt;
        track->open.first = event->a;
        track->open.count = event->b;
        return;
    }
    chunk->left -= event->b;
    if (chunk->left <= 0)
        memmove(chunk, chunk + 1, --track->chunk_count * sizeof *chunk);
}

static void lanes_note_death(struct track *track, const struct event *event)
{
    track->lane.end = LANE_ZOMBIE;
    track->lane.exit_code = event->a;
    track->lane.signal = event->b;
    track->chunk_count = 0;
}

static void lanes_add_mark(struct reading *reading, const struct event *event)
{
    struct lanes *lanes = reading->lanes;
    if (lanes->mark_count == reading->mark_room) {
        reading->mark_room = reading->mark_room ? reading->mark_room * 2 : 16;
        lanes->marks = must_realloc(lanes->marks, reading->mark_room, sizeof(struct event *));
    }
    lanes->marks[lanes->mark_count++] = event;
}

// Returns the round that is open, or NULL.
static struct barrier_span *lanes_open_span(const struct lanes *lanes)
{
    if (lanes->span_count == 0 || lanes->spans[lanes->span_count - 1].end > 0)
        return NULL;
    return &lanes->spans[lanes->span_count - 1];
}

static void lanes_note_arrival(struct reading *reading, struct track *track,
                               const struct event *event)
{
    struct lanes *lanes = reading->lanes;
    // At a broken barrier nobody waits.
    if (reading->broken)
        return;
    track->claim = CLAIM_AT_BARRIER;
    if (lanes_open_span(lanes))
        return;
    if (lanes->span_count == reading->span_room) {
        reading->span_room = reading->span_room ? reading->span_room * 2 : 8;
        lanes->spans = must_realloc(lanes->spans, reading->span_room, sizeof *lanes->spans);
    }
    lanes->spans[lanes->span_count++] =
        (struct barrier_span){.begin = event->time, .round = event->a};
}

static void lanes_close_span(struct reading *reading, int64_t time, bool released)
{
    struct barrier_span *span = lanes_open_span(reading->lanes);
    if (!span)
        return;
    span->end = time;
    span->released = released;
}

// The barrier is broken: who waits there is freed at once.
static void lanes_free_waiting(struct reading *reading, int64_t time)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct track *track = &reading->tracks[i];
        if (track->claim != CLAIM_AT_BARRIER)
            continue;
        track->claim = CLAIM_WORKING;
        lanes_update(track, time);
    }
}

static void lanes_take_job_event(struct reading *reading, const struct event *event)
{
    struct lanes *lanes = reading->lanes;
    if (event->kind == EVENT_JOB_STARTED) {
        lanes->title = event->text;
        lanes->is_whole = true;
        lanes->knows_origin = true;
    } else if (event->kind == EVENT_JOB_DONE) {
        lanes->done = true;
        lanes->done_at = event->time;
        lanes->outcome = (enum outcome)event->b;
    } else if (event->kind == EVENT_RELEASED) {
        lanes_close_span(reading, event->time, true);
        lanes->releases++;
        lanes_add_mark(reading, event);
    } else if (event->kind == EVENT_BROKEN) {
        lanes_close_span(reading, event->time, false);
        reading->broken = true;
        lanes_free_waiting(reading, event->time);
        lanes_add_mark(reading, event);
    } else {
        lanes_add_mark(reading, event);
    }
}

// Whether it happened to a worker at one moment, which pictures mark.
static bool lanes_is_mark(const struct event *event)
{
    return event->kind == EVENT_SIGNALLED || event->kind == EVENT_DIED ||
           (event->kind == EVENT_LOCKED && event->a != LOCK_NOBODY) ||
           event->kind == EVENT_FAILED || event->kind == EVENT_PIPE_CLOSED ||
           event->kind == EVENT_STEP ||
           event->kind == EVENT_GARBAGE || event->kind == EVENT_TORN ||
           event->kind == EVENT_ORPHAN || event->kind == EVENT_TASK_LOST ||
           event->kind == EVENT_TASK_FAILED;
}

static void lanes_take_worker_event(struct reading *reading, const struct event *event)
{
    struct track *track = lanes_track_of(reading, event->worker, event->time);
    if (lanes_is_mark(event))
        lanes_add_mark(reading, event);
    switch (event->kind) {
    case EVENT_FORKED:
        track->lane.pid = event->a;
        track->lane.name = event->text;
        break;
    case EVENT_HELLO:
        lanes_take_hello(track, event);
        break;
    case EVENT_CLAIMED:
        lanes_take_claim(track, event->a);
        break;
    case EVENT_ARRIVED:
        lanes_note_arrival(reading, track, event);
        break;
    case EVENT_LOCKED:
    case EVENT_PASSED:
        track->claim = CLAIM_WORKING;
        break;
    case EVENT_WORK_DONE:
        track->claim = CLAIM_DONE;
        break;
    case EVENT_DEALT:
        lanes_deal(track, event);
        break;
    case EVENT_RESULTS:
        lanes_take_results(track, event);
        break;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
        track->stopped = event->kind == EVENT_STOPPED;
        break;
    case EVENT_DIED:
        lanes_note_death(track, event);
        break;
    case EVENT_REAPED:
        lanes_cut(track, event->time);
        track->lane.end = LANE_REAPED;
        break;
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
        track->lane.lost = true;
        break;
    case EVENT_FAILED:
    case EVENT_SIGNALLED:
    case EVENT_TORN:
    case EVENT_ORPHAN:
    case EVENT_OUTPUT:
    case EVENT_STEP:
    case EVENT_TASK_LOST:
    case EVENT_TASK_FAILED:
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
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
    lanes_update(track, event->time);
}

// Ends what is still open, and moves everything over into the lanes.
static void lanes_finish(struct reading *reading, int64_t now)
{
    struct lanes *lanes = reading->lanes;
    lanes->end = lanes->done ? reading->last : now;
    lanes->all = must_calloc(reading->count, sizeof *lanes->all);
    lanes->count = lanes->workers = reading->count;
    for (size_t i = 0; i < reading->count; i++) {
        struct track *track = &reading->tracks[i];
        track->lane.phase = track->open.phase;
        lanes_cut(track, now);
        lanes->all[i] = track->lane;
        if (track->lane.end != LANE_REAPED)
            lanes->end = now;
        free(track->chunks);
    }
    lanes->done_at = lanes->done ? lanes->done_at : lanes->end;
    lanes_close_span(reading, lanes->end, false);
    free(reading->tracks);
}

struct lanes *lanes_read(uint32_t job, int64_t now)
{
    struct lanes *lanes = must_calloc(1, sizeof *lanes);
    struct reading reading = {.lanes = lanes};
    bool found = false;
    *lanes = (struct lanes){.job = job, .title = "", .dropped = events_first()};
    for (uint64_t number = events_first(); number < events_end(); number++) {
        const struct event *event = events_get(number);
        // Lanes are about workers, not about what forklab asks the kernel for.
        if (event->job != job || event->kind == EVENT_CALL || event->kind == EVENT_MAIN_ENDED)
            continue;
        if (!found)
            lanes->origin = lanes->begin = event->time;
        found = true;
        reading.last = event->time;
        if (event->worker == NO_WORKER)
            lanes_take_job_event(&reading, event);
        else
            lanes_take_worker_event(&reading, event);
    }
    if (!found) {
        free(lanes);
        return NULL;
    }
    lanes_finish(&reading, now > reading.last ? now : reading.last);
    return lanes;
}

void lanes_free(struct lanes *lanes)
{
    if (!lanes)
        return;
    for (size_t i = 0; i < lanes->count; i++)
        free(lanes->all[i].slices);
    free(lanes->all);
    free(lanes->marks);
    free(lanes->spans);
    free(lanes);
}
