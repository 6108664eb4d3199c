// SPDX-License-Identifier: GPL-3.0-or-later
// What the workers of `queue` do, and the memory where they write down what came of each item.
#ifndef FORKLAB_COMMANDS_QUEUE_PARTY_H
#define FORKLAB_COMMANDS_QUEUE_PARTY_H

#include "sync/queue.h"

// What became of one item, written by the consumer that has it in its hand.
struct queue_fate {
    _Atomic int64_t place; // in the queue, and one more
    _Atomic uint32_t times;
};

// What one worker waited for; only that worker writes it.
struct queue_waits {
    int64_t times, ns;
};

struct queue_scene {
    struct queue *queue, *other; // the walk has a second one
    struct queue_fate *fates;    // by producer and sequence
    struct queue_waits *waits;   // by worker
    uint32_t producers;
    int64_t items; // each of them puts so many
    bool joins;    // producers wait until all is done with
    bool prints;   // each item
};

// In a worker: asks the questions one after the other; puts items; takes them until the queue is
// closed and empty. They return the worker's exit status.
int queue_party_walk(const struct self *self, const void *argument);
int queue_party_produce(const struct self *self, const void *argument);
int queue_party_consume(const struct self *self, const void *argument);

#endif
