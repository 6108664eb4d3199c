// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/search_sync.h"

#include "base/json.h"
#include "base/must.h"
#include "base/out.h"
#include "commands/summary.h"
#include "jobs/search.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "sync/barrier.h"
#include "sync/condition.h"
#include "sync/lock.h"
#include "sync/queue.h"
#include "sync/semaphore.h"
#include "sync/sync.h"
#include "sync/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SEARCH_SYNC_WORKERS = 3, SEARCH_SYNC_OBJECTS = 3, SEARCH_SYNC_MOST = 100000 };

// Shared with the workers. What a worker writes between two gates is whole.
struct search_room {
    enum search_sync_kind kind;
    uint32_t workers, first;
    struct queue *queue;
    struct semaphore *semaphore;
    struct condition *condition;
    struct lock *lock;
    struct value *value;
    struct barrier *barrier;
    _Atomic bool through[SEARCH_SYNC_WORKERS], inside[SEARCH_SYNC_WORKERS];
    _Atomic uint32_t done[SEARCH_SYNC_WORKERS]; // times that a producer's item was done with
    _Atomic uint32_t passed, broken;            // parties of the barrier
    _Atomic bool fault;
};

struct search_sync {
    struct call *call;
    const struct search_sync_args *args;
    struct search_room *room;
    struct sync_set objects;
    int64_t capacities[SEARCH_SYNC_OBJECTS];
    struct search *search;
    struct search_options options;
    uint64_t deaths_wrong;
    uint8_t replay[GATE_STEPS];
    int status;
};

static void search_sync_produce(struct search_room *room, const struct self *self)
{
    queue_put(room->queue, self, SYNC_FOREVER,
              (struct queue_item){.value = self->number, .producer = self->number});
    room->through[self->number] = true;
    bool all = true;
    for (uint32_t i = 0; i < room->first; i++)
        all = all && room->through[i];
    if (all)
        queue_close(room->queue);
}

static void search_sync_consume(struct search_room *room, const struct self *self)
{
    struct queue_item item;
    while (queue_get(room->queue, self, SYNC_FOREVER, &item) == SYNC_OK)
        if (queue_task_done(room->queue, self) == SYNC_OK && item.producer < room->first)
            room->done[item.producer]++;
}

static uint32_t search_sync_count(const _Atomic bool *all)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < SEARCH_SYNC_WORKERS; i++)
        count += all[i];
    return count;
}

static void search_sync_enter(struct search_room *room, const struct self *self)
{
    if (semaphore_acquire(room->semaphore, self, SYNC_FOREVER) != SYNC_OK)
        room->fault = true;
    room->inside[self->number] = true;
    if (search_sync_count(room->inside) > room->first)
        room->fault = true;
    gate_before("is inside", NULL);
    room->inside[self->number] = false;
    if (semaphore_release(room->semaphore, self) != SYNC_OK)
        room->fault = true;
}

static void search_sync_notify(struct search_room *room, const struct self *self)
{
    int64_t dead_owner;
    uint32_t notified, number;
    if (lock_acquire(room->lock, self, SYNC_FOREVER, &dead_owner) != SYNC_OK)
        room->fault = true;
    value_set(room->value, 1);
    if (condition_notify(room->condition, room->lock, self, room->first, &notified, &number) !=
        SYNC_OK)
        room->fault = true;
    lock_drop(room->lock, self);
}

static void search_sync_await(struct search_room *room, const struct self *self)
{
    int64_t dead_owner;
    if (lock_acquire(room->lock, self, SYNC_FOREVER, &dead_owner) != SYNC_OK)
        room->fault = true;
    if (condition_wait_for(room->condition, room->lock, self, SYNC_FOREVER, room->value, 1) !=
            SYNC_OK ||
        value_now(room->value) < 1)
        room->fault = true;
    lock_drop(room->lock, self);
}

// What the parent does otherwise, the last party does here: it opens the barrier.
static void search_sync_meet(struct search_room *room, const struct self *self)
{
    uint32_t culprit;
    gate_before("arrives at", "the barrier");
    if (barrier_arrived(room->barrier, self->number, 0)) {
        gate_before("opens", "the barrier");
        barrier_release(room->barrier);
    }
    if (barrier_wait(room->barrier, self->number, 0, &culprit) == BARRIER_WHOLE)
        room->passed++;
    else
        room->broken++;
}

static void search_sync_body(void *data, uint32_t number)
{
    struct search_room *room = data;
    struct self self = {.number = number, .name = "p"};
    switch (room->kind) {
    case SEARCH_QUEUE:
        (number < room->first ? search_sync_produce : search_sync_consume)(room, &self);
        break;
    case SEARCH_SEMAPHORE:
        search_sync_enter(room, &self);
        break;
    case SEARCH_CONDITION:
        (number < room->first ? search_sync_await : search_sync_notify)(room, &self);
        break;
    case SEARCH_BARRIER:
        search_sync_meet(room, &self);
        break;
    }
    room->through[number] = true;
}

static void search_sync_reset(void *data)
{
    struct search_sync *state = data;
    struct search_room *room = state->room;
    for (size_t i = 0; i < state->objects.count; i++) {
        struct sync *object = &state->objects.all[i];
        memset(object->shared, 0, object->size);
        object->kind->init(object->shared, object->number, room->workers, state->capacities[i]);
    }
    for (uint32_t i = 0; i < SEARCH_SYNC_WORKERS; i++) {
        room->through[i] = room->inside[i] = false;
        room->done[i] = 0;
    }
    room->passed = room->broken = 0;
    room->fault = false;
}

// Closes a queue that no producer puts into any more, or from which no consumer takes.
static void search_sync_close(struct search_room *room, uint32_t dead)
{
    bool puts = false, takes = false;
    for (uint32_t i = 0; i < room->workers; i++) {
        bool lives = !(dead >> i & 1) && !room->through[i];
        puts = puts || (lives && i < room->first);
        takes = takes || (lives && i >= room->first);
    }
    if (!puts || !takes)
        queue_close(room->queue);
}

// What a death meant for an object shows in how the order ends.
static void search_sync_note_fate(void *data, const struct sync *object, struct sync_death death)
{
    (void)data;
    (void)object;
    (void)death;
}

static void search_sync_died(void *data, uint32_t number)
{
    struct search_sync *state = data;
    struct search_room *room = state->room;
    room->inside[number] = false;
    room->through[number] = true;
    sync_died(&state->objects, number, search_sync_note_fate, NULL);
    if (room->kind == SEARCH_QUEUE)
        search_sync_close(room, UINT32_C(1) << number);
    if (room->kind == SEARCH_BARRIER)
        barrier_break(room->barrier, BARRIER_PARTY_DIED, number);
}

static bool search_sync_queue_is_wrong(const struct search_room *room, uint32_t dead)
{
    bool consumer_lives = false;
    for (uint32_t i = room->first; i < room->workers; i++)
        consumer_lives = consumer_lives || !(dead >> i & 1);
    for (uint32_t i = 0; i < room->first; i++)
        if (room->done[i] > 1 || (room->done[i] == 0 && !(dead >> i & 1) && consumer_lives))
            return true;
    return false;
}

static bool search_sync_barrier_is_wrong(const struct search_room *room, uint32_t dead)
{
    return (room->passed > 0 && room->broken > 0) || (!dead && room->passed != room->workers);
}

static bool search_sync_kind_is_wrong(const struct search_room *room, uint32_t dead, bool stuck)
{
    switch (room->kind) {
    case SEARCH_QUEUE:
        return stuck || search_sync_queue_is_wrong(room, dead);
    case SEARCH_SEMAPHORE:
        return stuck || semaphore_value(room->semaphore) != room->first;
    case SEARCH_CONDITION: // without the one that notifies they wait for ever, and rightly
        return stuck && !(dead >> room->first & 1);
    case SEARCH_BARRIER:
        return stuck || search_sync_barrier_is_wrong(room, dead);
    }
    return true;
}

static bool search_sync_is_wrong(void *data, uint32_t dead, bool stuck)
{
    struct search_sync *state = data;
    bool wrong = state->room->fault || search_sync_kind_is_wrong(state->room, dead, stuck);
    state->deaths_wrong += wrong && dead;
    return wrong;
}

static void search_sync_finish(void *data)
{
    struct search_sync *state = data;
    summary_report_times(state->call, summary_times(state->call->job), state->room->workers);
    job_finish(state->call->job, state->status);
}

static void search_sync_end(struct search_sync *state, int status)
{
    state->status = status;
    search_end(state->search, search_sync_finish);
}

static bool search_sync_fails(struct search_sync *state)
{
    const struct search_result *result = search_result(state->search);
    struct call *call = state->call;
    if (!result->failed)
        return false;
    bool dismissed = call->dismissed && call->job->cancelled;
    search_sync_end(state, dismissed ? STATUS_OK : call_fail(call, "%s", result->failure));
    return true;
}

static void search_sync_tell_order(const struct search_sync *state, struct text *order)
{
    const struct search_result *result = search_result(state->search);
    struct text line = {0};
    search_add_order(result->trace, result->length, &line);
    if (result->order_stuck)
        text_print(&line, ": no worker can go on: %s", result->circle);
    for (size_t i = 0; i < result->length; i++)
        orders_format(&result->trace[i].step, 1, 1, order);
    out_print("  %s: %s\n", text_string(&line), result->order_wrong ? "wrong" : "right");
    struct text *report = json_output_begin(state->call, "order");
    if (report) {
        json_text(report, "order", text_string(order));
        json_bool(report, "wrong", result->order_wrong);
        json_text(report, "steps", text_string(&line));
        json_output_end();
    }
    text_free(&line);
}

static void search_sync_tell_replay(void *data)
{
    struct search_sync *state = data;
    const struct search_result *result = search_result(state->search);
    struct text order = {0};
    if (search_sync_fails(state))
        return;
    search_sync_tell_order(state, &order);
    call_summary(state->call, "order %s: %s; 'timeline' and 'explain' show it step by step",
                 text_string(&order), result->order_wrong ? "wrong" : "right");
    text_free(&order);
    search_sync_end(state, STATUS_OK);
}

static void search_sync_add_figures(const struct search_sync *state)
{
    const struct search_result *result = search_result(state->search);
    figures_begin(state->call);
    figures_add("orders", (int64_t)(result->tried - result->deaths));
    figures_add("wrong", (int64_t)(result->wrong - state->deaths_wrong));
    figures_add("deaths", (int64_t)result->deaths);
    figures_add("deaths_wrong", (int64_t)state->deaths_wrong);
    figures_add("complete", result->complete);
}

static void search_sync_tell(void *data)
{
    struct search_sync *state = data;
    const struct search_result *result = search_result(state->search);
    struct text order = {0};
    if (search_sync_fails(state))
        return;
    search_sync_add_figures(state);
    out_print("%s: %" PRIu64 " orders, %" PRIu64 " wrong; %" PRIu64
              " in which one is killed at a step, %" PRIu64 " wrong\n",
              result->complete ? "all" : "tried, fewest switches first, then at random",
              result->tried - result->deaths, result->wrong - state->deaths_wrong, result->deaths,
              state->deaths_wrong);
    if (result->has_order) {
        search_sync_tell_order(state, &order);
        search_sync_end(state, call_fail(state->call, "order %s goes wrong", text_string(&order)));
    } else {
        call_summary(state->call, "it goes wrong in no order%s, whatever dies",
                     result->complete ? "" : " that was tried");
        search_sync_end(state, STATUS_OK);
    }
    text_free(&order);
}

static void search_sync_free(struct call *call)
{
    struct search_sync *state = call->state;
    search_free(state->search);
    sync_free(&state->objects);
    if (state->room)
        munmap(state->room, sizeof *state->room);
    free(state);
}

static const struct call_ops search_sync_call_ops = {.free = search_sync_free};

static void *search_sync_add(struct search_sync *state, const struct sync_kind *kind,
                             int64_t capacity)
{
    state->capacities[state->objects.count] = capacity;
    return sync_add(&state->objects, kind, NULL, state->room->workers, capacity);
}

// Makes what they share. False with errno.
static bool search_sync_share(struct search_sync *state)
{
    struct search_room *room = state->room;
    switch (room->kind) {
    case SEARCH_QUEUE:
        return (room->queue = search_sync_add(state, &sync_queue, 1));
    case SEARCH_SEMAPHORE:
        return (room->semaphore = search_sync_add(state, &sync_semaphore, room->first));
    case SEARCH_CONDITION:
        return (room->condition = search_sync_add(state, &sync_condition, 0)) &&
               (room->lock = search_sync_add(state, &sync_lock, 0)) &&
               (room->value = search_sync_add(state, &sync_value, 0));
    case SEARCH_BARRIER:
        return (room->barrier = search_sync_add(state, &sync_barrier, 1));
    }
    return false;
}

static uint32_t search_sync_workers(enum search_sync_kind kind, int64_t first, int64_t second)
{
    if (kind == SEARCH_CONDITION)
        return (uint32_t)first + 1;
    if (kind == SEARCH_QUEUE)
        return (uint32_t)(first + second);
    return (uint32_t)(kind == SEARCH_BARRIER ? first : second);
}

static bool search_sync_map(struct search_sync *state, enum search_sync_kind kind, int64_t first,
                            int64_t second)
{
    struct search_room *room =
        mmap(NULL, sizeof *room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return false;
    state->room = room;
    room->kind = kind;
    room->first = (uint32_t)first;
    room->workers = search_sync_workers(kind, first, second);
    state->objects.job = state->call->job->id;
    if (!search_sync_share(state))
        return false;
    state->call->job->objects = (uint16_t)state->objects.count;
    struct scenario scenario = {.workers = room->workers,
                                .life = {search_sync_body, search_sync_body, NULL, room},
                                .reset = search_sync_reset,
                                .died = search_sync_died,
                                .is_wrong = search_sync_is_wrong,
                                .data = state};
    state->search = search_new(&scenario, state);
    return state->search != NULL;
}

bool search_sync_is_asked(const struct search_sync_args *args)
{
    return args->all || args->replay;
}

int search_sync_run(struct call *call, enum search_sync_kind kind, int64_t first, int64_t second,
                    const struct search_sync_args *args, int64_t for_ns)
{
    uint32_t workers = search_sync_workers(kind, first, second);
    if (workers > SEARCH_SYNC_WORKERS || first < 1)
        return call_misuse(call, "--all and --replay are for 2 or 3 workers, not %u", workers);
    struct search_sync *state = must_calloc(1, sizeof *state);
    struct text error = {0};
    *state = (struct search_sync){.call = call, .args = args};
    call->state = state;
    call->ops = &search_sync_call_ops;
    struct search_options *options = &state->options;
    if (args->replay &&
        !orders_parse(args->replay, workers, state->replay, &options->replay_length, &error)) {
        int status = call_misuse(call, "%s", text_string(&error));
        text_free(&error);
        return status;
    }
    call_job(call, &search_job_ops, NULL);
    if (!search_sync_map(state, kind, first, second)) {
        call_fail(call, "mmap: %s", strerror(errno));
        job_finish(call->job, STATUS_FAILED);
        return STATUS_PENDING;
    }
    call->job->data = state->search;
    options->mode = args->replay ? SEARCH_REPLAY : SEARCH_ORDERS;
    options->done = args->replay ? search_sync_tell_replay : search_sync_tell;
    options->replay = state->replay;
    options->deaths = true;
    options->most = SEARCH_SYNC_MOST;
    options->for_ns = for_ns > 0 ? for_ns : 2 * NS_PER_S;
    options->seed = 1;
    search_run(state->search, call->job, options);
    return STATUS_PENDING;
}
