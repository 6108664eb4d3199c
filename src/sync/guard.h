// SPDX-License-Identifier: GPL-3.0-or-later
// The robust process-shared mutex (pthread_mutexattr_setrobust(3)) that locks and queues are built
// on. In a worker, except for guard_init().
#ifndef FORKLAB_SYNC_GUARD_H
#define FORKLAB_SYNC_GUARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

// Makes one in shared memory, in the parent, before the forks. Returns 0, or the errno of
// pthread_mutex_init(3).
int guard_init(pthread_mutex_t *guard);

// Takes it, and waits until `deadline` at most: ns of CLOCK_MONOTONIC, FUTEX_NEVER, or 0 not to
// wait. Returns 0; EOWNERDEAD when it has it and the one before died with it, so that guard_mend()
// is due; ETIMEDOUT; or another errno.
int guard_take(pthread_mutex_t *guard, int64_t deadline);

// On both sides: whether no living process has it.
bool guard_is_free(const pthread_mutex_t *guard);

// Says that what a dead owner left is whole again. Returns 0 or an errno.
int guard_mend(pthread_mutex_t *guard);

// Lets it go. Returns 0, or EPERM when it is not this process's.
int guard_release(pthread_mutex_t *guard);

#endif
