// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/value.h"

#include "worker/gate.h"

#include <stdatomic.h>

struct value {
    _Atomic int64_t number;
    uint16_t object;
};

// The copy that a fork makes: each worker adds to its own.
static volatile int64_t value_copy;

static size_t value_size(uint32_t workers, int64_t first)
{
    (void)workers;
    (void)first;
    return sizeof(struct value);
}

static void value_init(void *shared, uint16_t object, uint32_t workers, int64_t first)
{
    struct value *value = shared;
    (void)workers;
    value->number = first;
    value->object = object;
}

int64_t value_now(const struct value *value)
{
    return atomic_load_explicit(&value->number, memory_order_relaxed);
}

int64_t value_copy_now(void)
{
    return value_copy;
}

void value_set(struct value *value, int64_t number)
{
    atomic_store_explicit(&value->number, number, memory_order_relaxed);
}

// What `x = x + 1` is to a processor. Another worker may store between the steps.
static void value_add_bare(struct value *value, const struct self *self)
{
    gate_pass(self, STEP_LOAD, value->object);
    int64_t number = value_now(value);
    gate_pass(self, STEP_ADD, value->object);
    number = number + 1;
    gate_pass(self, STEP_STORE, value->object);
    value_set(value, number);
}

enum sync_result value_add(struct value *value, const struct self *self, enum value_way way,
                           struct lock *lock)
{
    int64_t dead_owner;
    enum sync_result result;
    switch (way) {
    case VALUE_BARE:
        value_add_bare(value, self);
        break;
    case VALUE_LOCKED:
        result = lock_acquire(lock, self, SYNC_FOREVER, &dead_owner);
        if (result != SYNC_OK)
            return result;
        value_add_bare(value, self);
        return lock_drop(lock, self);
    case VALUE_ATOMIC:
        gate_pass(self, STEP_ADD, value->object);
        atomic_fetch_add(&value->number, 1);
        break;
    case VALUE_PRIVATE:
        value_copy = value_copy + 1;
        break;
    }
    return SYNC_OK;
}

static int64_t value_value(const void *shared)
{
    return value_now(shared);
}

const struct sync_kind sync_value = {.name = "value",
                                     .glyph = "\u2591",
                                     .mark = "~",
                                     .size = value_size,
                                     .init = value_init,
                                     .value = value_value};
