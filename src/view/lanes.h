// SPDX-License-Identifier: GPL-3.0-or-later
// One job as the event log tells it, as plain data for every picture: a lane for each worker, cut
// into slices. Nothing here looks at a live worker, so the same log gives the same lanes.
#ifndef FORKLAB_VIEW_LANES_H
#define FORKLAB_VIEW_LANES_H

#include "log/outcome.h"
#include "log/events.h"
#include "view/known.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a worker is doing. A worker of a pool works while it has a chunk in hand, and is idle else.
enum phase {
    PHASE_STARTING,
    PHASE_WORKING,
    PHASE_IDLE,
    PHASE_AT_BARRIER,
    PHASE_AT_LOCK,
    PHASE_STOPPED,
    PHASE_ZOMBIE,
};
#define PHASES (PHASE_ZOMBIE + 1)

// Returns "waiting at barrier" and the like.
const char *phase_name(enum phase phase);

// Times are monotonic ns, as in the log. A slice always lasts: begin < end.
struct slice {
    int64_t begin, end;
    enum phase phase;
    uint32_t chunk;       // counts the lane's chunks from 1; 0 when there is none in hand
    int64_t first, count; // tasks of that chunk
};

enum lane_end { LANE_LIVES, LANE_ZOMBIE, LANE_REAPED };

// The slices follow each other in time and never overlap.
struct lane {
    uint32_t worker; // number in its job
    const char *name;
    int64_t pid; // 0 when the log has dropped it
    struct slice *slices;
    size_t count;
    enum lane_end end;
    enum phase phase;  // of a worker that lives
    bool lost;         // it could not be heard any more
    int64_t exit_code; // of a dead one: -1 when a signal ended it
    int64_t signal;    // that signal, or 0
};

// From the first arrival of a round to its release, or to where the barrier broke.
struct barrier_span {
    int64_t begin, end;
    int64_t round;
    bool released;
};

struct lanes {
    uint32_t job;
    const char *title;  // the command as typed, or "" when nobody knows it any more
    int64_t begin, end; // of what is shown: workers that are not reaped last longer than their job
    int64_t origin;     // when the job began, from which times count; `begin` where nobody knows
    bool done;
    int64_t done_at;      // when it was; of a job that is not done `end`
    enum outcome outcome; // of a done job
    uint64_t dropped;     // events that the log has dropped, of all jobs
    bool is_whole;        // the job's beginning is still in the log
    bool knows_origin;    // nobody knows it when the log has dropped it and the job is forgotten
    struct lane *all;     // by worker number
    size_t count;
    size_t workers; // that the job had: more than lanes when the log has dropped all of some
    // What happened at one moment, in order: EVENT_SIGNALLED, _RELEASED, _BROKEN, _DIED, _LOCKED
    // (from a dead owner), _TASK_LOST, _FAILED, _PIPE_CLOSED, _GARBAGE, _TORN and _ORPHAN.
    const struct event **marks;
    size_t mark_count;
    size_t releases; // how many of the marks are EVENT_RELEASED
    struct barrier_span *spans;
    size_t span_count;
};

// Reads the job out of the log. What has not ended lasts until `now`. NULL when the log has no
// event of that job. Names, titles and marks point into the log: they are valid until an event is
// added. lanes_free() releases the rest.
struct lanes *lanes_read(uint32_t job, int64_t now);

// Fills in what the log has dropped: title, origin, names and pids. What is `known` must outlive
// the lanes.
void lanes_know(struct lanes *lanes, const struct known *known);

void lanes_free(struct lanes *lanes);

// Returns the lane of a worker, or NULL.
const struct lane *lanes_find(const struct lanes *lanes, uint32_t worker);

// What a mark is drawn as. A signal that could not be sent is only told, and so is all that has no
// sign.
enum drawn { DRAWN_NOT, DRAWN_RELEASE, DRAWN_BREAK, DRAWN_SIGNAL, DRAWN_DEATH, DRAWN_LOSS };
enum drawn mark_drawn(const struct event *mark);

// Whether a mark is told in words, too: all but releases and exits, which the lanes show by
// themselves.
bool mark_is_told(const struct event *mark);

// Writes the name of a lane, safe to show, into `text`: "#3" for a worker whose name was dropped.
void lane_format_name(const struct lane *lane, char *text, size_t size);

// Writes what became of it, in the words of `jobs`: running, waiting, stopped, zombie, exited 0,
// killed SIGTERM, lost.
void lane_format_end(const struct lane *lane, char *text, size_t size);

// Writes how many workers the job had, how long it took, and how it ended: "2 workers, 0.11 s,
// done". A job whose origin nobody knows has only its last part told: "its last 0.11 s".
void lanes_format_summary(const struct lanes *lanes, char *text, size_t size);

// Writes what the log has dropped, as a sentence without an end; "" when it has dropped nothing.
void lanes_format_dropped(const struct lanes *lanes, char *text, size_t size);

// Writes what a mark says: "SIGTERM to p1", "round 1 released", "p2 killed by SIGSEGV".
void lanes_format_mark(const struct lanes *lanes, const struct event *mark, char *text,
                       size_t size);

#endif
