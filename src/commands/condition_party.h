// SPDX-License-Identifier: GPL-3.0-or-later
// What the workers of `condition` do. In a worker.
#ifndef FORKLAB_COMMANDS_CONDITION_PARTY_H
#define FORKLAB_COMMANDS_CONDITION_PARTY_H

#include "commands/crowd.h"
#include "sync/condition.h"
#include "sync/value.h"

#define CONDITION_CALLS_MOST 16

struct condition_scene {
    struct lock *lock;
    struct condition *condition;
    struct value *value;
    struct crowd *crowd; // NULL for the walk
    uint32_t waiters;
    uint32_t counts[CONDITION_CALLS_MOST], calls; // how many each call notifies
    int64_t until, timeout;                       // -1 for none
    bool early;
};

// They return the worker's exit status.
int condition_party_walk(const struct self *self, const void *argument);
int condition_party_wait(const struct self *self, const void *argument);
int condition_party_notify(const struct self *self, const void *argument);

#endif
