// SPDX-License-Identifier: GPL-3.0-or-later
// A semaphore whose permits know which worker has them: taking one is a single write of the
// worker's number, so that a permit never dies with its holder.
#ifndef FORKLAB_SYNC_SEMAPHORE_H
#define FORKLAB_SYNC_SEMAPHORE_H

#include "sync/sleeper.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct semaphore;

// The most permits that one has.
#define SEMAPHORE_MOST 10000

// Its capacity is the number of its permits, at most SEMAPHORE_MOST.
extern const struct sync_kind sync_semaphore;

// In the parent, before the forks: lets permits be released that were never acquired, so that
// there are more and more of them, as Python's Semaphore does. Else it is bounded.
void semaphore_unbind(void *shared);

// In a worker: takes a permit, waiting up to `timeout` ns (SYNC_FOREVER, or 0 for not at all), by
// the steps acquire and hold. SYNC_OK, SYNC_TIMED_OUT, or SYNC_FAILED with errno.
enum sync_result semaphore_acquire(struct semaphore *semaphore, const struct self *self,
                                   int64_t timeout);

// In a worker: gives a permit back that it has, by the steps release and wake; without one it
// makes a new one, unless the semaphore is bounded (SYNC_REFUSED). SYNC_FAILED with errno when the
// kernel does not wake the next.
enum sync_result semaphore_release(struct semaphore *semaphore, const struct self *self);

// On both sides: how many permits are free; how many are taken; how many `worker` has.
int64_t semaphore_value(const struct semaphore *semaphore);
int64_t semaphore_taken(const struct semaphore *semaphore);
int64_t semaphore_held(const struct semaphore *semaphore, uint32_t worker);

#endif
