// SPDX-License-Identifier: GPL-3.0-or-later
// What workers compute. Only for use in a worker, but for the names and what has no `self`.
#ifndef FORKLAB_WORKER_WORKLOAD_H
#define FORKLAB_WORKER_WORKLOAD_H

#include "base/clock.h"
#include "worker/report.h"

#include <stddef.h>
#include <stdint.h>

// How often a worker reports how far it is, in ns.
#define WORKLOAD_REPORT_EVERY (100 * NS_PER_MS)

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

// To be called while signals are still blocked, so that none comes too early: catches SIGTERM if
// `self->graceful`, so that workload_run() ends after its current result; ignores it if it is to be
// stubborn.
void workload_prepare(const struct self *self);

// Computes sqrt(i) * sqrt(i) for i from 0 to size - 1, then goes on computing the same until
// `self->for_ns` have passed since it began. Half-way, a worker that is to misbehave does. Reports
// how far it is ten times a second.
void workload_run(const struct self *self, int64_t size, struct results *results);

// Writes the list as Python prints it, "[0.0, 1.0]", into `text`.
void workload_format_results(const struct results *results, char *text, size_t size);

// Computes the element of index `i`, without a shortcut that a compiler could take.
double workload_compute(int64_t i);

#endif
