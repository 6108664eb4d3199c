// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between workers: a robust process-shared mutex (pthread_mutexattr_setrobust(3)) that lives on
// when its owner dies and names the dead one.
#ifndef FORKLAB_PROCESS_LOCK_H
#define FORKLAB_PROCESS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

struct lock;

// Makes a lock in anonymous shared memory, for workers forked later. NULL with errno when there is
// no memory. lock_free() gives it back.
struct lock *lock_new(void);
void lock_free(struct lock *lock);

// In a worker: takes the lock as worker `number` if it is free, without waiting.
// lock_take() waits for it. `dead_owner` becomes the number of the worker that died while it held
// the lock, or -1.
bool lock_try(struct lock *lock, uint32_t number, int64_t *dead_owner);
void lock_take(struct lock *lock, uint32_t number, int64_t *dead_owner);

// In the worker that has it: lets it go.
void lock_release(struct lock *lock);

#endif
