// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between workers: a robust process-shared mutex (pthread_mutexattr_setrobust(3)) that lives
// on when its owner dies and names the dead one.
#ifndef FORKLAB_SYNC_LOCK_H
#define FORKLAB_SYNC_LOCK_H

#include "sync/sync.h"

#include <stdbool.h>
#include <stdint.h>

struct lock;

// Who died with the lock, where that is no worker's number: nobody, or somebody who had taken it
// and not yet signed for it, or who had signed off and not yet let it go.
#define LOCK_NOBODY   (-1)
#define LOCK_SOMEBODY (-2)

extern const struct sync_kind sync_lock;

// In a worker: takes the lock as worker `number` if it is free, without waiting; false when it is
// taken. lock_take() waits for it. `dead_owner` becomes the number of the worker that died while it
// held the lock, LOCK_SOMEBODY when nobody knows which one did, or LOCK_NOBODY.
bool lock_try(struct lock *lock, uint32_t number, int64_t *dead_owner);
void lock_take(struct lock *lock, uint32_t number, int64_t *dead_owner);

// In the worker that has it: lets it go.
void lock_release(struct lock *lock);

// Returns its number.
uint16_t lock_object(const struct lock *lock);

#endif
