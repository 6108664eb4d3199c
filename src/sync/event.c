// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/event.h"

#include "worker/gate.h"

#include <limits.h>
#include <stdatomic.h>

struct event_flag {
    _Atomic uint32_t changes; // odd while it is set
    uint32_t workers;
    uint16_t object;
    _Atomic uint8_t waits[]; // by worker
};

static size_t event_size(uint32_t workers, int64_t set)
{
    (void)set;
    return sizeof(struct event_flag) + workers;
}

static void event_init(void *shared, uint16_t object, uint32_t workers, int64_t set)
{
    struct event_flag *flag = shared;
    flag->changes = set != 0;
    flag->workers = workers;
    flag->object = object;
}

static enum sync_result event_end(struct sleeper *sleeper, int error)
{
    if (error)
        sleeper_give_up(sleeper);
    else if (sleeper->told)
        report_goes_on(sleeper->self, sleeper->object, WENT_ON_WOKEN);
    return sleeper_result(error);
}

enum sync_result event_wait(struct event_flag *flag, const struct self *self, int64_t timeout)
{
    struct sleeper sleeper = sleeper_of(self, flag->object, timeout);
    gate_pass(self, STEP_WAIT, flag->object);
    uint32_t before = atomic_load(&flag->changes);
    if (before & 1)
        return SYNC_OK;
    if (timeout == 0)
        return SYNC_TIMED_OUT;
    atomic_store(&flag->waits[self->number], 1);
    int error = 0;
    while (!error && atomic_load(&flag->changes) == before)
        error = sleeper_sleep(&sleeper, &flag->changes, before);
    atomic_store(&flag->waits[self->number], 0);
    return event_end(&sleeper, atomic_load(&flag->changes) == before ? error : 0);
}

enum sync_result event_set(struct event_flag *flag, const struct self *self, int *woken)
{
    gate_pass(self, STEP_SET, flag->object);
    *woken = 0;
    uint32_t now = atomic_load(&flag->changes);
    while (!(now & 1) && !atomic_compare_exchange_weak(&flag->changes, &now, now + 1))
        continue;
    if (now & 1)
        return SYNC_OK;
    if (self->tells)
        report_value(self, flag->object, 1);
    gate_pass(self, STEP_WAKE, flag->object);
    *woken = futex_wake(&flag->changes, INT_MAX);
    return *woken < 0 ? SYNC_FAILED : SYNC_OK;
}

enum sync_result event_clear(struct event_flag *flag, const struct self *self)
{
    gate_pass(self, STEP_CLEAR, flag->object);
    uint32_t now = atomic_load(&flag->changes);
    while ((now & 1) && !atomic_compare_exchange_weak(&flag->changes, &now, now + 1))
        continue;
    if ((now & 1) && self->tells)
        report_value(self, flag->object, 0);
    return SYNC_OK;
}

bool event_is_set(const struct event_flag *flag)
{
    return atomic_load(&flag->changes) & 1;
}

uint32_t event_waiting(const struct event_flag *flag)
{
    uint32_t count = 0;
    for (uint32_t worker = 0; worker < flag->workers; worker++)
        count += atomic_load_explicit(&flag->waits[worker], memory_order_relaxed);
    return count;
}

bool event_is_awaited_by(const struct event_flag *flag, uint32_t worker)
{
    return worker < flag->workers && atomic_load(&flag->waits[worker]);
}

static struct sync_death event_died(void *shared, uint32_t worker)
{
    struct event_flag *flag = shared;
    struct sync_death death = {.item = -1, .waited = event_is_awaited_by(flag, worker)};
    if (worker < flag->workers)
        atomic_store(&flag->waits[worker], 0);
    // Whether it was the one that set it is not known; to be woken in vain harms none.
    if (event_waiting(flag) > 0)
        futex_must_wake(&flag->changes, INT_MAX);
    return death;
}

static int64_t event_value(const void *shared)
{
    return event_is_set(shared);
}

static void event_describe(const void *shared, struct text *text)
{
    text_add_string(text, event_is_set(shared) ? "set" : "not set");
}

const struct sync_kind sync_event = {.name = "event",
                                     .glyph = "\u25cb",
                                     .mark = "o",
                                     .size = event_size,
                                     .init = event_init,
                                     .died = event_died,
                                     .value = event_value,
                                     .describe = event_describe};
