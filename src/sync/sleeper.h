// SPDX-License-Identifier: GPL-3.0-or-later
// How a worker waits for an object: until when, and how the parent hears of it. In a worker.
#ifndef FORKLAB_SYNC_SLEEPER_H
#define FORKLAB_SYNC_SLEEPER_H

#include "base/clock.h"
#include "os/futex.h"
#include "sync/sync.h"
#include "worker/report.h"

#include <stdbool.h>
#include <stdint.h>

// What became of an operation. REFUSED: the worker has no right to it. FAILED: the system does not
// let it, errno says why.
enum sync_result { SYNC_OK, SYNC_TIMED_OUT, SYNC_CLOSED, SYNC_REFUSED, SYNC_FAILED };

// How long to wait, in ns: SYNC_FOREVER, 0 for not at all, or that long.
#define SYNC_FOREVER INT64_C(-1)

struct sleeper {
    const struct self *self;
    uint16_t object;
    int64_t timeout;  // as above
    int64_t deadline; // once it is known: ns of CLOCK_MONOTONIC, or FUTEX_NEVER
    bool told;        // the parent has heard that it waits
};

// One that has not slept yet. No clock is read before it does.
static inline struct sleeper sleeper_of(const struct self *self, uint16_t object, int64_t timeout)
{
    return (struct sleeper){.self = self, .object = object, .timeout = timeout};
}

// The time at which it gives up: as for futex_wait() and guard_take().
int64_t sleeper_deadline(struct sleeper *sleeper);

// How long it sleeps before the parent hears that it waits: at once where each step is told, else
// only a sleep of more than 10 ms is. Returns a time like sleeper_deadline(), and what comes
// before it.
int64_t sleeper_patience(struct sleeper *sleeper);

// Says, once, that it waits.
void sleeper_tell(struct sleeper *sleeper);

// Says, if the parent heard that it waits, that it goes on without what it waited for.
void sleeper_give_up(const struct sleeper *sleeper);

// Sleeps while `word` is `expected`. Returns 0 once that has changed, or it was woken; ETIMEDOUT;
// or another errno.
int sleeper_sleep(struct sleeper *sleeper, _Atomic uint32_t *word, uint32_t expected);

// Returns what an errno of the above means, and sets errno.
enum sync_result sleeper_result(int error);

#endif
