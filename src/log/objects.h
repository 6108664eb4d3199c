// SPDX-License-Identifier: GPL-3.0-or-later
// What workers of a job share, as the model has it: each object's holders, waiters and value.
#ifndef FORKLAB_LOG_OBJECTS_H
#define FORKLAB_LOG_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model_job;
struct model_worker;

// The bytes of the longest name of an object, and its end.
#define OBJECT_NAME_ROOM 32

struct holder {
    uint32_t worker;
    bool is_silent; // it does not tell when it lets go: it has when it does something else
    int64_t amount;
};

struct model_object {
    uint16_t number;
    bool known;                  // the log told that it was made
    int64_t kind;                // index of its kind; 0 when that is not known
    char name[OBJECT_NAME_ROOM]; // "" when that is not known
    int64_t value;
    bool is_used;    // a worker waited for it or had it, or its value changed
    bool has_value;  // the log told it
    bool meets;      // all workers that wait there go on together
    int64_t parties; // how many meet there, or 0
    bool broken;     // no worker waits there any more
    struct holder *holders;
    size_t holder_count, holder_room;
    uint32_t *waiters; // the one that waits longest first
    size_t waiter_count, waiter_room;
};

// Returns an object of the job; makes it, and all before it, if it is not there.
struct model_object *objects_of(struct model_job *job, uint16_t number);

// A worker waits for an object from `time` on, unless that is broken; and waits no more.
void objects_wait(struct model_job *job, struct model_worker *worker, uint16_t number,
                  int64_t time);
void objects_leave(struct model_job *job, struct model_worker *worker);

// All that wait for an object go on.
void objects_wake_all(struct model_job *job, uint16_t number);

// A worker has so much of an object now; it waits for it no more. `dead_owner` had it before: a
// worker's number, OWNER_UNKNOWN or OWNER_NONE.
void objects_hold(struct model_job *job, struct model_worker *worker, uint16_t number,
                  struct holder holder, int64_t dead_owner);

// A worker lets so much of an object go; all of it for 0.
void objects_drop(struct model_job *job, struct model_worker *worker, uint16_t number,
                  int64_t amount);

// A worker does something else: it has let go what it holds silently.
void objects_drop_silent(struct model_job *job, struct model_worker *worker);

void objects_free(struct model_job *job);

#endif
