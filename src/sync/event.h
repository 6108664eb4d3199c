// SPDX-License-Identifier: GPL-3.0-or-later
// An event that processes wait for: one word that counts how often it was set and cleared. There is
// no count of waiters that a dying worker could leave wrong.
#ifndef FORKLAB_SYNC_EVENT_H
#define FORKLAB_SYNC_EVENT_H

#include "sync/sleeper.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_flag;

// Its capacity is 1 for one that is set from the start, else 0.
extern const struct sync_kind sync_event;

// In a worker: waits up to `timeout` ns (SYNC_FOREVER, or 0 for not at all) until it is set, by
// the step wait. SYNC_OK also where it was set and cleared again meanwhile; SYNC_TIMED_OUT, or
// SYNC_FAILED with errno.
enum sync_result event_wait(struct event_flag *flag, const struct self *self, int64_t timeout);

// In a worker: sets it, by the steps set and wake, and wakes all that wait; `woken` becomes how
// many slept. It stays set until event_clear(), by the step clear. SYNC_FAILED with errno when the
// kernel does not wake them.
enum sync_result event_set(struct event_flag *flag, const struct self *self, int *woken);
enum sync_result event_clear(struct event_flag *flag, const struct self *self);

// On both sides: whether it is set, how many wait for it, and whether `worker` does.
bool event_is_set(const struct event_flag *flag);
uint32_t event_waiting(const struct event_flag *flag);
bool event_is_awaited_by(const struct event_flag *flag, uint32_t worker);

#endif
