// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/condition_party.h"

#include "base/number.h"
#include "worker/workload.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#define PARTY_WALK_WAIT (100 * NS_PER_MS)
#define PARTY_PATIENCE  (10 * NS_PER_S)

static const char *condition_party_word(enum sync_result result)
{
    static const char *const words[] = {[SYNC_OK] = "True",
                                        [SYNC_TIMED_OUT] = "False",
                                        [SYNC_CLOSED] = "closed",
                                        [SYNC_REFUSED] = "refused, the lock is not its own",
                                        [SYNC_FAILED] = "failed"};
    return words[result];
}

static void condition_party_take(const struct self *self, const struct condition_scene *scene)
{
    int64_t dead_owner;
    if (lock_acquire(scene->lock, self, SYNC_FOREVER, &dead_owner) == SYNC_OK)
        return;
    report_failure(self, "futex");
    _exit(1);
}

// Says what came of a wait that began then.
static void condition_party_tell(const struct self *self, const char *what, enum sync_result result,
                                 int64_t before)
{
    char took[32];
    number_format_time(clock_now() - before, took, sizeof took);
    report_output(self, "%s: %s, after %s", what, condition_party_word(result), took);
}

static void condition_party_ask(const struct self *self, const struct condition_scene *scene)
{
    uint32_t call, notified;
    enum sync_result result = condition_wait(scene->condition, scene->lock, self, 0, &call);
    report_output(self, "wait without the lock: %s", condition_party_word(result));
    result = condition_notify(scene->condition, scene->lock, self, 1, &notified, &call);
    report_output(self, "notify without the lock: %s", condition_party_word(result));
    condition_party_take(self, scene);
    condition_notify(scene->condition, scene->lock, self, 1, &notified, &call);
    report_output(self, "notify while none waits: %u woken, and it is not kept", notified);
    int64_t before = clock_now();
    result = condition_wait(scene->condition, scene->lock, self, PARTY_WALK_WAIT, &call);
    condition_party_tell(self, "wait, 100 ms", result, before);
    report_output(self, "it has the lock again: %s",
                  lock_owner(scene->lock) == (int64_t)self->number ? "True" : "False");
    lock_drop(scene->lock, self);
}

// Counts the value up once the other waits, and notifies it.
static void condition_party_count(const struct self *self, const struct condition_scene *scene)
{
    uint32_t call, notified;
    int64_t deadline = clock_now() + PARTY_PATIENCE;
    // The value is 0 once p1 has asked its questions.
    while (value_now(scene->value) < 0 && clock_now() < deadline)
        sched_yield();
    while (!condition_is_awaited_by(scene->condition, 0) && clock_now() < deadline)
        sched_yield();
    condition_party_take(self, scene);
    value_add(scene->value, self, VALUE_BARE, NULL);
    condition_notify(scene->condition, scene->lock, self, 1, &notified, &call);
    report_output(self, "p2: value %" PRId64 ", notifies %u", value_now(scene->value), notified);
    lock_drop(scene->lock, self);
}

// p1 asks, then waits for the value that p2 counts up: to 4, which comes, then to 8, which does
// not.
int condition_party_walk(const struct self *self, const void *argument)
{
    const struct condition_scene *scene = argument;
    report_hello(self);
    if (self->number == 1) {
        for (int i = 0; i < 7; i++)
            condition_party_count(self, scene);
        report_done(self, 0);
        return self->exit_status;
    }
    condition_party_ask(self, scene);
    condition_party_take(self, scene);
    value_set(scene->value, 0);
    int64_t before = clock_now();
    enum sync_result result =
        condition_wait_for(scene->condition, scene->lock, self, SYNC_FOREVER, scene->value, 4);
    condition_party_tell(self, "wait for the value 4", result, before);
    before = clock_now();
    result = condition_wait_for(scene->condition, scene->lock, self, 3 * PARTY_WALK_WAIT,
                                scene->value, 8);
    condition_party_tell(self, "wait for the value 8, 300 ms", result, before);
    lock_drop(scene->lock, self);
    report_done(self, 0);
    return self->exit_status;
}

int condition_party_wait(const struct self *self, const void *argument)
{
    const struct condition_scene *scene = argument;
    struct results results;
    uint32_t call = 1;
    enum sync_result result;
    report_hello(self);
    if (self->for_ns > 0)
        workload_run(self, 0, &results);
    if (scene->early)
        crowd_await_begin(scene->crowd);
    condition_party_take(self, scene);
    int64_t before = clock_now();
    if (scene->until > 0)
        result = condition_wait_for(scene->condition, scene->lock, self, scene->timeout,
                                    scene->value, scene->until);
    else
        result = condition_wait(scene->condition, scene->lock, self, scene->timeout, &call);
    if (result == SYNC_FAILED) {
        report_failure(self, "futex");
        return 1;
    }
    if (result == SYNC_TIMED_OUT || scene->until > 0) {
        char took[32];
        number_format_time(clock_now() - before, took, sizeof took);
        report_output(self, "p%u: %s after %s, value %" PRId64, self->number + 1,
                      result == SYNC_OK ? "goes on" : "timed out", took, value_now(scene->value));
    }
    crowd_note(scene->crowd, self->number, result == SYNC_OK ? call : CROWD_LATE);
    lock_drop(scene->lock, self);
    report_done(self, 0);
    return self->exit_status;
}

static uint32_t condition_party_waiting(const void *condition)
{
    return condition_waiting(condition);
}

// One call of notify, and which it woke. False when the system does not let it.
static bool condition_party_call(const struct self *self, const struct condition_scene *scene,
                                 uint32_t count)
{
    struct crowd *crowd = scene->crowd;
    char list[512], how[16] = "all";
    uint32_t notified, call;
    if (count != CONDITION_ALL)
        snprintf(how, sizeof how, "%u", count);
    condition_party_take(self, scene);
    uint32_t through = atomic_load(&crowd->through);
    enum sync_result result =
        condition_notify(scene->condition, scene->lock, self, count, &notified, &call);
    lock_drop(scene->lock, self);
    if (result == SYNC_FAILED) {
        report_failure(self, "futex");
        return false;
    }
    if (notified == 0) {
        report_output(self, "notify %s: none waits, and none will hear of it", how);
        return true;
    }
    crowd_await_through(crowd, through + notified, PARTY_PATIENCE);
    uint32_t woken = crowd_list(crowd, call, list, sizeof list);
    report_output(self, "notify %s: %s woke (%u of %u notified)", how, woken ? list : "none", woken,
                  notified);
    return true;
}

// Counts the value up to what they wait for, and notifies all at each step.
static bool condition_party_count_up(const struct self *self, const struct condition_scene *scene)
{
    for (int64_t i = 0; i < scene->until; i++) {
        uint32_t notified, call;
        crowd_await(scene->crowd, condition_party_waiting, scene->condition, PARTY_PATIENCE);
        condition_party_take(self, scene);
        value_add(scene->value, self, VALUE_BARE, NULL);
        enum sync_result result =
            condition_notify(scene->condition, scene->lock, self, CONDITION_ALL, &notified, &call);
        report_output(self, "value %" PRId64 ": notifies %u", value_now(scene->value), notified);
        lock_drop(scene->lock, self);
        if (result == SYNC_FAILED) {
            report_failure(self, "futex");
            return false;
        }
    }
    return true;
}

int condition_party_notify(const struct self *self, const void *argument)
{
    const struct condition_scene *scene = argument;
    report_hello(self);
    if (!scene->early)
        crowd_await(scene->crowd, condition_party_waiting, scene->condition, PARTY_PATIENCE);
    if (!scene->early && scene->until < 0)
        report_output(self, "%u workers wait", condition_waiting(scene->condition));
    if (scene->until > 0 && !condition_party_count_up(self, scene))
        return 1;
    for (uint32_t i = 0; i < scene->calls; i++)
        if (!condition_party_call(self, scene, scene->counts[i]))
            return 1;
    crowd_begin(scene->crowd);
    report_done(self, 0);
    return self->exit_status;
}
