// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between workers: a robust process-shared mutex that lives on when its owner dies and
// names the dead one.
#ifndef FORKLAB_SYNC_LOCK_H
#define FORKLAB_SYNC_LOCK_H

#include "sync/sleeper.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lock;

// Which worker died with the lock, where that is no worker's number: none, or one that had taken
// it and not yet signed for it, or had signed off and not yet let it go. And that none has signed
// for it.
#define LOCK_NOBODY   (-1)
#define LOCK_SOMEBODY (-2)

// Its capacity is 1 for a lock that its owner may take again, as often as it lets it go, else 0.
extern const struct sync_kind sync_lock;

// In a worker: takes the lock as worker `number` if it is free, without waiting; false when it is
// taken. lock_take() waits for it. `dead_owner` becomes the number of the worker that died while
// it held the lock, LOCK_SOMEBODY when it is not known which one did, or LOCK_NOBODY.
bool lock_try(struct lock *lock, uint32_t number, int64_t *dead_owner);
void lock_take(struct lock *lock, uint32_t number, int64_t *dead_owner);

// In the worker that has it: lets it go.
void lock_release(struct lock *lock);

// In a worker: takes the lock, waiting up to `timeout` ns (SYNC_FOREVER, or 0 for not at all), by
// the steps take and hold. SYNC_OK, SYNC_TIMED_OUT, or SYNC_FAILED with errno; `dead_owner` as
// above. A worker that has the lock waits for itself, unless it may take it again.
enum sync_result lock_acquire(struct lock *lock, const struct self *self, int64_t timeout,
                              int64_t *dead_owner);

// In a worker: lets it go, by the step release. SYNC_REFUSED, and nothing is done, when it does
// not have it.
enum sync_result lock_drop(struct lock *lock, const struct self *self);

// On both sides: the worker that has it, or LOCK_NOBODY; and how often its owner has taken it.
int64_t lock_owner(const struct lock *lock);
uint32_t lock_depth(const struct lock *lock);

// Returns its number.
uint16_t lock_object(const struct lock *lock);

#endif
