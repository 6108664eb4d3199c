// SPDX-License-Identifier: GPL-3.0-or-later
// A number that processes share, and the ways to add to it: only some of them lose nothing.
#ifndef FORKLAB_SYNC_VALUE_H
#define FORKLAB_SYNC_VALUE_H

#include "sync/lock.h"

#include <stddef.h>
#include <stdint.h>

struct value;

// How a worker adds: load, add, store; the same with a lock around it; in one step; or to a copy
// of its own.
enum value_way { VALUE_BARE, VALUE_LOCKED, VALUE_ATOMIC, VALUE_PRIVATE };

// Its capacity is the value that it begins with.
extern const struct sync_kind sync_value;

// On both sides: what it is now; and makes it another.
int64_t value_now(const struct value *value);
void value_set(struct value *value, int64_t number);

// On both sides: what is in this process's own copy, which VALUE_PRIVATE adds to.
int64_t value_copy_now(void);

// In a worker: adds 1, by the steps load, add and store, where they are apart. `lock` is for
// VALUE_LOCKED. Returns SYNC_OK, or what lock_acquire() did.
enum sync_result value_add(struct value *value, const struct self *self, enum value_way way,
                           struct lock *lock);

#endif
