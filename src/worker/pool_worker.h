// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a worker of a pool. Only for use in a worker, but for the names.
#ifndef FORKLAB_WORKER_POOL_WORKER_H
#define FORKLAB_WORKER_POOL_WORKER_H

#include "worker/report.h"

#include <stdbool.h>
#include <stdint.h>

// The functions that a pool maps, by their names as typed; the array of names ends in NULL.
enum map { MAP_SQUARE, MAP_PRIME, MAP_SLEEP };
extern const char *const map_names[];

// What each of them is, in the same order; ends in NULL.
extern const char *const map_meanings[];

// What a worker does before its first task; the array of those that are typed ends in NULL.
enum initializer { INIT_NONE, INIT_SAYS, INIT_FAILS };
extern const char *const initializer_names[];
extern const char *const initializer_meanings[];

// How results reach the parent: written where they belong, in memory that it shares with its
// workers, or sent through the pipes, which copies each twice. The array of names ends in NULL.
enum delivery { DELIVER_MEMORY, DELIVER_PIPE };
extern const char *const delivery_names[];
extern const char *const delivery_meanings[];

// So many tasks are reported at a time, at most, where results are not sent.
enum { POOL_REPORT_MOST = 65536 };

// What a pool's worker is to do.
struct pool_work {
    enum map map;
    enum initializer initializer;
    int64_t poison;           // the task that kills its worker, or -1
    int64_t fail;             // the task that fails, or -1
    int64_t *results;         // by task, shared with the parent; NULL: they go through the pipe
    _Atomic int64_t *in_hand; // shared with the parent: the task that it is at, or -1
};

// The life of a pool's worker: computes the chunks that come down its pipe and delivers their
// results until it is told to stop. Returns its exit status.
int pool_worker_run(const struct self *self, const struct pool_work *work);

#endif
