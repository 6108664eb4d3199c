// SPDX-License-Identifier: GPL-3.0-or-later
// What a pool is made of: for the two halves of pool_run.h, and nobody else.
#ifndef FORKLAB_COMMANDS_POOL_STATE_H
#define FORKLAB_COMMANDS_POOL_STATE_H

#include "commands/pool_run.h"
#include "jobs/scheduler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The place of one worker after another.
struct seat {
    uint32_t number;
    struct worker *worker; // or NULL
    int64_t given;         // tasks, to this worker
    int64_t given_at;
    bool fast;
    bool stopped;
};

// The task that a worker is at, alone in its cache line.
struct in_hand {
    _Alignas(64) _Atomic int64_t task;
};

struct pool {
    struct call *call;
    const struct pool_args *args;
    struct scheduler *deal;
    struct seat *seats;
    struct in_hand *in_hand; // by seat, shared with the workers
    int64_t *results;
    size_t results_size; // bytes mapped
    int64_t arrived;     // results, for --unordered
    int64_t deaths, deaths_in_row;
    bool given_up;
    struct timer *timeout;
    void (*on_end)(struct pool *pool);
    size_t first_worker; // of this pool in the job
    int64_t started, ended;
};

#endif
