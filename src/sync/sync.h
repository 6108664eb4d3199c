// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that the workers of one job share. Each lies in anonymous shared memory of its own,
// mapped before the workers are forked, so that its address is the same on both sides and nothing
// of it outlives the job.
#ifndef FORKLAB_SYNC_SYNC_H
#define FORKLAB_SYNC_SYNC_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What became of what a dead worker held: nothing was held, it went back or on to another, it is
// lost, or the object is broken for good.
enum sync_fate { SYNC_UNTOUCHED, SYNC_RETURNED, SYNC_LOST, SYNC_BROKEN };

// What the death of one worker meant for an object.
struct sync_death {
    enum sync_fate fate;
    int64_t amount; // how much it held: permits, items, levels of a lock; 0 for nothing
    int64_t item;   // which item, or -1 where items have no numbers
    bool waited;    // it was waiting there, and waits no more
};

// A primitive. It stands in a file of its own, and has a line in kinds.def.
struct sync_kind {
    const char *name; // "lock"
    // How a picture shows that a worker waits for one, in Unicode and in ASCII.
    const char *glyph, *mark;
    // Returns the bytes of an object for `workers` workers. `capacity` is the kind's own: the
    // initial value, the permits, the slots, the rounds.
    size_t (*size)(uint32_t workers, int64_t capacity);
    // In the parent, before the workers are forked: fills in memory that is all zero.
    void (*init)(void *shared, uint16_t object, uint32_t workers, int64_t capacity);
    // In the parent, once a worker is dead: takes back what it held. It never blocks. NULL where a
    // death means nothing, or the object notices by itself.
    struct sync_death (*died)(void *shared, uint32_t worker);
    // In the parent: the value now, for those kinds that have one; else NULL.
    int64_t (*value)(const void *shared);
    // In the parent: adds how things stand in words, "2 of 3 free". May be NULL.
    void (*describe)(const void *shared, struct text *text);
};

// All kinds, in the order of their numbers in the log (kinds.def); ends in NULL.
extern const struct sync_kind *const sync_kinds[];

#define SYNC_NAME_ROOM 24

// One object, as the parent knows it.
struct sync {
    const struct sync_kind *kind;
    char name[SYNC_NAME_ROOM]; // "lock A", "queue"
    uint16_t number;           // within its job, counted from 1
    size_t size;
    void *shared; // the kind's own struct, as the workers see it
};

// The objects of one job, in the parent. All zero but for `job` is none; sync_free() gives them
// back.
struct sync_set {
    uint32_t job;
    struct sync *all; // object N is all[N - 1]
    size_t count, room;
};

// No job has more objects, so that a number fits into a frame.
#define SYNC_MOST 65000

// Maps and initializes one more object, before any worker is forked, and logs both. `name` is NULL
// for the kind's own. Returns the memory that the workers share: a struct of the kind. NULL with
// mmap's errno.
void *sync_add(struct sync_set *set, const struct sync_kind *kind, const char *name,
               uint32_t workers, int64_t capacity);
void sync_free(struct sync_set *set);

// Returns object `number`; NULL for a number that is none's.
const struct sync *sync_find(const struct sync_set *set, uint16_t number);

// Returns the number of a kind in the log.
int64_t sync_kind_number(const struct sync_kind *kind);

// To be called once `worker` is dead: calls `died` of every object, and `each` with the objects
// that this changed.
typedef void sync_death_fn(void *data, const struct sync *object, struct sync_death death);
void sync_died(struct sync_set *set, uint32_t worker, sync_death_fn *each, void *data);

#endif
