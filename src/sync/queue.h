// SPDX-License-Identifier: GPL-3.0-or-later
// A bounded queue, first in, first out, in shared memory. An item is either in the queue or in one
// worker's hand: a producer that dies leaves no hole, and what a dead consumer had in its hand
// goes back to the front.
#ifndef FORKLAB_SYNC_QUEUE_H
#define FORKLAB_SYNC_QUEUE_H

#include "sync/sleeper.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

// The most items that fit.
#define QUEUE_MOST 1000000

struct queue_item {
    int64_t value;
    int64_t sequence;  // of this producer, as it counts
    int64_t place;     // in the order of all items, which queue_put() sets
    uint32_t producer; // its number
};

// Its capacity is the number of items that fit, 1 to QUEUE_MOST.
extern const struct sync_kind sync_queue;

// In a worker: puts an item at the end, waiting up to `timeout` ns for room (SYNC_FOREVER, or 0
// for not at all), by the steps put, fill and wake. SYNC_OK, SYNC_TIMED_OUT, SYNC_CLOSED, or
// SYNC_FAILED with errno.
enum sync_result queue_put(struct queue *queue, const struct self *self, int64_t timeout,
                           struct queue_item item);

// In a worker: takes the first item into its hand, waiting up to `timeout` ns for one, by the
// steps get, taken, wake and hand. An item that was in its hand is done with. As queue_put();
// SYNC_CLOSED once a closed queue is empty, and no other worker has an item in its hand that may
// come back.
enum sync_result queue_get(struct queue *queue, const struct self *self, int64_t timeout,
                           struct queue_item *item);

// In a worker: is done with the item in its hand, by the step done. SYNC_REFUSED when there is
// none; SYNC_FAILED with errno.
enum sync_result queue_task_done(struct queue *queue, const struct self *self);

// In a worker: waits up to `timeout` ns until every item that was put is done with.
enum sync_result queue_join(struct queue *queue, const struct self *self, int64_t timeout);

// On both sides, never waits: from now on nothing is put. All that wait are woken. False with
// errno.
bool queue_close(struct queue *queue);

// In the parent: the worker is dead. True when it had an item in its hand: it is in `item`, and
// goes back to the front. All that wait are woken. Never waits.
bool queue_bury(struct queue *queue, uint32_t worker, struct queue_item *item);

// On both sides: how many items are in it, those that went back included; how many fit; how many
// were put at all; whether it is closed; and whether `worker` has one in its hand.
int64_t queue_length(const struct queue *queue);
int64_t queue_most(const struct queue *queue);
int64_t queue_put_count(const struct queue *queue);
bool queue_is_closed(const struct queue *queue);
bool queue_has_in_hand(const struct queue *queue, uint32_t worker);

#endif
