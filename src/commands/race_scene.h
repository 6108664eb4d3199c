// SPDX-License-Identifier: GPL-3.0-or-later
// What races: the shared memory of `race`, the counter with its kinds of locks, and the collection
// of faults.
#ifndef FORKLAB_COMMANDS_RACE_SCENE_H
#define FORKLAB_COMMANDS_RACE_SCENE_H

#include "base/text.h"
#include "sync/lock.h"
#include "worker/gate.h"

// A lock as a scene uses it. Between two gates `holder` is true to the lock.
struct race_lock {
    struct lock *lock;
    _Atomic uint32_t holder; // number + 1, or 0
    _Atomic uint32_t dead;   // the workers that are dead: the lock is free for them
};

enum { RACE_LOCKS = 3, RACE_CELLS = 4 };

// Shared by the workers; `x`, `cells` and the like mean what the scene says.
struct race_shared {
    int64_t times;
    const struct race_scene *scene;
    bool repaired;
    struct race_lock locks[RACE_LOCKS];
    _Atomic int64_t x, cells[RACE_CELLS];
    _Atomic int64_t own[GATE_WORKERS];  // a counter for each
    _Atomic int64_t done[GATE_WORKERS]; // what each has done, told by itself
    _Atomic int64_t saw[GATE_WORKERS];
    _Atomic uint32_t taken_over; // locks whose owner had died
    // Free runs of a fault: what each waits for, its word or its lock; which are through; and
    // whether none can go on any more, which ends the run.
    const _Atomic int64_t *_Atomic awaited[GATE_WORKERS];
    const struct race_lock *_Atomic wanted[GATE_WORKERS];
    _Atomic bool through[GATE_WORKERS];
    _Atomic bool hopeless;
    uint32_t workers;
};

struct race_scene {
    const char *name;
    const char *what;   // what the workers do
    const char *repair; // what the repaired one does otherwise
    uint32_t workers;   // 0: as many as asked for
    bool counts;        // its verbs "loads" and "stores" tell whose step is lost
    uint32_t steps;     // of a worker that never waits, each time; 0 if that differs
    void (*body)(struct race_shared *shared, uint32_t number);
    void (*repaired)(struct race_shared *shared, uint32_t number);
    // In the parent: returns what is wrong after an order, or NULL. Not asked when workers are
    // stuck.
    const char *(*fault)(const struct race_shared *shared, uint32_t workers);
};

// The counter, by --lock.
enum race_way { RACE_NONE, RACE_MUTEX, RACE_ATOMIC, RACE_PRIVATE, RACE_TWO, RACE_WAYS };
extern const char *const race_way_names[];
extern const struct race_scene race_counters[RACE_WAYS];

// The classic faults; ends in one without a name. race_bugs_find() finds one, or NULL.
extern const struct race_scene race_bugs[];
const struct race_scene *race_bugs_find(const char *name);

// In a worker: take a lock, by one step, and let it go, by another.
void race_take(struct race_shared *shared, uint32_t which, uint32_t number);
void race_drop(struct race_shared *shared, uint32_t which, uint32_t number);

// In a worker: wait, by one step, until `*word` is not 0.
void race_await(struct race_shared *shared, uint32_t number, const char *verb,
                const _Atomic int64_t *word);

// In a worker: read and write, by one step each.
int64_t race_load(const _Atomic int64_t *word, const char *verb, const char *name);
void race_store(_Atomic int64_t *word, const char *verb, const char *name, int64_t value);

// The same for what is only set.
void race_set(_Atomic int64_t *word, const char *verb);

// In a worker, at the end of its body.
void race_is_through(struct race_shared *shared, uint32_t number);

// In a worker whose order was given up: lets go what it holds.
void race_abandon(void *data, uint32_t number);

#endif
