// SPDX-License-Identifier: GPL-3.0-or-later
// How things stand, by the event log alone: folds one event after another into the present state of
// jobs and workers.
#ifndef FORKLAB_VIEW_STATE_H
#define FORKLAB_VIEW_STATE_H

#include "log/events.h"
#include "worker/report.h"
#include "jobs/worker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_worker {
    uint32_t number;
    bool known; // it was forked; else a number that nobody has
    char name[WORKER_NAME_ROOM];
    int64_t pid;
    int64_t ended; // when it died, or 0
    enum claim claim;
    int64_t progress;    // up to PROGRESS_WHOLE
    int64_t dealt, done; // tasks of a pool
    bool stopped, lost, dead, reaped;
    int64_t exit_code, exit_signal;
};

struct state_job {
    uint32_t id;
    char *title;
    struct state_worker **workers; // by number
    size_t count, room;
    bool done;
    bool deals;      // it is a pool
    int64_t parties; // of its barrier; 0 while none has arrived
    bool broken;
    bool locks;          // its workers share a lock
    uint32_t lock_owner; // or NO_WORKER
};

struct state {
    struct state_job **jobs; // oldest first
    size_t count;
};

// Folds one event in. All zero is the state before the first one; state_free() ends it.
void state_add(struct state *state, const struct event *event);
void state_free(struct state *state);

// Finds a job; NULL when there is none, or it is forgotten.
const struct state_job *state_job(const struct state *state, uint32_t id);

// Writes a worker's state in a word or two: running, waiting, stopped, zombie, exited N, killed
// SIGNAL or lost.
void state_word(const struct state_worker *worker, char *text, size_t size);

// True while it waits, alive, at the barrier or for the lock.
bool state_is_at_barrier(const struct state_worker *worker);
bool state_is_at_lock(const struct state_worker *worker);

// How many wait at the job's barrier.
int64_t state_arrived(const struct state_job *job);

#endif
