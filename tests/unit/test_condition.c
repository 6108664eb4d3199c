// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a condition notifies as many as it is told to, those that wait longest first, and
// that no notification dies with the one that gives it or the one that is given it.
#include "sharing.h"

#include "sync/condition.h"

struct place {
    struct lock *lock;
    struct condition *condition;
    _Atomic int woken;
    _Atomic uint32_t calls[SHARING_WORKERS]; // by worker: which call woke it
    struct value *value;
};

static int make_place(void **state)
{
    struct place *place = sharing_map(sizeof *place);
    place->lock = sharing_map(sync_lock.size(SHARING_WORKERS, 0));
    sync_lock.init(place->lock, 2, SHARING_WORKERS, 0);
    place->value = sharing_map(sync_value.size(SHARING_WORKERS, 0));
    sync_value.init(place->value, 3, SHARING_WORKERS, 0);
    place->condition = sharing_map(sync_condition.size(SHARING_WORKERS, 0));
    sync_condition.init(place->condition, 1, SHARING_WORKERS, 0);
    *state = place;
    return 0;
}

static int free_place(void **state)
{
    struct place *place = *state;
    munmap(place->lock, sync_lock.size(SHARING_WORKERS, 0));
    munmap(place->value, sync_value.size(SHARING_WORKERS, 0));
    munmap(place->condition, sync_condition.size(SHARING_WORKERS, 0));
    return munmap(place, sizeof *place);
}

static void take(struct place *place, const struct self *self)
{
    int64_t dead;
    MUST(lock_acquire(place->lock, self, SYNC_FOREVER, &dead) == SYNC_OK);
}

static void wait_once(const struct self *self, void *shared)
{
    struct place *place = shared;
    uint32_t call;
    take(place, self);
    MUST(condition_wait(place->condition, place->lock, self, SYNC_FOREVER, &call) == SYNC_OK);
    place->calls[self->number] = call;
    place->woken++;
    MUST(lock_drop(place->lock, self) == SYNC_OK);
}

static uint32_t notify(struct place *place, uint32_t count, uint32_t *call)
{
    struct self self = sharing_self(7);
    uint32_t notified;
    take(place, &self);
    assert_int_equal(condition_notify(place->condition, place->lock, &self, count, &notified, call),
                     SYNC_OK);
    assert_int_equal(lock_drop(place->lock, &self), SYNC_OK);
    return notified;
}

// Forks workers `first`... one after the other, each once the one before waits.
static void fork_waiters(struct place *place, uint32_t first, uint32_t count, pid_t *pids)
{
    for (uint32_t i = 0; i < count; i++) {
        pids[i] = sharing_fork(first + i, STEP_NONE, wait_once, place);
        SHARING_UNTIL(condition_is_awaited_by(place->condition, first + i));
    }
}

static void notifies_so_many_and_the_longest_waiting_first(void **state)
{
    struct place *place = *state;
    pid_t pids[6];
    uint32_t call;
    assert_int_equal(notify(place, 1, &call), 0);
    fork_waiters(place, 0, 6, pids);
    assert_int_equal(place->woken, 0);
    assert_int_equal(notify(place, 2, &call), 2);
    assert_int_equal(call, 2);
    assert_int_equal(sharing_end(pids[0]), 0);
    assert_int_equal(sharing_end(pids[1]), 0);
    assert_int_equal(place->woken, 2);
    assert_int_equal(condition_waiting(place->condition), 4);
    assert_int_equal(notify(place, CONDITION_ALL, &call), 4);
    for (int i = 2; i < 6; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    assert_int_equal(place->woken, 6);
    assert_int_equal(place->calls[1], 2);
    assert_int_equal(place->calls[5], 3);
    assert_int_equal(notify(place, 3, &call), 0);
}

static void needs_the_lock(void **state)
{
    struct place *place = *state;
    struct self self = sharing_self(0);
    uint32_t call, notified;
    assert_int_equal(condition_wait(place->condition, place->lock, &self, 0, &call), SYNC_REFUSED);
    assert_int_equal(condition_notify(place->condition, place->lock, &self, 1, &notified, &call),
                     SYNC_REFUSED);
}

static void has_the_lock_again_after_its_time(void **state)
{
    struct place *place = *state;
    struct self self = sharing_self(0);
    uint32_t call;
    take(place, &self);
    int64_t before = clock_now();
    assert_int_equal(condition_wait(place->condition, place->lock, &self, 3 * NS_PER_MS, &call),
                     SYNC_TIMED_OUT);
    assert_true(clock_now() - before >= 3 * NS_PER_MS);
    assert_int_equal(call, 0);
    assert_int_equal(lock_owner(place->lock), 0);
    assert_int_equal(condition_waiting(place->condition), 0);
    assert_int_equal(lock_drop(place->lock, &self), SYNC_OK);
}

static void wait_for_four(const struct self *self, void *shared)
{
    struct place *place = shared;
    take(place, self);
    MUST(condition_wait_for(place->condition, place->lock, self, SYNC_FOREVER, place->value, 4) ==
         SYNC_OK);
    MUST(value_now(place->value) == 4);
    lock_drop(place->lock, self);
}

static void waits_for_a_value(void **state)
{
    struct place *place = *state;
    struct self self = sharing_self(0);
    uint32_t call;
    pid_t waiter = sharing_fork(1, STEP_NONE, wait_for_four, place);
    for (int i = 0; i < 4; i++) {
        SHARING_UNTIL(condition_is_awaited_by(place->condition, 1));
        value_set(place->value, value_now(place->value) + 1);
        notify(place, 1, &call);
    }
    assert_int_equal(sharing_end(waiter), 0);
    take(place, &self);
    assert_int_equal(
        condition_wait_for(place->condition, place->lock, &self, 3 * NS_PER_MS, place->value, 5),
        SYNC_TIMED_OUT);
    lock_drop(place->lock, &self);
}

static void skips_a_dead_waiter(void **state)
{
    struct place *place = *state;
    pid_t pids[2];
    uint32_t call;
    fork_waiters(place, 0, 2, pids);
    kill(pids[0], SIGKILL);
    sharing_end(pids[0]);
    assert_true(condition_bury(place->condition, 0).waited);
    assert_int_equal(notify(place, 1, &call), 1);
    assert_int_equal(sharing_end(pids[1]), 0);
}

static void passes_on_what_a_dead_waiter_was_given(void **state)
{
    struct place *place = *state;
    pid_t pids[2];
    uint32_t call;
    fork_waiters(place, 0, 2, pids);
    kill(pids[0], SIGKILL);
    sharing_end(pids[0]);
    // The notifier can't know of the death yet.
    assert_int_equal(notify(place, 1, &call), 1);
    struct condition_death death = condition_bury(place->condition, 0);
    assert_true(death.was_notified);
    assert_int_equal(death.passed_to, 1);
    assert_int_equal(sharing_end(pids[1]), 0);
    assert_int_equal(place->calls[1], call);
}

static void notify_all_three(const struct self *self, void *shared)
{
    struct place *place = shared;
    uint32_t notified, call;
    take(place, self);
    condition_notify(place->condition, place->lock, self, 3, &notified, &call);
    lock_drop(place->lock, self);
}

static void ends_what_a_dead_notifier_had_begun(void **state)
{
    struct place *place = *state;
    pid_t pids[3];
    fork_waiters(place, 0, 3, pids);
    sharing_end(sharing_fork(6, STEP_WAKE, notify_all_three, place));
    struct condition_death death = condition_bury(place->condition, 6);
    assert_int_equal(death.finished, 0); // all were notified, and none was woken
    for (int i = 0; i < 3; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    assert_int_equal(place->woken, 3);
}

static void leaves_no_lock_taken_at_any_step(void **state)
{
    static const enum step steps[] = {STEP_TAKE, STEP_HOLD, STEP_WAIT, STEP_RELEASE, STEP_SLEEP};
    struct place *place = *state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        pid_t pid;
        uint32_t call;
        sharing_end(sharing_fork((uint32_t)i, steps[i], wait_once, place));
        condition_bury(place->condition, (uint32_t)i);
        fork_waiters(place, 6, 1, &pid);
        assert_int_equal(notify(place, CONDITION_ALL, &call), 1);
        assert_int_equal(sharing_end(pid), 0);
    }
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, free_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(notifies_so_many_and_the_longest_waiting_first),
        WITH_PLACE(needs_the_lock),
        WITH_PLACE(has_the_lock_again_after_its_time),
        WITH_PLACE(waits_for_a_value),
        WITH_PLACE(skips_a_dead_waiter),
        WITH_PLACE(passes_on_what_a_dead_waiter_was_given),
        WITH_PLACE(ends_what_a_dead_notifier_had_begun),
        WITH_PLACE(leaves_no_lock_taken_at_any_step),
    };
    return cmocka_run_group_tests(tests, sharing_prepare, NULL);
}
