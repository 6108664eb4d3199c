// SPDX-License-Identifier: GPL-3.0-or-later
// One job over time, from what the log still has of it, as plain data for every picture and every
// account: its events, and a lane for each worker, cut into slices by what it did.
#ifndef FORKLAB_LOG_PAST_H
#define FORKLAB_LOG_PAST_H

#include "log/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An index into the events that stands for "it did not happen".
#define NEVER SIZE_MAX

// Times are monotonic ns, as in the log. A slice always lasts: begin < end.
struct slice {
    int64_t begin, end;
    enum activity activity;
    uint16_t object; // that it waits for or has, or NO_OBJECT
    uint32_t chunk;  // of a pool's worker: counts its chunks from 1; 0 when it has none in hand
    int64_t first, count; // tasks of that chunk
};

// The slices follow each other in time and never overlap.
struct lane {
    const struct model_worker *worker; // as it is at the end
    struct slice *slices;
    size_t count, room;
    size_t done, died, reaped; // indices of these events, or NEVER
    bool closed;               // no slice follows
    struct slice open;         // begins at the last change
};

// From the first arrival of a round to its release, or to where the barrier broke.
struct meeting_span {
    int64_t begin, end;
    int64_t round;
    uint16_t object;
    bool released;
};

struct past {
    struct model_job *job; // as it is at the end
    int64_t begin, end; // of what is shown: workers that are not reaped last longer than their job
    int64_t origin;     // when the job began, from which times count; `begin` if it is not known
    int64_t done_at;    // of a job that is not done `end`
    uint64_t dropped;   // events that the log has dropped, of all jobs
    bool knows_origin;  // false when the log has dropped it and the job is forgotten
    bool has_lanes;     // the log tells more of it than system calls
    const struct event **events;
    size_t event_count, event_room;
    struct lane *lanes; // by worker number
    size_t lane_count, lane_room;
    size_t workers;             // that the job had: more than lanes when the log has dropped some
    const struct event **marks; // what pictures mark, in order
    size_t mark_count, mark_room;
    size_t releases; // how many of the marks are EVENT_RELEASED
    struct meeting_span *spans;
    size_t span_count, span_room;
};

// Reads a job out of the log, with names from the model of now where the log has dropped them. What
// has not ended lasts until `now`. NULL when the log has no event of that job. Events point into
// the log: they are valid until the next one is added. past_free() releases the rest.
struct past *past_read(uint32_t job, int64_t now);

// The same as it was at `time`: what happened later is not read, and what had not ended lasts until
// then.
struct past *past_read_until(uint32_t job, int64_t time);
void past_free(struct past *past);

// Returns the lane of a worker, or NULL.
const struct lane *past_lane(const struct past *past, int64_t worker);

// Returns the index of the first event of that kind, or NEVER.
size_t past_find(const struct past *past, enum event_kind kind);

// Returns the index of the lane's first slice that ends after `time`; its count when there is none.
size_t past_slice_at(const struct lane *lane, int64_t time);

#endif
