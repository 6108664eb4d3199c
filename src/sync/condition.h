// SPDX-License-Identifier: GPL-3.0-or-later
// A condition beside a lock: a worker that has the lock waits, which lets the lock go, until
// another that has it notifies it. Each waiter has a word of its own, so that a notification is
// given to one that lives, and passed on when it dies.
#ifndef FORKLAB_SYNC_CONDITION_H
#define FORKLAB_SYNC_CONDITION_H

#include "sync/lock.h"
#include "sync/value.h"

struct condition;

// For condition_notify(): all that wait.
#define CONDITION_ALL UINT32_MAX

extern const struct sync_kind sync_condition;

// In a worker that has `lock`, by the steps wait and sleep: lets it go, waits up to `timeout` ns
// (SYNC_FOREVER, or 0 for not at all) to be notified, and has the lock again when it returns.
// SYNC_OK, and `call` becomes the number of the condition_notify() that woke it, counted from 1;
// SYNC_TIMED_OUT; SYNC_REFUSED when it does not have the lock; SYNC_FAILED with errno.
enum sync_result condition_wait(struct condition *condition, struct lock *lock,
                                const struct self *self, int64_t timeout, uint32_t *call);

// The same again and again until `value` is at least `wanted`. SYNC_TIMED_OUT when it is not,
// `timeout` ns later.
enum sync_result condition_wait_for(struct condition *condition, struct lock *lock,
                                    const struct self *self, int64_t timeout,
                                    const struct value *value, int64_t wanted);

// In a worker that has `lock`, by the steps notify and wake: notifies up to `count` waiters, the
// longest waiting first. `notified` becomes how many; `call` the number of this call. SYNC_REFUSED
// without the lock; SYNC_FAILED with errno.
enum sync_result condition_notify(struct condition *condition, struct lock *lock,
                                  const struct self *self, uint32_t count, uint32_t *notified,
                                  uint32_t *call);

// What a death meant.
struct condition_death {
    bool waited;       // it died while it waited, without a notification
    bool was_notified; // it was notified, and had not gone on yet
    int64_t passed_to; // the worker that has its notification now, or -1
    uint32_t finished; // it died within condition_notify(): so many more were notified for it
};

// In the parent: the worker is dead. Passes on what it was notified of, and ends what it had
// begun. Never waits.
struct condition_death condition_bury(struct condition *condition, uint32_t worker);

// On both sides: how many wait, and have not been notified; and whether `worker` is one of them.
uint32_t condition_waiting(const struct condition *condition);
bool condition_is_awaited_by(const struct condition *condition, uint32_t worker);

#endif
