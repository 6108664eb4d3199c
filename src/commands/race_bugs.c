// SPDX-License-Identifier: GPL-3.0-or-later
// Ten classic faults of workers that share something, each with its repair. Every body is the fault
// as small as it can be: one step a line, a gate before each.
#include "commands/race_scene.h"

#include <string.h>

enum { CELL_A, CELL_B, CELL_C, CELL_D };

// Lost update: load, add, store without a lock.
static void race_bugs_add(struct race_shared *shared, uint32_t number)
{
    int64_t value = race_load(&shared->x, "loads", NULL);
    race_store(&shared->x, "stores", NULL, value + 1);
    shared->done[number] = 1;
}

static void race_bugs_add_locked(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    race_bugs_add(shared, number);
    race_drop(shared, 0, number);
}

static const char *race_bugs_sum_fault(const struct race_shared *shared, uint32_t workers)
{
    int64_t wanted = 0;
    for (uint32_t i = 0; i < workers; i++)
        wanted += shared->done[i];
    return shared->x == wanted ? NULL : "an update is lost";
}

// Wrong lock: each has one, but not the same.
static void race_bugs_add_wrong(struct race_shared *shared, uint32_t number)
{
    race_take(shared, number, number);
    race_bugs_add(shared, number);
    race_drop(shared, number, number);
}

// Check, then act: makes a file unless there is one. own[] counts those it has made.
static void race_bugs_create(struct race_shared *shared, uint32_t number)
{
    if (race_load(&shared->x, "sees files:", NULL) > 0)
        return;
    race_set(&shared->x, "creates one");
    shared->own[number]++;
}

static void race_bugs_create_once(struct race_shared *shared, uint32_t number)
{
    gate_before("creates it unless it exists", NULL);
    int64_t none = 0;
    if (atomic_compare_exchange_strong(&shared->x, &none, 1))
        shared->own[number]++;
}

static const char *race_bugs_created_fault(const struct race_shared *shared, uint32_t workers)
{
    int64_t made = 0;
    for (uint32_t i = 0; i < workers; i++)
        made += shared->own[i];
    return made <= 1 ? NULL : "both have created it, one over the other";
}

// Double take: two consumers, one item. A: items there are; own[] counts those taken.
static void race_bugs_take_item(struct race_shared *shared, uint32_t number)
{
    _Atomic int64_t *taken = &shared->cells[CELL_A];
    if (race_load(taken, "sees gone:", NULL) > 0)
        return;
    gate_before("takes the item", NULL);
    shared->own[number]++;
    race_set(taken, "notes that it is gone");
}

static void race_bugs_take_item_locked(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    race_bugs_take_item(shared, number);
    race_drop(shared, 0, number);
}

static const char *race_bugs_taken_fault(const struct race_shared *shared, uint32_t workers)
{
    int64_t taken = 0;
    for (uint32_t i = 0; i < workers; i++)
        taken += shared->own[i];
    return taken <= 1 ? NULL : "both have taken the same item";
}

// Lost wake-up: p1 looks, and then goes to sleep; p2 wakes it in between. A: ready, B: p1 sleeps,
// C: it is woken.
static void race_bugs_wake(struct race_shared *shared)
{
    race_set(&shared->cells[CELL_A], "sets ready");
    bool sleeps = race_load(&shared->cells[CELL_B], "sees sleepers:", NULL);
    if (!sleeps)
        return;
    race_set(&shared->cells[CELL_C], "wakes it");
}

static void race_bugs_sleep_late(struct race_shared *shared, uint32_t number)
{
    if (number == 1) {
        race_bugs_wake(shared);
        return;
    }
    if (race_load(&shared->cells[CELL_A], "sees ready:", NULL))
        return;
    race_set(&shared->cells[CELL_B], "goes to sleep");
    race_await(shared, number, "sleeps until woken", &shared->cells[CELL_C]);
}

// The repair: it looks once more after it is known to sleep.
static void race_bugs_look_again(struct race_shared *shared, uint32_t number)
{
    if (number == 1) {
        race_bugs_wake(shared);
        return;
    }
    race_set(&shared->cells[CELL_B], "says that it will sleep");
    if (race_load(&shared->cells[CELL_A], "sees ready:", NULL))
        return;
    race_await(shared, number, "sleeps until woken", &shared->cells[CELL_C]);
}

static const char *race_bugs_no_fault(const struct race_shared *shared, uint32_t workers)
{
    (void)shared;
    (void)workers;
    return NULL;
}

// Signal before wait: a notification that no worker waits for is gone. B: p2 waits, C: it is
// notified.
static void race_bugs_notify(struct race_shared *shared, uint32_t number)
{
    if (number == 0) {
        gate_before("notifies the waiters", NULL);
        if (shared->cells[CELL_B])
            shared->cells[CELL_C] = 1;
        return;
    }
    race_set(&shared->cells[CELL_B], "begins to wait");
    race_await(shared, number, "waits to be notified", &shared->cells[CELL_C]);
}

// The repair: what it waits for is kept, and looked at under the lock.
static void race_bugs_notify_kept(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    if (number == 0) {
        gate_before("keeps that it happened, notifies", NULL);
        shared->cells[CELL_A] = shared->cells[CELL_C] = 1;
        race_drop(shared, 0, number);
        return;
    }
    bool happened = race_load(&shared->cells[CELL_A], "sees it happened:", NULL);
    race_drop(shared, 0, number);
    if (!happened)
        race_await(shared, number, "waits to be notified", &shared->cells[CELL_C]);
}

// Lock order: A then B, and B then A.
static void race_bugs_take_both(struct race_shared *shared, uint32_t number, uint32_t first)
{
    race_take(shared, first, number);
    race_take(shared, 1 - first, number);
    race_drop(shared, 1 - first, number);
    race_drop(shared, first, number);
}

static void race_bugs_crosswise(struct race_shared *shared, uint32_t number)
{
    race_bugs_take_both(shared, number, number);
}

static void race_bugs_in_order(struct race_shared *shared, uint32_t number)
{
    race_bugs_take_both(shared, number, 0);
}

// Missing unlock on one path: the one that finds nothing to do goes home with the lock.
static void race_bugs_keep_lock(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    if (race_load(&shared->x, "sees done:", NULL))
        return;
    race_set(&shared->x, "notes that it is done");
    race_drop(shared, 0, number);
}

static void race_bugs_drop_always(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    if (!race_load(&shared->x, "sees done:", NULL))
        race_set(&shared->x, "notes that it is done");
    race_drop(shared, 0, number);
}

static const char *race_bugs_lock_fault(const struct race_shared *shared, uint32_t workers)
{
    (void)workers;
    return shared->locks[0].holder ? "a worker has ended with the lock: the next one waits for ever"
                                   : NULL;
}

// Barrier misuse: a counter that opens at 2 and is used again. A and B: arrivals; own[]: the rounds
// begun, as the other sees them when it begins its own.
static void race_bugs_arrive(struct race_shared *shared, uint32_t number, bool again)
{
    for (int64_t round = 0; round < 2; round++) {
        _Atomic int64_t *arrivals = &shared->cells[again ? CELL_A : CELL_A + round];
        _Atomic int64_t *open = &shared->cells[again ? CELL_B : CELL_C + round];
        gate_before("arrives", NULL);
        if (++*arrivals >= 2)
            *open = 1;
        race_await(shared, number, "passes when two have arrived", open);
        shared->done[number]++;
        int64_t other = shared->done[1 - number];
        if (other < round)
            shared->saw[number] = 1;
    }
}

static void race_bugs_barrier_again(struct race_shared *shared, uint32_t number)
{
    race_bugs_arrive(shared, number, true);
}

static void race_bugs_barrier_each(struct race_shared *shared, uint32_t number)
{
    race_bugs_arrive(shared, number, false);
}

static const char *race_bugs_barrier_fault(const struct race_shared *shared, uint32_t workers)
{
    for (uint32_t i = 0; i < workers; i++)
        if (shared->saw[i])
            return "one has passed the second barrier before the other had passed the first";
    return NULL;
}

// Half-written record: both halves belong together.
static void race_bugs_record(struct race_shared *shared, uint32_t number)
{
    if (number == 0) {
        race_set(&shared->cells[CELL_A], "writes the first half");
        race_set(&shared->cells[CELL_B], "writes the second half");
        return;
    }
    int64_t first = race_load(&shared->cells[CELL_A], "reads the first half:", NULL);
    int64_t second = race_load(&shared->cells[CELL_B], "reads the second half:", NULL);
    shared->saw[number] = first != second;
}

static void race_bugs_record_locked(struct race_shared *shared, uint32_t number)
{
    race_take(shared, 0, number);
    race_bugs_record(shared, number);
    race_drop(shared, 0, number);
}

static const char *race_bugs_torn_fault(const struct race_shared *shared, uint32_t workers)
{
    (void)workers;
    return shared->saw[1] ? "p2 has read half of the old record and half of the new one" : NULL;
}

const struct race_scene race_bugs[] = {
    {.name = "lost-update",
     .what = "two add 1 to x, without a lock",
     .repair = "the same within a lock",
     .workers = 2,
     .counts = true,
     .body = race_bugs_add,
     .repaired = race_bugs_add_locked,
     .fault = race_bugs_sum_fault},
    {.name = "check-then-act",
     .what = "two create a file unless they see one",
     .repair = "they look and create in one step, as open(O_CREAT | O_EXCL) does",
     .workers = 2,
     .body = race_bugs_create,
     .repaired = race_bugs_create_once,
     .fault = race_bugs_created_fault},
    {.name = "lost-wakeup",
     .what = "p1 looks whether it is ready, and else sleeps until p2 wakes it",
     .repair = "p1 says first that it will sleep, and then looks",
     .workers = 2,
     .body = race_bugs_sleep_late,
     .repaired = race_bugs_look_again,
     .fault = race_bugs_no_fault},
    {.name = "double-take",
     .what = "two consumers see one item, and take it",
     .repair = "they look and take it within a lock",
     .workers = 2,
     .body = race_bugs_take_item,
     .repaired = race_bugs_take_item_locked,
     .fault = race_bugs_taken_fault},
    {.name = "wrong-lock",
     .what = "two add 1 to x, each within a lock, but not the same one",
     .repair = "both take the same lock",
     .workers = 2,
     .counts = true,
     .body = race_bugs_add_wrong,
     .repaired = race_bugs_add_locked,
     .fault = race_bugs_sum_fault},
    {.name = "lock-order",
     .what = "p1 takes A, then B; p2 takes B, then A",
     .repair = "both take A, then B",
     .workers = 2,
     .body = race_bugs_crosswise,
     .repaired = race_bugs_in_order,
     .fault = race_bugs_no_fault},
    {.name = "missing-unlock",
     .what = "a worker that finds the work done returns, and keeps its lock",
     .repair = "the lock is released on every path",
     .workers = 2,
     .body = race_bugs_keep_lock,
     .repaired = race_bugs_drop_always,
     .fault = race_bugs_lock_fault},
    {.name = "barrier-misuse",
     .what = "two meet twice at a counter that stays open once two have arrived",
     .repair = "each round has a counter of its own",
     .workers = 2,
     .body = race_bugs_barrier_again,
     .repaired = race_bugs_barrier_each,
     .fault = race_bugs_barrier_fault},
    {.name = "signal-before-wait",
     .what = "p1 notifies, p2 waits to be notified",
     .repair = "p1 keeps that it happened, and p2 looks at that within the lock before it waits",
     .workers = 2,
     .body = race_bugs_notify,
     .repaired = race_bugs_notify_kept,
     .fault = race_bugs_no_fault},
    {.name = "half-written",
     .what = "p1 writes a record in two halves, p2 reads it",
     .repair = "they do so within a lock",
     .workers = 2,
     .body = race_bugs_record,
     .repaired = race_bugs_record_locked,
     .fault = race_bugs_torn_fault},
    {0},
};

const struct race_scene *race_bugs_find(const char *name)
{
    for (const struct race_scene *scene = race_bugs; scene->name; scene++)
        if (strcmp(scene->name, name) == 0)
            return scene;
    return NULL;
}
