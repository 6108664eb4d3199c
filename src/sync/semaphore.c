// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/semaphore.h"

#include "worker/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>

// A permit is none yet, free, or a worker's: PERMIT_OF and its number.
enum { PERMIT_NONE, PERMIT_FREE, PERMIT_OF };

struct semaphore {
    _Atomic uint32_t turn; // what those without a permit sleep on
    _Atomic uint32_t sleepers;
    uint32_t places;
    uint16_t object;
    bool bounded;
    _Atomic uint32_t permits[];
};

// How many more places there are than permits, for those that are released without having been
// acquired.
enum { SEMAPHORE_SPARE = 64 };

static size_t semaphore_size(uint32_t workers, int64_t permits)
{
    (void)workers;
    return sizeof(struct semaphore) +
           ((size_t)permits + SEMAPHORE_SPARE) * sizeof(_Atomic uint32_t);
}

static void semaphore_init(void *shared, uint16_t object, uint32_t workers, int64_t permits)
{
    struct semaphore *semaphore = shared;
    (void)workers;
    semaphore->places = (uint32_t)permits + SEMAPHORE_SPARE;
    semaphore->object = object;
    semaphore->bounded = true;
    for (int64_t i = 0; i < permits; i++)
        semaphore->permits[i] = PERMIT_FREE;
}

void semaphore_unbind(void *shared)
{
    struct semaphore *semaphore = shared;
    semaphore->bounded = false;
}

// Turns one permit of kind `from` into one of kind `to`. False when there is none.
static bool semaphore_turn(struct semaphore *semaphore, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < semaphore->places; i++) {
        uint32_t expected = from;
        if (atomic_load_explicit(&semaphore->permits[i], memory_order_relaxed) == from &&
            atomic_compare_exchange_strong(&semaphore->permits[i], &expected, to))
            return true;
    }
    return false;
}

// Waits until it has a permit. Returns 0, ETIMEDOUT, or another errno.
static int semaphore_wait(struct semaphore *semaphore, struct sleeper *sleeper)
{
    uint32_t mine = PERMIT_OF + sleeper->self->number;
    int error = 0;
    atomic_fetch_add(&semaphore->sleepers, 1);
    for (;;) {
        // Read before the look, so that a permit freed after that is not slept through.
        uint32_t turn = atomic_load(&semaphore->turn);
        if (semaphore_turn(semaphore, PERMIT_FREE, mine)) {
            error = 0;
            break;
        }
        // At the end of its time it has looked once more.
        if (error)
            break;
        error = sleeper_sleep(sleeper, &semaphore->turn, turn);
    }
    atomic_fetch_sub(&semaphore->sleepers, 1);
    if (error)
        sleeper_give_up(sleeper);
    return error;
}

enum sync_result semaphore_acquire(struct semaphore *semaphore, const struct self *self,
                                   int64_t timeout)
{
    struct sleeper sleeper = sleeper_of(self, semaphore->object, timeout);
    gate_pass(self, STEP_ACQUIRE, semaphore->object);
    if (!semaphore_turn(semaphore, PERMIT_FREE, PERMIT_OF + self->number)) {
        int error = timeout == 0 ? ETIMEDOUT : semaphore_wait(semaphore, &sleeper);
        if (error)
            return sleeper_result(error);
    }
    if (self->tells)
        report_holds(self, semaphore->object, -1, 1);
    else if (sleeper.told)
        report_goes_on(self, semaphore->object, WENT_ON_WOKEN);
    gate_pass(self, STEP_HOLD, semaphore->object);
    return SYNC_OK;
}

enum sync_result semaphore_release(struct semaphore *semaphore, const struct self *self)
{
    gate_pass(self, STEP_RELEASE, semaphore->object);
    uint32_t mine = PERMIT_OF + self->number;
    if (self->tells && semaphore_held(semaphore, self->number) > 0)
        report_lets_go(self, semaphore->object, 1);
    if (!semaphore_turn(semaphore, mine, PERMIT_FREE) &&
        (semaphore->bounded || !semaphore_turn(semaphore, PERMIT_NONE, PERMIT_FREE)))
        return SYNC_REFUSED;
    if (atomic_load(&semaphore->sleepers) == 0)
        return SYNC_OK;
    gate_pass(self, STEP_WAKE, semaphore->object);
    atomic_fetch_add(&semaphore->turn, 1);
    return futex_wake(&semaphore->turn, 1) < 0 ? SYNC_FAILED : SYNC_OK;
}

static int64_t semaphore_count(const struct semaphore *semaphore, uint32_t first, uint32_t last)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < semaphore->places; i++) {
        uint32_t permit = atomic_load_explicit(&semaphore->permits[i], memory_order_relaxed);
        count += permit >= first && permit <= last;
    }
    return count;
}

int64_t semaphore_value(const struct semaphore *semaphore)
{
    return semaphore_count(semaphore, PERMIT_FREE, PERMIT_FREE);
}

int64_t semaphore_taken(const struct semaphore *semaphore)
{
    return semaphore_count(semaphore, PERMIT_OF, UINT32_MAX);
}

int64_t semaphore_held(const struct semaphore *semaphore, uint32_t worker)
{
    return semaphore_count(semaphore, PERMIT_OF + worker, PERMIT_OF + worker);
}

static struct sync_death semaphore_died(void *shared, uint32_t worker)
{
    struct semaphore *semaphore = shared;
    struct sync_death death = {.item = -1};
    while (semaphore_turn(semaphore, PERMIT_OF + worker, PERMIT_FREE))
        death.amount++;
    death.fate = death.amount > 0 ? SYNC_RETURNED : SYNC_UNTOUCHED;
    // It may have died before it woke the next, or as the one that was woken.
    atomic_fetch_add(&semaphore->turn, 1);
    if (atomic_load(&semaphore->sleepers) > 0)
        futex_must_wake(&semaphore->turn, INT_MAX);
    return death;
}

static int64_t semaphore_value_of(const void *shared)
{
    return semaphore_value(shared);
}

static void semaphore_describe(const void *shared, struct text *text)
{
    int64_t free = semaphore_value(shared);
    text_print(text, "%" PRId64 " of %" PRId64 " free", free, free + semaphore_taken(shared));
}

const struct sync_kind sync_semaphore = {.name = "semaphore",
                                         .glyph = "\u2572",
                                         .mark = "s",
                                         .size = semaphore_size,
                                         .init = semaphore_init,
                                         .died = semaphore_died,
                                         .value = semaphore_value_of,
                                         .describe = semaphore_describe};
