// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that wait for something, and one behind them that gives it: what `event` and `condition`
// have in common.
#ifndef FORKLAB_COMMANDS_CROWD_H
#define FORKLAB_COMMANDS_CROWD_H

#include "jobs/lab.h"
#include "shell/call.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a waiter wrote down: nothing yet; that its time was over; else the number of the call that
// woke it.
#define CROWD_WAITS 0
#define CROWD_LATE  UINT32_MAX

// In shared memory.
struct crowd {
    uint32_t waiters;
    _Atomic uint32_t gone;    // those that are dead; the parent counts
    _Atomic uint32_t through; // those that have written down what came
    _Atomic uint32_t begun;   // 1 once those that wait for it may begin
    struct {
        _Atomic uint32_t call;
        _Atomic int64_t when; // ns of the monotonic clock
    } each[];
};

// In the parent: maps one and logs that. NULL with errno. crowd_free() unmaps it; NULL is fine.
struct crowd *crowd_new(const struct job *job, uint32_t waiters);
void crowd_free(struct crowd *crowd);

// In a waiter: writes down what came of its wait.
void crowd_note(struct crowd *crowd, uint32_t worker, uint32_t call);

// In a worker: waits up to `timeout` ns until `count` waiters are `so` far, those that are dead or
// through included. True if they came to be.
bool crowd_await(const struct crowd *crowd, uint32_t (*so)(const void *object), const void *object,
                 int64_t timeout);

// In a worker: waits up to `timeout` ns until `count` are through or dead.
void crowd_await_through(const struct crowd *crowd, uint32_t count, int64_t timeout);

// In a waiter: waits until it may begin. In the other: lets them.
void crowd_await_begin(struct crowd *crowd);
void crowd_begin(struct crowd *crowd);

// Writes those that `call` woke as "p1 p4". Returns how many.
uint32_t crowd_list(const struct crowd *crowd, uint32_t call, char *text, size_t size);

// Returns how many were woken by any call.
uint32_t crowd_woken(const struct crowd *crowd);

#endif
