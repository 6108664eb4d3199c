// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/lock.h"

#include "base/die.h"
#include "sync/guard.h"
#include "worker/gate.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct lock {
    pthread_mutex_t mutex;
    // The one to name, should it die with the mutex: LOCK_NOBODY until it signs.
    _Atomic int64_t owner;
    uint32_t depth;
    bool again; // its owner may take it again
    bool said;  // the parent heard that its owner has it
    uint16_t object;
};

static size_t lock_size(uint32_t workers, int64_t capacity)
{
    (void)workers;
    (void)capacity;
    return sizeof(struct lock);
}

static void lock_init(void *shared, uint16_t object, uint32_t workers, int64_t capacity)
{
    struct lock *lock = shared;
    (void)workers;
    int error = guard_init(&lock->mutex);
    if (error)
        die("pthread_mutex_init: %s", strerror(error));
    lock->owner = LOCK_NOBODY;
    lock->again = capacity != 0;
    lock->object = object;
}

static inline void lock_set_owner(struct lock *lock, int64_t owner)
{
    atomic_store_explicit(&lock->owner, owner, memory_order_relaxed);
}

// Finishes what taking the mutex returned. Returns 0, or the errno of what was not to be finished.
static inline int lock_sign(struct lock *lock, int error, uint32_t number, int64_t *dead_owner)
{
    *dead_owner = LOCK_NOBODY;
    if (error == EOWNERDEAD) {
        *dead_owner = lock_owner(lock) == LOCK_NOBODY ? LOCK_SOMEBODY : lock_owner(lock);
        error = guard_mend(&lock->mutex);
    }
    if (error)
        return error;
    lock->depth = 1;
    lock_set_owner(lock, number);
    return 0;
}

bool lock_try(struct lock *lock, uint32_t number, int64_t *dead_owner)
{
    int error = guard_take(&lock->mutex, 0);
    if (error == ETIMEDOUT)
        return false;
    BUG_IF(lock_sign(lock, error, number, dead_owner) != 0);
    return true;
}

void lock_take(struct lock *lock, uint32_t number, int64_t *dead_owner)
{
    BUG_IF(lock_sign(lock, guard_take(&lock->mutex, FUTEX_NEVER), number, dead_owner) != 0);
}

void lock_release(struct lock *lock)
{
    lock_set_owner(lock, LOCK_NOBODY);
    guard_release(&lock->mutex);
}

static bool lock_is_ready(const void *object, uint32_t worker)
{
    const struct lock *lock = object;
    (void)worker;
    return guard_is_free(&lock->mutex);
}

static uint32_t lock_owners(const void *object)
{
    int64_t owner = lock_owner(object);
    return owner >= 0 && owner < GATE_WORKERS ? 1u << owner : 0;
}

static const struct gate_wait lock_gate = {.ready = lock_is_ready, .owners = lock_owners};

// Waits for a lock that is taken. Returns what guard_take() does.
static int lock_wait(struct lock *lock, struct sleeper *sleeper)
{
    if (gate_page)
        gate_before_wait("waits for", "the lock", &lock_gate, lock);
    int64_t deadline = sleeper_deadline(sleeper), patience = sleeper_patience(sleeper);
    int error = patience ? guard_take(&lock->mutex, patience) : ETIMEDOUT;
    if (error != ETIMEDOUT || patience == deadline)
        return error;
    sleeper_tell(sleeper);
    error = guard_take(&lock->mutex, deadline);
    if (error && error != EOWNERDEAD)
        sleeper_give_up(sleeper);
    return error;
}

enum sync_result lock_acquire(struct lock *lock, const struct self *self, int64_t timeout,
                              int64_t *dead_owner)
{
    struct sleeper sleeper = sleeper_of(self, lock->object, timeout);
    gate_pass(self, STEP_TAKE, lock->object);
    *dead_owner = LOCK_NOBODY;
    if (lock->again && lock_owner(lock) == (int64_t)self->number) {
        lock->depth++;
        return SYNC_OK;
    }
    int error = guard_take(&lock->mutex, 0);
    if (error == ETIMEDOUT && timeout != 0)
        error = lock_wait(lock, &sleeper);
    error = lock_sign(lock, error, self->number, dead_owner);
    if (error)
        return sleeper_result(error);
    lock->said = self->tells || sleeper.told || *dead_owner != LOCK_NOBODY;
    if (lock->said)
        report_holds(self, lock->object, *dead_owner, 1);
    gate_pass(self, STEP_HOLD, lock->object);
    return SYNC_OK;
}

enum sync_result lock_drop(struct lock *lock, const struct self *self)
{
    gate_pass(self, STEP_RELEASE, lock->object);
    if (lock_owner(lock) != (int64_t)self->number)
        return SYNC_REFUSED;
    if (lock->depth > 1) {
        lock->depth--;
        return SYNC_OK;
    }
    // Reported before the release: the report of the next owner must not come first.
    if (lock->said)
        report_lets_go(self, lock->object, 1);
    lock_release(lock);
    return SYNC_OK;
}

int64_t lock_owner(const struct lock *lock)
{
    return atomic_load_explicit(&lock->owner, memory_order_relaxed);
}

uint32_t lock_depth(const struct lock *lock)
{
    return lock->depth;
}

uint16_t lock_object(const struct lock *lock)
{
    return lock->object;
}

// The mutex itself goes on to the next: its owner's name stays in it until then.
static struct sync_death lock_died(void *shared, uint32_t worker)
{
    const struct lock *lock = shared;
    if (lock_owner(lock) != (int64_t)worker)
        return (struct sync_death){.item = -1};
    return (struct sync_death){.fate = SYNC_RETURNED, .amount = lock->depth, .item = -1};
}

const struct sync_kind sync_lock = {.name = "lock",
                                    .glyph = "\u2571",
                                    .mark = "/",
                                    .size = lock_size,
                                    .init = lock_init,
                                    .died = lock_died};
