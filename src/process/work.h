// SPDX-License-Identifier: GPL-3.0-or-later
// What workers compute. Only for use in a worker, but for the names and what has no `self`.
#ifndef FORKLAB_PROCESS_WORK_H
#define FORKLAB_PROCESS_WORK_H

#include "process/report.h"

#include <stddef.h>

// A list is shown whole up to LIST_WHOLE elements; of a longer one the first LIST_HEAD and the last
// LIST_TAIL, and the count.
#define LIST_WHOLE 20
#define LIST_HEAD  10
#define LIST_TAIL  3

// What do_something computed. Only what will be shown is kept, so that a thousand workers with big
// lists fit into memory.
struct results {
    int64_t count;
    double first[LIST_WHOLE];
    double last[LIST_TAIL];
};

// While signals are still blocked, so that no signal comes too early: catches SIGTERM if
// `self->graceful`, so that work_do_something() ends after its current result; ignores it if it is to be
// stubborn.
void work_prepare(const struct self *self);

// Computes sqrt(i) * sqrt(i) for i from 0 to size - 1, then goes on computing the same until
// `self->for_ns` have passed since it began. Half-way, a worker that is to misbehave does. Reports
// how far it is ten times a second.
void work_do_something(const struct self *self, int64_t size, struct results *results);

// Writes the list as Python prints it, "[0.0, 1.0]", into `text`.
void work_format_results(const struct results *results, char *text, size_t size);

// The functions that a pool maps, by their names as typed; the array of names ends in NULL.
enum map { MAP_SQUARE, MAP_PRIME, MAP_SLEEP };
extern const char *const map_names[];

// What a pool's worker is to do.
struct map_work {
    enum map map;
    bool initialize;          // says so first
    int64_t poison;           // the task that kills whoever runs it, or -1
    _Atomic int64_t *in_hand; // shared with the REPL: the task that it is at, or -1
};

// The life of a pool's worker: computes the chunks that come down its pipe and sends their results up
// until it is told to stop. Returns its exit status.
int work_map(const struct self *self, const struct map_work *work);

#endif
