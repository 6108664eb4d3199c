// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/condition.h"

#include "base/die.h"
#include "worker/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

// A waiter's word: what it does, and above that the number of the call that notified it last.
enum { WAITER_AWAY, WAITER_WAITS, WAITER_NOTIFIED, WAITER_DEAD, WAITER_STATES };

struct waiter {
    _Atomic uint32_t word;
    _Atomic uint64_t ticket; // counts up: the lowest waits longest
};

struct condition {
    uint64_t tickets; // with the lock held
    uint32_t workers;
    uint16_t object;
    _Atomic uint32_t calls;    // of condition_notify(), with the lock held
    _Atomic uint32_t notifier; // the worker that is within one, and one more; 0 for none
    _Atomic uint32_t wanted;   // how many it is to notify
    struct waiter waiters[];
};

static size_t condition_size(uint32_t workers, int64_t capacity)
{
    (void)capacity;
    return sizeof(struct condition) + workers * sizeof(struct waiter);
}

static void condition_init(void *shared, uint16_t object, uint32_t workers, int64_t capacity)
{
    struct condition *condition = shared;
    (void)capacity;
    condition->workers = workers;
    condition->object = object;
}

static uint32_t condition_state(const struct condition *condition, uint32_t worker)
{
    return atomic_load(&condition->waiters[worker].word) % WAITER_STATES;
}

// Notifies a worker, if it waits.
static bool condition_notify_one(struct condition *condition, uint32_t worker, uint32_t call)
{
    uint32_t word = atomic_load(&condition->waiters[worker].word);
    return word % WAITER_STATES == WAITER_WAITS &&
           atomic_compare_exchange_strong(&condition->waiters[worker].word, &word,
                                          WAITER_NOTIFIED + call * WAITER_STATES);
}

// Notifies the one that waits longest, for `call`. Returns its number, or -1 when none waits.
static int64_t condition_pick(struct condition *condition, uint32_t call)
{
    for (;;) {
        int64_t first = -1;
        uint64_t least = UINT64_MAX;
        for (uint32_t worker = 0; worker < condition->workers; worker++) {
            uint64_t ticket = atomic_load(&condition->waiters[worker].ticket);
            if (condition_state(condition, worker) == WAITER_WAITS && ticket < least) {
                first = worker;
                least = ticket;
            }
        }
        if (first < 0 || condition_notify_one(condition, (uint32_t)first, call))
            return first;
    }
}

// Notifies up to `count`, and returns how many. All of them need no order.
static uint32_t condition_mark(struct condition *condition, uint32_t call, uint32_t count)
{
    uint32_t marked = 0;
    if (count < condition->workers) {
        while (marked < count && condition_pick(condition, call) >= 0)
            marked++;
        return marked;
    }
    for (uint32_t worker = 0; worker < condition->workers; worker++)
        marked += condition_notify_one(condition, worker, call);
    return marked;
}

// Wakes all that are notified and may still sleep. False with errno.
static bool condition_wake(struct condition *condition)
{
    for (uint32_t worker = 0; worker < condition->workers; worker++)
        if (condition_state(condition, worker) == WAITER_NOTIFIED &&
            futex_wake(&condition->waiters[worker].word, 1) < 0)
            return false;
    return true;
}

static void condition_must_wake(struct condition *condition)
{
    if (!condition_wake(condition))
        die("futex(FUTEX_WAKE): %s", strerror(errno));
}

// Ends what a dead notifier had begun; in the parent, or with the lock held. Returns how many it
// notified.
static uint32_t condition_finish(struct condition *condition)
{
    uint32_t notifier = atomic_load(&condition->notifier), call = atomic_load(&condition->calls);
    uint32_t wanted = atomic_load(&condition->wanted), marked = 0;
    if (notifier == 0 || !atomic_compare_exchange_strong(&condition->notifier, &notifier, 0))
        return 0;
    for (uint32_t worker = 0; worker < condition->workers; worker++)
        marked += atomic_load(&condition->waiters[worker].word) / WAITER_STATES == call;
    marked = wanted > marked ? condition_mark(condition, call, wanted - marked) : 0;
    condition_must_wake(condition);
    return marked;
}

// Sleeps while its word is `word`. Returns 0 once it is notified, or an errno.
static int condition_sleep(struct waiter *waiter, struct sleeper *sleeper, uint32_t word)
{
    int error = 0;
    while (!error && atomic_load(&waiter->word) == word)
        error = sleeper_sleep(sleeper, &waiter->word, word);
    uint32_t away = word - WAITER_WAITS + WAITER_AWAY;
    // Notified at the last moment is notified.
    if (error && !atomic_compare_exchange_strong(&waiter->word, &word, away))
        error = 0;
    if (error)
        sleeper_give_up(sleeper);
    else if (sleeper->told)
        report_goes_on(sleeper->self, sleeper->object, WENT_ON_WOKEN);
    return error;
}

// Has the lock again, as often as before.
static enum sync_result condition_relock(struct lock *lock, const struct self *self, uint32_t depth)
{
    int64_t dead_owner;
    enum sync_result result = SYNC_OK;
    for (uint32_t i = 0; i < depth && result == SYNC_OK; i++)
        result = lock_acquire(lock, self, SYNC_FOREVER, &dead_owner);
    return result;
}

enum sync_result condition_wait(struct condition *condition, struct lock *lock,
                                const struct self *self, int64_t timeout, uint32_t *call)
{
    struct waiter *waiter = &condition->waiters[self->number];
    struct sleeper sleeper = sleeper_of(self, condition->object, timeout);
    *call = 0;
    gate_pass(self, STEP_WAIT, condition->object);
    if (lock_owner(lock) != (int64_t)self->number)
        return SYNC_REFUSED;
    condition_finish(condition);
    uint32_t depth = lock_depth(lock);
    uint32_t word = atomic_load(&waiter->word) / WAITER_STATES * WAITER_STATES + WAITER_WAITS;
    atomic_store(&waiter->ticket, ++condition->tickets);
    atomic_store(&waiter->word, word);
    if (self->tells)
        sleeper_tell(&sleeper);
    for (uint32_t i = 0; i < depth; i++)
        lock_drop(lock, self);
    gate_pass(self, STEP_SLEEP, condition->object);
    int error = condition_sleep(waiter, &sleeper, word);
    enum sync_result locked = condition_relock(lock, self, depth);
    // Only now it has used the notification up: dead before that, it passes it on.
    word = atomic_load(&waiter->word) / WAITER_STATES;
    atomic_store(&waiter->word, word * WAITER_STATES + WAITER_AWAY);
    *call = error ? 0 : word;
    return locked != SYNC_OK ? locked : sleeper_result(error);
}

enum sync_result condition_wait_for(struct condition *condition, struct lock *lock,
                                    const struct self *self, int64_t timeout,
                                    const struct value *value, int64_t wanted)
{
    uint32_t call;
    int64_t deadline = timeout > 0 ? clock_now() + timeout : 0;
    enum sync_result result = SYNC_OK;
    while (value_now(value) < wanted && result == SYNC_OK) {
        int64_t left = timeout > 0 ? deadline - clock_now() : timeout;
        result = condition_wait(condition, lock, self, timeout > 0 && left < 0 ? 0 : left, &call);
    }
    return result == SYNC_TIMED_OUT && value_now(value) >= wanted ? SYNC_OK : result;
}

enum sync_result condition_notify(struct condition *condition, struct lock *lock,
                                  const struct self *self, uint32_t count, uint32_t *notified,
                                  uint32_t *call)
{
    gate_pass(self, STEP_NOTIFY, condition->object);
    *notified = *call = 0;
    if (lock_owner(lock) != (int64_t)self->number)
        return SYNC_REFUSED;
    condition_finish(condition);
    *call = atomic_load(&condition->calls) + 1;
    atomic_store(&condition->wanted, count);
    atomic_store(&condition->calls, *call);
    // From here on, what it leaves undone is done for it.
    atomic_store(&condition->notifier, self->number + 1);
    *notified = condition_mark(condition, *call, count);
    gate_pass(self, STEP_WAKE, condition->object);
    bool woke = condition_wake(condition);
    atomic_store(&condition->notifier, 0);
    return woke ? SYNC_OK : SYNC_FAILED;
}

struct condition_death condition_bury(struct condition *condition, uint32_t worker)
{
    struct condition_death death = {.passed_to = -1};
    if (worker >= condition->workers)
        return death;
    uint32_t word = atomic_exchange(&condition->waiters[worker].word, WAITER_DEAD);
    death.waited = word % WAITER_STATES == WAITER_WAITS;
    death.was_notified = word % WAITER_STATES == WAITER_NOTIFIED;
    if (death.was_notified)
        death.passed_to = condition_pick(condition, word / WAITER_STATES);
    if (atomic_load(&condition->notifier) == worker + 1)
        death.finished = condition_finish(condition);
    condition_must_wake(condition);
    return death;
}

uint32_t condition_waiting(const struct condition *condition)
{
    uint32_t count = 0;
    for (uint32_t worker = 0; worker < condition->workers; worker++)
        count += condition_state(condition, worker) == WAITER_WAITS;
    return count;
}

bool condition_is_awaited_by(const struct condition *condition, uint32_t worker)
{
    return worker < condition->workers && condition_state(condition, worker) == WAITER_WAITS;
}

static struct sync_death condition_died(void *shared, uint32_t worker)
{
    struct condition_death died = condition_bury(shared, worker);
    struct sync_death death = {.item = -1, .waited = died.waited};
    if (died.was_notified || died.finished) {
        death.fate = died.was_notified && died.passed_to < 0 ? SYNC_LOST : SYNC_RETURNED;
        death.amount = died.was_notified + died.finished;
        death.item = died.passed_to;
    }
    return death;
}

static void condition_describe(const void *shared, struct text *text)
{
    text_print(text, "%" PRIu32 " waiting", condition_waiting(shared));
}

const struct sync_kind sync_condition = {.name = "condition",
                                         .glyph = "\u25cc",
                                         .mark = "c",
                                         .size = condition_size,
                                         .init = condition_init,
                                         .died = condition_died,
                                         .describe = condition_describe};
