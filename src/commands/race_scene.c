// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_scene.h"

#include "base/die.h"

#include <string.h>
#include <time.h>

static const char *const race_lock_names[RACE_LOCKS] = {"A", "B", "C"};

static bool race_scene_is_free(const void *object, uint32_t worker)
{
    const struct race_lock *lock = object;
    uint32_t holder = lock->holder;
    (void)worker;
    return holder == 0 || lock->dead >> (holder - 1) & 1;
}

static uint32_t race_scene_holder(const void *object)
{
    const struct race_lock *lock = object;
    uint32_t holder = lock->holder;
    return holder ? UINT32_C(1) << (holder - 1) : 0;
}

static const struct gate_wait race_scene_wait = {race_scene_is_free, race_scene_holder};

// Whether worker `number` is through, or waits for what has not come.
static bool race_scene_is_blocked(const struct race_shared *shared, uint32_t number)
{
    const _Atomic int64_t *awaited = shared->awaited[number];
    const struct race_lock *wanted = shared->wanted[number];
    return shared->through[number] || (awaited && *awaited == 0) || (wanted && wanted->holder != 0);
}

// In a free run of a fault: waits a moment. False once none can go on: where all are blocked, all
// stay so.
static bool race_scene_has_hope(struct race_shared *shared)
{
    struct timespec moment = {.tv_nsec = 20000};
    bool all_blocked = true;
    for (uint32_t i = 0; i < shared->workers; i++)
        all_blocked = all_blocked && race_scene_is_blocked(shared, i);
    if (all_blocked)
        shared->hopeless = true;
    nanosleep(&moment, NULL);
    return !shared->hopeless;
}

static bool race_scene_take_freely(struct race_shared *shared, struct race_lock *lock,
                                   uint32_t number)
{
    int64_t dead_owner;
    bool taken = false, hope = true;
    shared->wanted[number] = lock;
    while (!taken && hope) {
        taken = lock->holder == 0 && lock_try(lock->lock, number, &dead_owner);
        hope = taken || race_scene_has_hope(shared);
    }
    shared->wanted[number] = NULL;
    return taken;
}

void race_take(struct race_shared *shared, uint32_t which, uint32_t number)
{
    struct race_lock *lock = &shared->locks[which];
    int64_t dead_owner;
    gate_before_wait("takes", race_lock_names[which], &race_scene_wait, lock);
    if (gate_page)
        BUG_IF(!lock_try(lock->lock, number, &dead_owner));
    else if (!shared->scene->repaired)
        lock_take(lock->lock, number, &dead_owner);
    else if (!race_scene_take_freely(shared, lock, number))
        return;
    shared->taken_over += lock->holder != 0;
    lock->holder = number + 1;
}

void race_drop(struct race_shared *shared, uint32_t which, uint32_t number)
{
    struct race_lock *lock = &shared->locks[which];
    gate_before("releases", race_lock_names[which]);
    if (lock->holder != number + 1)
        return;
    lock->holder = 0;
    lock_release(lock->lock);
}

// The real lock of one that was forgotten is let go all the same, for the next order; `holder`
// stays.
void race_is_through(struct race_shared *shared, uint32_t number)
{
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        if (shared->locks[i].holder == number + 1)
            lock_release(shared->locks[i].lock);
    shared->through[number] = true;
}

void race_abandon(void *data, uint32_t number)
{
    struct race_shared *shared = data;
    for (uint32_t i = 0; i < RACE_LOCKS; i++) {
        if (shared->locks[i].holder != number + 1)
            continue;
        shared->locks[i].holder = 0;
        lock_release(shared->locks[i].lock);
    }
}

static bool race_scene_is_set(const void *object, uint32_t worker)
{
    (void)worker;
    return *(const _Atomic int64_t *)object != 0;
}

static const struct gate_wait race_scene_await = {race_scene_is_set, NULL};

void race_await(struct race_shared *shared, uint32_t number, const char *verb,
                const _Atomic int64_t *word)
{
    gate_before_wait(verb, NULL, &race_scene_await, word);
    if (gate_page)
        return;
    shared->awaited[number] = word;
    while (*word == 0 && race_scene_has_hope(shared))
        continue;
    shared->awaited[number] = NULL;
}

void race_set(_Atomic int64_t *word, const char *verb)
{
    gate_before(verb, NULL);
    *word = 1;
}

int64_t race_load(const _Atomic int64_t *word, const char *verb, const char *name)
{
    gate_step(&(struct gate_step){.verb = verb, .name = name, .peek = word});
    int64_t value = *word;
    gate_saw(value);
    return value;
}

void race_store(_Atomic int64_t *word, const char *verb, const char *name, int64_t value)
{
    gate_step(&(struct gate_step){.verb = verb, .name = name, .value = value, .has_value = true});
    *word = value;
}

static void race_scene_add_one(struct race_shared *shared, _Atomic int64_t *word, uint32_t number)
{
    int64_t value = race_load(word, "loads", NULL);
    gate_before("adds", NULL);
    race_store(word, "stores", NULL, value + 1);
    shared->done[number]++;
}

static void race_scene_none(struct race_shared *shared, uint32_t number)
{
    for (int64_t i = 0; i < shared->times; i++)
        race_scene_add_one(shared, &shared->x, number);
}

static void race_scene_locked(struct race_shared *shared, uint32_t number, uint32_t which)
{
    for (int64_t i = 0; i < shared->times; i++) {
        race_take(shared, which, number);
        race_scene_add_one(shared, &shared->x, number);
        race_drop(shared, which, number);
    }
}

static void race_scene_mutex(struct race_shared *shared, uint32_t number)
{
    race_scene_locked(shared, number, 0);
}

static void race_scene_two(struct race_shared *shared, uint32_t number)
{
    race_scene_locked(shared, number, number % 2);
}

static void race_scene_atomic(struct race_shared *shared, uint32_t number)
{
    for (int64_t i = 0; i < shared->times; i++) {
        gate_step(&(struct gate_step){.verb = "adds at once", .peek = &shared->x});
        gate_saw(++shared->x);
        shared->done[number]++;
    }
}

static void race_scene_private(struct race_shared *shared, uint32_t number)
{
    for (int64_t i = 0; i < shared->times; i++)
        race_scene_add_one(shared, &shared->own[number], number);
}

static const char *race_scene_lost(const struct race_shared *shared, uint32_t workers)
{
    int64_t is = shared->x, wanted = 0;
    for (uint32_t i = 0; i < workers; i++) {
        is += shared->own[i];
        wanted += shared->done[i];
    }
    return is == wanted ? NULL : "a step is lost";
}

const char *const race_way_names[] = {"none", "mutex", "atomic", "private", "two", NULL};

#define RACE_COUNTER(way, text, count, function)                                                   \
    [way] = {.name = "counter",                                                                    \
             .what = (text),                                                                       \
             .counts = true,                                                                       \
             .steps = (count),                                                                     \
             .body = (function),                                                                   \
             .fault = race_scene_lost}

const struct race_scene race_counters[RACE_WAYS] = {
    RACE_COUNTER(RACE_NONE, "load, add, store", 3, race_scene_none),
    RACE_COUNTER(RACE_MUTEX, "take A, load, add, store, release A", 5, race_scene_mutex),
    RACE_COUNTER(RACE_ATOMIC, "add at once", 1, race_scene_atomic),
    RACE_COUNTER(RACE_PRIVATE, "load, add, store, each in a counter of its own", 3,
                 race_scene_private),
    RACE_COUNTER(RACE_TWO, "take A or B by turns, load, add, store, release it", 5, race_scene_two),
};
