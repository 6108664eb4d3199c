// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that an event wakes all that wait, also those that a dead worker set it for.
#include "sharing.h"

#include "sync/event.h"

static int make_event(void **state)
{
    *state = sharing_map(sync_event.size(SHARING_WORKERS, 0));
    sync_event.init(*state, 1, SHARING_WORKERS, 0);
    return 0;
}

static int free_event(void **state)
{
    return munmap(*state, sync_event.size(SHARING_WORKERS, 0));
}

static void is_set_until_it_is_cleared(void **state)
{
    struct self self = sharing_self(0);
    int woken;
    assert_false(event_is_set(*state));
    assert_int_equal(event_wait(*state, &self, 0), SYNC_TIMED_OUT);
    assert_int_equal(event_wait(*state, &self, 2 * NS_PER_MS), SYNC_TIMED_OUT);
    assert_int_equal(event_set(*state, &self, &woken), SYNC_OK);
    assert_true(event_is_set(*state));
    assert_int_equal(event_set(*state, &self, &woken), SYNC_OK);
    assert_int_equal(event_wait(*state, &self, SYNC_FOREVER), SYNC_OK);
    assert_int_equal(event_clear(*state, &self), SYNC_OK);
    assert_int_equal(event_clear(*state, &self), SYNC_OK);
    assert_int_equal(event_wait(*state, &self, 0), SYNC_TIMED_OUT);
}

static void can_be_set_from_the_start(void **state)
{
    struct self self = sharing_self(0);
    sync_event.init(*state, 1, SHARING_WORKERS, 1);
    assert_int_equal(event_wait(*state, &self, 0), SYNC_OK);
}

static void wait_for_it(const struct self *self, void *shared)
{
    MUST(event_wait(shared, self, SYNC_FOREVER) == SYNC_OK);
}

static void wakes_all(void **state)
{
    struct self self = sharing_self(7);
    pid_t pids[4];
    int woken;
    for (uint32_t i = 0; i < 4; i++)
        pids[i] = sharing_fork(i, STEP_NONE, wait_for_it, *state);
    SHARING_UNTIL(event_waiting(*state) == 4);
    assert_int_equal(event_set(*state, &self, &woken), SYNC_OK);
    assert_in_range(woken, 0, 4);
    // Cleared at once: those who waited have seen it all the same.
    event_clear(*state, &self);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    assert_int_equal(event_waiting(*state), 0);
}

static void set_it(const struct self *self, void *shared)
{
    int woken;
    MUST(event_set(shared, self, &woken) == SYNC_OK);
}

static void is_set_after_a_waiter_was_killed(void **state)
{
    pid_t dead = sharing_fork(0, STEP_NONE, wait_for_it, *state);
    SHARING_UNTIL(event_is_awaited_by(*state, 0));
    kill(dead, SIGKILL);
    sharing_end(dead);
    pid_t alive = sharing_fork(1, STEP_NONE, wait_for_it, *state);
    SHARING_UNTIL(event_waiting(*state) == 2);
    assert_int_equal(sharing_end(sharing_fork(2, STEP_NONE, set_it, *state)), 0);
    assert_int_equal(sharing_end(alive), 0);
    assert_true(sync_event.died(*state, 0).waited);
    assert_false(sync_event.died(*state, 0).waited);
    assert_int_equal(event_waiting(*state), 0);
}

static void wakes_those_whom_a_dead_one_set_it_for(void **state)
{
    pid_t waiter = sharing_fork(0, STEP_NONE, wait_for_it, *state);
    SHARING_UNTIL(event_is_awaited_by(*state, 0));
    sharing_end(sharing_fork(1, STEP_WAKE, set_it, *state));
    assert_true(event_is_set(*state));
    assert_false(sync_event.died(*state, 1).waited);
    assert_int_equal(sharing_end(waiter), 0);
}

static void is_not_set_by_one_that_dies_before(void **state)
{
    sharing_end(sharing_fork(1, STEP_SET, set_it, *state));
    assert_false(event_is_set(*state));
}

#define WITH_EVENT(test) cmocka_unit_test_setup_teardown(test, make_event, free_event)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_EVENT(is_set_until_it_is_cleared),
        WITH_EVENT(can_be_set_from_the_start),
        WITH_EVENT(wakes_all),
        WITH_EVENT(is_set_after_a_waiter_was_killed),
        WITH_EVENT(wakes_those_whom_a_dead_one_set_it_for),
        WITH_EVENT(is_not_set_by_one_that_dies_before),
    };
    return cmocka_run_group_tests(tests, sharing_prepare, NULL);
}
