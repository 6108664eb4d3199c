// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/queue_party.h"

#include "base/number.h"
#include "worker/workload.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

enum { WALK_WAIT_MS = 100, WALK_ACROSS = 10 };

static const char *queue_party_truth(bool so)
{
    return so ? "True" : "False";
}

static void queue_party_tell_state(const struct self *self, const struct queue *queue)
{
    int64_t length = queue_length(queue);
    report_output(self, "Queue empty: %s, full: %s, size: %" PRId64, queue_party_truth(length == 0),
                  queue_party_truth(length == queue_most(queue)), length);
}

static const char *queue_party_word(enum sync_result result, const char *in_time)
{
    switch (result) {
    case SYNC_OK:
        return "done";
    case SYNC_TIMED_OUT:
        return in_time;
    case SYNC_CLOSED:
        return "refused, the queue is closed";
    case SYNC_REFUSED:
        return "refused, no item is in hand";
    case SYNC_FAILED:
        return "failed";
    }
    return "";
}

// Puts an item, or gets one where `gets`, and says what came of it and how long it took.
static void queue_party_try(const struct self *self, struct queue *queue, bool gets, int64_t value,
                            int64_t timeout)
{
    struct queue_item item = {.value = value, .producer = self->number};
    char took[32], what[32] = "get", how[32] = "not waiting";
    if (!gets)
        snprintf(what, sizeof what, "put %" PRId64, value);
    if (timeout > 0)
        snprintf(how, sizeof how, "waiting %" PRId64 " ms", timeout / NS_PER_MS);
    int64_t before = clock_now();
    enum sync_result result =
        gets ? queue_get(queue, self, timeout, &item) : queue_put(queue, self, timeout, item);
    number_format_time(clock_now() - before, took, sizeof took);
    if (result == SYNC_FAILED)
        report_failure(self, "futex");
    report_output(self, "%s, %s: %s, after %s", what, how,
                  queue_party_word(result, gets ? "empty" : "full"), took);
}

// Puts the numbers from `first` on, as many as fit up to `count`, and says which.
static void queue_party_fill(const struct self *self, struct queue *queue, int64_t first,
                             int64_t count)
{
    char list[256] = "";
    size_t length = 0;
    for (int64_t i = first; i < first + count; i++) {
        struct queue_item item = {.value = i, .sequence = i, .producer = self->number};
        if (queue_put(queue, self, 0, item) == SYNC_OK)
            length += (size_t)snprintf(list + length, sizeof list - length, " %" PRId64, i);
    }
    report_output(self, "put%s: size %" PRId64 " of %" PRId64, list, queue_length(queue),
                  queue_most(queue));
}

static void queue_party_empty(const struct self *self, struct queue *queue)
{
    char list[256] = "";
    size_t length = 0;
    struct queue_item item;
    while (length < sizeof list - 24 && queue_get(queue, self, 0, &item) == SYNC_OK)
        length += (size_t)snprintf(list + length, sizeof list - length, " %" PRId64, item.value);
    report_output(self, "get:%s", list);
}

static void queue_party_tell_sizes(const struct self *self, struct queue *queue)
{
    struct queue_item item = {0};
    int64_t sizes[5] = {queue_length(queue)};
    for (int i = 1; i <= 4; i++) {
        if (i <= 2)
            queue_put(queue, self, 0, item);
        else
            queue_get(queue, self, 0, &item);
        sizes[i] = queue_length(queue);
    }
    queue_task_done(queue, self);
    report_output(self,
                  "size, and after put, put, get, get: %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
                  " %" PRId64,
                  sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]);
}

// join and task_done, which Python's JoinableQueue has.
static void queue_party_tell_join(const struct self *self, struct queue *queue)
{
    struct queue_item item = {.value = 1};
    bool none = queue_join(queue, self, 0) == SYNC_OK;
    queue_put(queue, self, 0, item);
    queue_get(queue, self, 0, &item);
    bool in_hand = queue_join(queue, self, 0) == SYNC_OK;
    queue_task_done(queue, self);
    bool done = queue_join(queue, self, 0) == SYNC_OK;
    report_output(self, "join, nothing put: %s; one taken and not done with: %s; done with: %s",
                  queue_party_truth(none), queue_party_truth(in_hand), queue_party_truth(done));
    report_output(self, "task_done once more: %s",
                  queue_party_word(queue_task_done(queue, self), ""));
}

static void queue_party_ask(const struct self *self, struct queue *queue)
{
    queue_party_tell_state(self, queue);
    queue_party_fill(self, queue, 1, queue_most(queue));
    queue_party_tell_state(self, queue);
    queue_party_try(self, queue, false, 7, 0);
    queue_party_try(self, queue, false, 7, WALK_WAIT_MS * NS_PER_MS);
    queue_party_empty(self, queue);
    queue_party_try(self, queue, true, 0, 0);
    queue_party_try(self, queue, true, 0, WALK_WAIT_MS * NS_PER_MS);
    queue_party_tell_sizes(self, queue);
    queue_party_tell_join(self, queue);
    queue_close(queue);
    queue_party_try(self, queue, false, 7, 0);
    queue_party_try(self, queue, true, 0, 0);
}

// Worker 0 asks, and puts the first numbers into the other queue; worker 1 puts more behind them,
// which worker 2 takes.
int queue_party_walk(const struct self *self, const void *argument)
{
    const struct queue_scene *scene = argument;
    report_hello(self);
    if (self->number == 0)
        queue_party_ask(self, scene->queue);
    if (self->number < 2) {
        report_output(self, "p%u, across a fork:", self->number + 1);
        queue_party_fill(self, scene->other, (int64_t)self->number * WALK_ACROSS, WALK_ACROSS);
    } else {
        report_output(self, "p%u, across a fork:", self->number + 1);
        queue_party_empty(self, scene->other);
    }
    report_done(self, 0);
    return self->exit_status;
}

// Computes, as --for says; a fault is for the middle of that, unless --at names a step.
static void queue_party_work(const struct self *self)
{
    struct self worker = *self;
    struct results results;
    if (worker.at != STEP_NONE)
        worker.as = AS_NORMAL;
    report_hello(self);
    workload_run(&worker, 0, &results);
}

// Ends a worker whose operation did not go well; `left` is how much it has not done.
static int queue_party_stop(const struct self *self, enum sync_result result, int64_t left)
{
    if (result == SYNC_FAILED)
        report_failure(self, "futex");
    else
        report_output(self, "p%u: %s; %" PRId64 " not put", self->number + 1,
                      queue_party_word(result, "full"), left);
    return 1;
}

static enum sync_result queue_party_put(const struct self *self, const struct queue_scene *scene,
                                        struct queue_item item)
{
    enum sync_result result = queue_put(scene->queue, self, 0, item);
    if (result != SYNC_TIMED_OUT)
        return result;
    int64_t before = clock_now();
    result = queue_put(scene->queue, self, SYNC_FOREVER, item);
    scene->waits[self->number].times++;
    scene->waits[self->number].ns += clock_now() - before;
    return result;
}

static void queue_party_join(const struct self *self, const struct queue_scene *scene)
{
    char took[32];
    int64_t before = clock_now();
    enum sync_result result = queue_join(scene->queue, self, SYNC_FOREVER);
    number_format_time(clock_now() - before, took, sizeof took);
    if (result == SYNC_OK)
        report_output(self, "p%u: join returned after %s: every item is done with",
                      self->number + 1, took);
}

int queue_party_produce(const struct self *self, const void *argument)
{
    const struct queue_scene *scene = argument;
    queue_party_work(self);
    for (int64_t i = 0; i < scene->items; i++) {
        struct queue_item item = {
            .value = self->number * scene->items + i, .sequence = i, .producer = self->number};
        // Said before, so that it stands before what the one that takes it says.
        if (scene->prints)
            report_output(self, "p%u puts %" PRId64, self->number + 1, i);
        enum sync_result result = queue_party_put(self, scene, item);
        if (result != SYNC_OK)
            return queue_party_stop(self, result, scene->items - i);
    }
    if (scene->joins)
        queue_party_join(self, scene);
    report_done(self, scene->items);
    return self->exit_status;
}

static enum sync_result queue_party_get(const struct self *self, const struct queue_scene *scene,
                                        struct queue_item *item)
{
    enum sync_result result = queue_get(scene->queue, self, 0, item);
    if (result != SYNC_TIMED_OUT)
        return result;
    int64_t before = clock_now();
    result = queue_get(scene->queue, self, SYNC_FOREVER, item);
    scene->waits[self->number].times++;
    scene->waits[self->number].ns += clock_now() - before;
    return result;
}

int queue_party_consume(const struct self *self, const void *argument)
{
    const struct queue_scene *scene = argument;
    struct queue_item item;
    enum sync_result result;
    int64_t taken = 0;
    queue_party_work(self);
    while ((result = queue_party_get(self, scene, &item)) == SYNC_OK) {
        struct queue_fate *fate = &scene->fates[item.producer * scene->items + item.sequence];
        atomic_store(&fate->place, item.place + 1);
        atomic_fetch_add(&fate->times, 1);
        if (scene->prints)
            report_output(self, "p%u took %" PRId64 " of p%u", self->number + 1, item.sequence,
                          item.producer + 1);
        if (queue_task_done(scene->queue, self) == SYNC_FAILED)
            return queue_party_stop(self, SYNC_FAILED, 0);
        taken++;
    }
    if (result != SYNC_CLOSED)
        return queue_party_stop(self, result, 0);
    report_done(self, taken);
    return self->exit_status;
}
