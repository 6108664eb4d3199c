// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/queue.h"

#include "base/die.h"
#include "sync/guard.h"
#include "worker/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

// What a worker has in its hand. `word` is HAND_EMPTY, or a state and above that the item's place
// in the order of all items: its own write decides, what is beside it is written before. It counts
// only once the head has moved past that place.
enum { HAND_EMPTY, HAND_HOLDS, HAND_RETURNED, HAND_STATES = 4 };

struct hand {
    _Alignas(64) _Atomic uint64_t word;
    struct queue_item item;
};

// One thing to wait for. With the guard held, `sleepers` is never less than the number of workers
// that sleep.
struct bell {
    _Alignas(64) _Atomic uint32_t word;
    _Atomic uint32_t sleepers;
};

struct queue {
    pthread_mutex_t guard;
    _Atomic uint32_t inside; // the worker that has the guard, as soon as it has signed
    uint32_t workers;
    uint64_t most;
    _Atomic bool closed;
    uint16_t object;
    struct bell items, room, done;
    _Alignas(64) _Atomic uint64_t tail; // how many were put
    _Alignas(64) _Atomic uint64_t head; // how many were taken
    _Atomic uint32_t returned;          // not 0 once an item has gone back
    struct hand hands[];                // by worker; the ring of items is behind them
};

static size_t queue_size(uint32_t workers, int64_t most)
{
    return sizeof(struct queue) + workers * sizeof(struct hand) +
           (size_t)most * sizeof(struct queue_item);
}

static void queue_init(void *shared, uint16_t object, uint32_t workers, int64_t most)
{
    struct queue *queue = shared;
    int error = guard_init(&queue->guard);
    if (error)
        die("pthread_mutex_init: %s", strerror(error));
    queue->workers = workers;
    queue->most = (uint64_t)most;
    queue->object = object;
}

static struct queue_item *queue_place(struct queue *queue, uint64_t ticket)
{
    struct queue_item *ring = (struct queue_item *)&queue->hands[queue->workers];
    return &ring[ticket % queue->most];
}

// Returns the hand whose item went back and has this place, or NULL; any of them for UINT64_MAX.
static struct hand *queue_find_returned(struct queue *queue, uint64_t ticket)
{
    struct hand *first = NULL;
    uint64_t least = UINT64_MAX;
    for (uint32_t worker = 0; worker < queue->workers; worker++) {
        uint64_t word = atomic_load(&queue->hands[worker].word);
        if (word % HAND_STATES != HAND_RETURNED)
            continue;
        if (word / HAND_STATES == ticket)
            return &queue->hands[worker];
        if (ticket == UINT64_MAX && word < least) {
            first = &queue->hands[worker];
            least = word;
        }
    }
    return first;
}

// Whether a hand that holds an item really has it: a worker that dies between noting and taking it
// leaves it where it was.
static bool queue_has_taken(struct queue *queue, uint64_t word)
{
    return word / HAND_STATES < atomic_load(&queue->head) &&
           !queue_find_returned(queue, word / HAND_STATES);
}

// The guard is held for some instructions only, unless its owner is stopped: so long even one that
// does not wait has.
#define QUEUE_ENTRY (20 * NS_PER_MS)

// Waits for the guard. Returns what guard_take() does.
static int queue_await_guard(struct queue *queue, struct sleeper *sleeper)
{
    int64_t deadline = sleeper_deadline(sleeper);
    int error =
        guard_take(&queue->guard, deadline == FUTEX_NEVER ? deadline : deadline + QUEUE_ENTRY);
    return error;
}

// Undoes what a worker that died with the guard had noted and not done.
static void queue_mend(struct queue *queue)
{
    struct hand *hand = &queue->hands[atomic_load(&queue->inside)];
    uint64_t word = atomic_load(&hand->word);
    if (word % HAND_STATES == HAND_HOLDS && !queue_has_taken(queue, word))
        atomic_compare_exchange_strong(&hand->word, &word, HAND_EMPTY);
}

// Takes the guard. Returns 0 or an errno.
static int queue_enter(struct queue *queue, struct sleeper *sleeper)
{
    int error = guard_take(&queue->guard, 0);
    if (error == ETIMEDOUT)
        error = queue_await_guard(queue, sleeper);
    if (error == EOWNERDEAD) {
        queue_mend(queue);
        error = guard_mend(&queue->guard);
    }
    if (!error)
        atomic_store_explicit(&queue->inside, sleeper->self->number, memory_order_relaxed);
    return error;
}

// With the guard held: is to ring a bell once the guard is free. True when there is one to wake.
static bool queue_claim(struct bell *bell)
{
    uint32_t sleepers = atomic_load_explicit(&bell->sleepers, memory_order_relaxed);
    if (sleepers == 0)
        return false;
    atomic_store_explicit(&bell->sleepers, sleepers - 1, memory_order_relaxed);
    atomic_fetch_add(&bell->word, 1);
    return true;
}

// Without the guard: rings it.
static enum sync_result queue_ring(struct queue *queue, const struct self *self, struct bell *bell,
                                   bool claimed)
{
    if (!claimed)
        return SYNC_OK;
    gate_pass(self, STEP_WAKE, queue->object);
    return futex_wake(&bell->word, 1) < 0 ? SYNC_FAILED : SYNC_OK;
}

// With the guard held, which it gives up: sleeps until the bell rings, or has rung since its word
// was `word`. Returns 0 or an errno.
static int queue_sleep(struct queue *queue, struct sleeper *sleeper, struct bell *bell,
                       uint32_t word)
{
    if (sleeper->timeout == 0) {
        guard_release(&queue->guard);
        return ETIMEDOUT;
    }
    atomic_fetch_add(&bell->sleepers, 1);
    guard_release(&queue->guard);
    return sleeper_sleep(sleeper, &bell->word, word);
}

// Ends an operation that had to wait.
static enum sync_result queue_end(const struct sleeper *sleeper, int error)
{
    if (error)
        sleeper_give_up(sleeper);
    else if (sleeper->told)
        report_goes_on(sleeper->self, sleeper->object, WENT_ON_WOKEN);
    return sleeper_result(error);
}

// Tries `act` with the guard held, until it did something or the time is over. Then it has the
// guard; else not.
static enum sync_result queue_until(struct queue *queue, struct sleeper *sleeper, struct bell *bell,
                                    bool (*act)(struct queue *, const struct sleeper *, void *),
                                    bool (*is_over)(const struct queue *), void *data)
{
    for (int slept = 0;;) {
        int error = queue_enter(queue, sleeper);
        if (error)
            return queue_end(sleeper, error);
        // Read before the look: hands are emptied, items given back and the queue closed without
        // the guard.
        uint32_t word = atomic_load(&bell->word);
        if (act(queue, sleeper, data))
            return queue_end(sleeper, 0);
        bool closed = is_over(queue);
        // At the end of its time it has looked once more.
        if (closed || slept) {
            guard_release(&queue->guard);
            queue_end(sleeper, closed ? ECANCELED : slept);
            return closed ? SYNC_CLOSED : sleeper_result(slept);
        }
        slept = queue_sleep(queue, sleeper, bell, word);
    }
}

static bool queue_add(struct queue *queue, const struct sleeper *sleeper, void *data)
{
    uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    if (atomic_load(&queue->closed) || tail - atomic_load(&queue->head) >= queue->most)
        return false;
    struct queue_item *item = data;
    item->place = (int64_t)tail;
    *queue_place(queue, tail) = *item;
    gate_pass(sleeper->self, STEP_FILL, queue->object);
    atomic_store(&queue->tail, tail + 1);
    return true;
}

// Says how many items there are now, and lets the next in.
static enum sync_result queue_leave(struct queue *queue, const struct self *self, struct bell *bell)
{
    bool claimed = queue_claim(bell);
    // Reported before it can change again.
    if (self->tells)
        report_value(self, queue->object, queue_length(queue));
    guard_release(&queue->guard);
    return queue_ring(queue, self, bell, claimed);
}

enum sync_result queue_put(struct queue *queue, const struct self *self, int64_t timeout,
                           struct queue_item item)
{
    struct sleeper sleeper = sleeper_of(self, queue->object, timeout);
    gate_pass(self, STEP_PUT, queue->object);
    enum sync_result result =
        queue_until(queue, &sleeper, &queue->room, queue_add, queue_is_closed, &item);
    return result == SYNC_OK ? queue_leave(queue, self, &queue->items) : result;
}

// Takes back what went back first, else the first item.
static bool queue_take(struct queue *queue, const struct sleeper *sleeper, void *data)
{
    struct hand *mine = &queue->hands[sleeper->self->number];
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    struct hand *from =
        atomic_load(&queue->returned) ? queue_find_returned(queue, UINT64_MAX) : NULL;
    if (!from && head == atomic_load(&queue->tail))
        return false;
    uint64_t ticket = from ? atomic_load(&from->word) / HAND_STATES : head;
    mine->item = from ? from->item : *queue_place(queue, head);
    atomic_store(&mine->word, ticket * HAND_STATES + HAND_HOLDS);
    gate_pass(sleeper->self, STEP_TAKEN, queue->object);
    if (from)
        atomic_store(&from->word, HAND_EMPTY);
    else
        atomic_store(&queue->head, head + 1);
    *(struct queue_item *)data = mine->item;
    return true;
}

// Whether each item that was put is done with.
static bool queue_is_done(const struct queue *queue)
{
    if (atomic_load(&queue->head) != atomic_load(&queue->tail))
        return false;
    for (uint32_t worker = 0; worker < queue->workers; worker++)
        if (atomic_load(&queue->hands[worker].word) != HAND_EMPTY)
            return false;
    return true;
}

// Whether there is nothing to get, now or later: what is in a hand may come back.
static bool queue_is_over(const struct queue *queue)
{
    return queue_is_closed(queue) && queue_is_done(queue);
}

enum sync_result queue_get(struct queue *queue, const struct self *self, int64_t timeout,
                           struct queue_item *item)
{
    struct sleeper sleeper = sleeper_of(self, queue->object, timeout);
    gate_pass(self, STEP_GET, queue->object);
    if (queue_has_in_hand(queue, self->number) && queue_task_done(queue, self) == SYNC_FAILED)
        return SYNC_FAILED;
    enum sync_result result =
        queue_until(queue, &sleeper, &queue->items, queue_take, queue_is_over, item);
    if (result == SYNC_OK)
        result = queue_leave(queue, self, &queue->room);
    if (result == SYNC_OK)
        gate_pass(self, STEP_HAND, queue->object);
    return result;
}

static bool queue_wake_all(struct bell *bell)
{
    atomic_fetch_add(&bell->word, 1);
    return futex_wake(&bell->word, INT_MAX) >= 0;
}

enum sync_result queue_task_done(struct queue *queue, const struct self *self)
{
    gate_pass(self, STEP_DONE, queue->object);
    if (!queue_has_in_hand(queue, self->number))
        return SYNC_REFUSED;
    atomic_store(&queue->hands[self->number].word, HAND_EMPTY);
    bool woke = atomic_load(&queue->done.sleepers) == 0 || queue_wake_all(&queue->done);
    // Those that wait for what may come back are to look again.
    if (queue_is_closed(queue))
        woke = queue_wake_all(&queue->items) && woke;
    return woke ? SYNC_OK : SYNC_FAILED;
}

enum sync_result queue_join(struct queue *queue, const struct self *self, int64_t timeout)
{
    struct sleeper sleeper = sleeper_of(self, queue->object, timeout);
    int error = 0;
    atomic_fetch_add(&queue->done.sleepers, 1);
    for (;;) {
        uint32_t word = atomic_load(&queue->done.word);
        if (queue_is_done(queue))
            error = 0;
        else if (!error && timeout != 0 &&
                 (error = sleeper_sleep(&sleeper, &queue->done.word, word)) == 0)
            continue;
        else if (timeout == 0)
            error = ETIMEDOUT;
        break;
    }
    atomic_fetch_sub(&queue->done.sleepers, 1);
    return queue_end(&sleeper, error);
}

bool queue_close(struct queue *queue)
{
    atomic_store(&queue->closed, true);
    return queue_wake_all(&queue->items) && queue_wake_all(&queue->room);
}

bool queue_bury(struct queue *queue, uint32_t worker, struct queue_item *item)
{
    bool had = false;
    if (worker < queue->workers) {
        struct hand *hand = &queue->hands[worker];
        uint64_t word = atomic_load(&hand->word);
        *item = hand->item;
        had = word % HAND_STATES == HAND_HOLDS && queue_has_taken(queue, word) &&
              atomic_compare_exchange_strong(&hand->word, &word, word - HAND_HOLDS + HAND_RETURNED);
    }
    if (had)
        atomic_store(&queue->returned, 1);
    // It may have died before it rang, or as the one that was to hear it.
    struct bell *bells[] = {&queue->items, &queue->room, &queue->done};
    for (size_t i = 0; i < sizeof bells / sizeof *bells; i++) {
        atomic_fetch_add(&bells[i]->word, 1);
        futex_must_wake(&bells[i]->word, INT_MAX);
    }
    return had;
}

int64_t queue_length(const struct queue *queue)
{
    uint64_t head = atomic_load(&queue->head), tail = atomic_load(&queue->tail), back = 0;
    for (uint32_t worker = 0; atomic_load(&queue->returned) && worker < queue->workers; worker++)
        back += atomic_load(&queue->hands[worker].word) % HAND_STATES == HAND_RETURNED;
    return (int64_t)(tail - head + back);
}

int64_t queue_most(const struct queue *queue)
{
    return (int64_t)queue->most;
}

int64_t queue_put_count(const struct queue *queue)
{
    return (int64_t)atomic_load(&queue->tail);
}

bool queue_is_closed(const struct queue *queue)
{
    return atomic_load(&queue->closed);
}

bool queue_has_in_hand(const struct queue *queue, uint32_t worker)
{
    return worker < queue->workers &&
           atomic_load(&queue->hands[worker].word) % HAND_STATES == HAND_HOLDS;
}

static struct sync_death queue_died(void *shared, uint32_t worker)
{
    struct queue_item item;
    bool had = queue_bury(shared, worker, &item);
    return (struct sync_death){
        .fate = had ? SYNC_RETURNED : SYNC_UNTOUCHED, .amount = had, .item = had ? item.value : -1};
}

static int64_t queue_value(const void *shared)
{
    return queue_length(shared);
}

static void queue_describe(const void *shared, struct text *text)
{
    text_print(text, "%" PRId64 " of %" PRId64 "%s", queue_length(shared), queue_most(shared),
               queue_is_closed(shared) ? ", closed" : "");
}

const struct sync_kind sync_queue = {.name = "queue",
                                     .glyph = "\u25a1",
                                     .mark = "q",
                                     .size = queue_size,
                                     .init = queue_init,
                                     .died = queue_died,
                                     .value = queue_value,
                                     .describe = queue_describe};
