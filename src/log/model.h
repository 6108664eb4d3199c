// SPDX-License-Identifier: GPL-3.0-or-later
// What each worker does, holds and waits for, by the event log alone: the one place that folds
// events, one after another, into the state of jobs, workers and objects; of now, and of any
// earlier moment.
#ifndef FORKLAB_LOG_MODEL_H
#define FORKLAB_LOG_MODEL_H

#include "log/events.h"
#include "log/objects.h"
#include "log/outcome.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Done jobs, and workers in them, that are remembered.
enum { JOBS_KEPT = 500, WORKERS_KEPT = 20000 };

// The bytes of the longest name of a worker, and its end.
#define WORKER_NAME_ROOM 64

// Tasks of a pool that a worker was given at once.
struct model_chunk {
    uint32_t number; // counts the worker's chunks from 1
    int64_t first, count;
    int64_t left; // tasks without a result
};

struct model_worker {
    uint32_t number;
    bool known; // the log tells of it; else a number that no worker has
    bool daemon;
    bool in_pool;
    bool stopped, lost, dead, reaped;
    char name[WORKER_NAME_ROOM]; // "" when it is not known any more
    int64_t pid;                 // 0 when it is not known any more
    int64_t said_pid, said_parent;
    enum claim claim;
    int64_t progress;           // up to PROGRESS_WHOLE
    int64_t results;            // as it said when it was done; -1 before
    int64_t dealt, done;        // tasks of a pool
    struct model_chunk *chunks; // in flight; the first one is in hand
    size_t chunk_count, chunk_room;
    uint32_t chunks_dealt;
    uint16_t waits_for;  // an object, or NO_OBJECT
    int64_t waits_since; // when that began
    bool gives_up;       // that wait has an end of its own
    uint16_t *held;      // the objects that it has, the last one that it got at the end
    size_t held_count, held_room;
    int64_t began, ended; // when it was forked and died, or 0
    int64_t exit_code;    // of a dead one: -1 when a signal ended it
    int64_t exit_signal;  // that signal, or 0
    int64_t cpu_ns;       // of a dead one
    uint64_t met;         // the last search of waits.c that met it
};

struct model_job {
    uint32_t id;
    char *title;          // the command as typed, or "" when it is not known any more
    int64_t cores;        // when it began
    int64_t began, ended; // 0 where it is not known, or has not ended
    enum outcome outcome; // of a done one
    bool is_whole;        // its beginning was folded in
    bool done;
    bool deals;                    // it is a pool
    struct model_worker **workers; // by number
    size_t count, room;
    struct model_object *objects; // number N is objects[N - 1]
    size_t object_count, object_room;
};

// All zero is the model of an empty log; model_free() ends it.
struct model {
    struct model_job **jobs; // oldest first; old done ones are forgotten
    size_t count, room;
    struct model_job *last; // that an event was about
};

void model_free(struct model *model);

// Returns the model of the session, which the log's listener feeds.
struct model *model_now(void);

// Return a job, and a worker of it; NULL when there is none, or it is forgotten.
struct model_job *model_job(const struct model *model, uint32_t id);
const struct model_worker *model_worker(const struct model_job *job, int64_t number);

// Returns an object of a job; NULL when there is none.
const struct model_object *model_object(const struct model_job *job, int64_t number);

// Makes a job of which nothing is known; model_free_job() ends it. The second makes it the youngest
// of a model, which forgets old ones.
struct model_job *model_new_job(uint32_t id);
struct model_job *model_add_job(struct model *model, uint32_t id);

// Returns a worker of a job; makes it, and all before it, if it is not there.
struct model_worker *model_worker_of(struct model_job *job, uint32_t number);

// Sets a job's title; "" for NULL.
void model_rename(struct model_job *job, const char *title);

// Fills in names and pids that the log has dropped, as far as the session's model still knows the
// job; true if it does.
bool model_recall(struct model_job *job);
void model_free_job(struct model_job *job);

// What a worker is doing.
enum activity {
    ACTIVITY_STARTING,
    ACTIVITY_WORKING,
    ACTIVITY_IDLE,    // in a pool, without tasks
    ACTIVITY_HOLDING, // works, and has an object
    ACTIVITY_WAITING, // for an object
    ACTIVITY_STOPPED,
    ACTIVITY_ZOMBIE, // or reaped
};
#define ACTIVITIES (ACTIVITY_ZOMBIE + 1)
enum activity model_activity(const struct model_worker *worker);

// Returns the object that this activity is about: it waits for it, or got it last; or NO_OBJECT.
uint16_t model_activity_object(const struct model_worker *worker);

// A worker's state, as `jobs` has it.
enum state {
    STATE_RUNNING,
    STATE_WAITING,
    STATE_STOPPED,
    STATE_ZOMBIE,
    STATE_LOST,
    STATE_EXITED,
    STATE_KILLED,
};
#define STATES (STATE_KILLED + 1)
enum state model_state(const struct model_worker *worker);

// Returns the number of the youngest job in the log, or 0 when there is none.
uint32_t model_last_job(void);

#endif
