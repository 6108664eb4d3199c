// SPDX-License-Identifier: GPL-3.0-or-later
// A worker's side of its pipe: what it is told to be, and how it says what it does. Only for use in
// a worker. No function here fails: a worker that can't write exits with status 1.
#ifndef FORKLAB_WORKER_REPORT_H
#define FORKLAB_WORKER_REPORT_H

#include "log/events.h"
#include "worker/steps.h"

#include <stdbool.h>
#include <stdint.h>

// How a worker may misbehave on purpose; see faults.h.
enum fault { AS_NORMAL, AS_CRASH, AS_STUBBORN, AS_MUTE, AS_BABBLE, AS_TORN, AS_FORK, AS_RAISE };

// What a worker knows about itself.
struct self {
    uint32_t number; // in its job, counted from 0
    const char *name;
    enum fault as;
    enum step at; // where it misbehaves; STEP_NONE: in the middle of its work
    int exit_status;
    int64_t for_ns; // it computes at least so long
    bool graceful;  // SIGTERM asks it to finish, and does not end it
    bool tells;     // it reports each thing that it does to an object, not only long waits
};

// Turns all reports off, or on again: gated workers have other numbers than their job gives them.
void report_mute(bool mute);

// Reports its pid and its parent's.
void report_hello(const struct self *self);

// Says what it does, and how far it is: `progress` counts up to PROGRESS_WHOLE.
void report_claim(const struct self *self, enum claim claim, int64_t progress);

// Say that it waits at a barrier for round `round` (from 0), where `parties` meet; that it went on
// from there (or, with NO_OBJECT, without), at `wall_ns` by the wall clock; that it waits for a
// lock; and that it has it, which `dead_owner` died with. For what does not use the words below.
void report_arrived(const struct self *self, uint16_t object, int64_t round, int64_t parties);
void report_passed(const struct self *self, uint16_t object, int64_t round, int64_t wall_ns);
void report_at_lock(const struct self *self, uint16_t object);
void report_locked(const struct self *self, uint16_t object, int64_t dead_owner);

// Say that it waits for an object, with a number that is the kind's own, and how long at most (0:
// until it has it); that it holds it, which `dead_owner` (a worker's number, OWNER_NONE or
// OWNER_UNKNOWN) died with, and how much of it in all; that it lets `amount` of it go; that it
// waits no more, and why; what the object's value is now; and that it woke a worker that waited for
// it.
void report_waits(const struct self *self, uint16_t object, int64_t detail, int64_t timeout_ns);
void report_holds(const struct self *self, uint16_t object, int64_t dead_owner, int64_t amount);
void report_lets_go(const struct self *self, uint16_t object, int64_t amount);
void report_goes_on(const struct self *self, uint16_t object, enum went_on how);
void report_value(const struct self *self, uint16_t object, int64_t value);
void report_woke(const struct self *self, uint16_t object, uint32_t worker);

// Says one line that is to be printed, cut to what is written as a whole (FRAME_ATOMIC bytes).
void report_output(const struct self *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Sends the results of `count` tasks from `first` on, at most FRAME_BLOCK_MAX bytes of them.
void report_results(const struct self *self, int64_t first, int64_t count, const int64_t *results);

// Says that the results of `count` tasks from `first` on are in memory that the parent shares.
void report_written(const struct self *self, int64_t first, int64_t count);

// Says that a task has failed; the worker goes on.
void report_task_failed(const struct self *self, int64_t task);

// Says that it has done everything, and has so many results.
void report_done(const struct self *self, int64_t results);

// Tells that `call` failed with errno.
void report_failure(const struct self *self, const char *call);

#endif
