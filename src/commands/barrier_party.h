// SPDX-License-Identifier: GPL-3.0-or-later
// What the workers of `barrier` do: compute, meet at the barrier or not, and print while they hold
// the lock.
#ifndef FORKLAB_COMMANDS_BARRIER_PARTY_H
#define FORKLAB_COMMANDS_BARRIER_PARTY_H

#include "commands/search_sync.h"
#include "commands/launch.h"
#include "sync/barrier.h"
#include "sync/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct barrier_args {
    int64_t parties; // workers 0 ... parties-1 meet, the others do not
    int64_t without;
    int64_t stagger;
    int64_t rounds;
    int64_t timeout;
    bool action;   // the last to arrive acts before all are released
    bool order;    // tells in which order they arrived
    int64_t abort; // the party that aborts the barrier, or resets it, counted from 1; or -1
    int64_t reset;
    struct launch_args work;
    struct search_sync_args search;
};

// What a worker needs, in the parent's memory as it was at the fork.
struct party {
    const struct barrier_args *args;
    struct barrier *barrier;
    struct lock *lock;
};

// The number in FRAME_WAITS of a party that does not arrive, but wants the round to end.
enum { BARRIER_PARTY_ENDS_ROUND = 1 };

// Writes the name of worker `number`, which is counted from 0: "p1".
void barrier_party_name(uint32_t number, char *name, size_t size);

// In a worker: what it runs; `argument` is a struct party. Returns its exit status: 1 when the
// barrier broke, or could not be waited for.
int barrier_party_take_part(const struct self *self, const void *argument);

#endif
