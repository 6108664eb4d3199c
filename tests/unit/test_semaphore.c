// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a semaphore counts, wakes and bounds, and that no permit dies with its holder.
#include "sharing.h"

#include "sync/semaphore.h"

#include <errno.h>

enum { PERMITS = 2 };

static int make_semaphore(void **state)
{
    *state = sharing_map(sync_semaphore.size(SHARING_WORKERS, PERMITS));
    sync_semaphore.init(*state, 1, SHARING_WORKERS, PERMITS);
    return 0;
}

static int free_semaphore(void **state)
{
    return munmap(*state, sync_semaphore.size(SHARING_WORKERS, PERMITS));
}

static void counts_down_and_up(void **state)
{
    struct self self = sharing_self(0);
    assert_int_equal(semaphore_value(*state), 2);
    assert_int_equal(semaphore_acquire(*state, &self, 0), SYNC_OK);
    assert_int_equal(semaphore_value(*state), 1);
    assert_int_equal(semaphore_acquire(*state, &self, SYNC_FOREVER), SYNC_OK);
    assert_int_equal(semaphore_value(*state), 0);
    assert_int_equal(semaphore_held(*state, 0), 2);
    assert_int_equal(semaphore_acquire(*state, &self, 0), SYNC_TIMED_OUT);
    assert_int_equal(semaphore_release(*state, &self), SYNC_OK);
    assert_int_equal(semaphore_release(*state, &self), SYNC_OK);
    assert_int_equal(semaphore_value(*state), 2);
}

static void is_bounded_unless_told_otherwise(void **state)
{
    struct self self = sharing_self(0);
    assert_int_equal(semaphore_release(*state, &self), SYNC_REFUSED);
    assert_int_equal(semaphore_value(*state), 2);
    semaphore_unbind(*state);
    assert_int_equal(semaphore_release(*state, &self), SYNC_OK);
    assert_int_equal(semaphore_value(*state), 3);
}

static void times_out_on_time(void **state)
{
    struct self self = sharing_self(0);
    semaphore_acquire(*state, &self, 0);
    semaphore_acquire(*state, &self, 0);
    int64_t before = clock_now();
    assert_int_equal(semaphore_acquire(*state, &self, 5 * NS_PER_MS), SYNC_TIMED_OUT);
    assert_int_equal(errno, ETIMEDOUT);
    assert_true(clock_now() - before >= 5 * NS_PER_MS);
}

static void take_and_die(const struct self *self, void *shared)
{
    semaphore_acquire(shared, self, SYNC_FOREVER);
    raise(SIGKILL);
}

static void take_one(const struct self *self, void *shared)
{
    MUST(semaphore_acquire(shared, self, SYNC_FOREVER) == SYNC_OK);
    MUST(semaphore_release(shared, self) == SYNC_OK);
}

static void gives_a_dead_holders_permit_to_a_waiter(void **state)
{
    for (uint32_t i = 0; i < PERMITS; i++)
        sharing_end(sharing_fork(i, STEP_NONE, take_and_die, *state));
    assert_int_equal(semaphore_value(*state), 0);
    pid_t waiter = sharing_fork(2, STEP_NONE, take_one, *state);
    assert_int_equal(sync_semaphore.died(*state, 0).amount, 1);
    assert_int_equal(sharing_end(waiter), 0);
    assert_int_equal(sync_semaphore.died(*state, 1).amount, 1);
    assert_int_equal(sync_semaphore.died(*state, 1).amount, 0);
    assert_int_equal(semaphore_value(*state), 2);
}

static void loses_nothing_at_any_step(void **state)
{
    static const enum step steps[] = {STEP_ACQUIRE, STEP_HOLD, STEP_RELEASE, STEP_WAKE};
    struct self self = sharing_self(7);
    semaphore_acquire(*state, &self, 0);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        pid_t pids[4];
        // The first dies, with others that wait for what it has.
        for (uint32_t n = 0; n < 4; n++)
            pids[n] = sharing_fork(n, n == 0 ? steps[i] : STEP_NONE, take_one, *state);
        sharing_end(pids[0]);
        sync_semaphore.died(*state, 0);
        for (uint32_t n = 1; n < 4; n++)
            assert_int_equal(sharing_end(pids[n]), 0);
        assert_int_equal(semaphore_value(*state), 1);
    }
}

struct crowd {
    _Atomic int inside, most;
    struct semaphore *semaphore;
};

static void go_in_and_out(const struct self *self, void *shared)
{
    struct crowd *crowd = shared;
    for (int i = 0; i < 2000; i++) {
        MUST(semaphore_acquire(crowd->semaphore, self, SYNC_FOREVER) == SYNC_OK);
        int inside = ++crowd->inside;
        MUST(inside <= PERMITS);
        crowd->most = inside > crowd->most ? inside : crowd->most;
        if (i % 16 == 0)
            sched_yield();
        crowd->inside--;
        MUST(semaphore_release(crowd->semaphore, self) == SYNC_OK);
    }
}

static void lets_no_more_in_than_it_has_permits(void **state)
{
    struct crowd *crowd = sharing_map(sizeof *crowd);
    pid_t pids[SHARING_WORKERS];
    crowd->semaphore = *state;
    for (uint32_t i = 0; i < SHARING_WORKERS; i++)
        pids[i] = sharing_fork(i, STEP_NONE, go_in_and_out, crowd);
    for (uint32_t i = 0; i < SHARING_WORKERS; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    assert_int_equal(semaphore_value(*state), PERMITS);
    munmap(crowd, sizeof *crowd);
}

static void go_in_and_out_again(const struct self *self, void *shared)
{
    struct crowd *crowd = shared;
    for (int i = 0; i < 300; i++) {
        MUST(semaphore_acquire(crowd->semaphore, self, SYNC_FOREVER) == SYNC_OK);
        MUST(semaphore_release(crowd->semaphore, self) == SYNC_OK);
    }
}

static void survives_kills_at_any_moment(void **state)
{
    struct crowd *crowd = sharing_map(sizeof *crowd);
    crowd->semaphore = *state;
    uint64_t seed = 7;
    for (int round = 0; round < 40; round++) {
        pid_t pids[4];
        for (uint32_t i = 0; i < 4; i++)
            pids[i] = sharing_fork(i, STEP_NONE, go_in_and_out_again, crowd);
        uint32_t victim = 1 + (uint32_t)pick(&seed, 3);
        for (int64_t spin = pick(&seed, 200); spin > 0; spin--)
            sched_yield();
        kill(pids[victim], SIGKILL);
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t n = (victim + i) % 4;
            sharing_end(pids[n]);
            sync_semaphore.died(*state, n);
        }
        assert_int_equal(semaphore_value(*state), PERMITS);
        assert_int_equal(semaphore_taken(*state), 0);
    }
    munmap(crowd, sizeof *crowd);
}

#define WITH_SEMAPHORE(test) cmocka_unit_test_setup_teardown(test, make_semaphore, free_semaphore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SEMAPHORE(counts_down_and_up),
        WITH_SEMAPHORE(is_bounded_unless_told_otherwise),
        WITH_SEMAPHORE(times_out_on_time),
        WITH_SEMAPHORE(gives_a_dead_holders_permit_to_a_waiter),
        WITH_SEMAPHORE(loses_nothing_at_any_step),
        WITH_SEMAPHORE(lets_no_more_in_than_it_has_permits),
        WITH_SEMAPHORE(survives_kills_at_any_moment),
    };
    return cmocka_run_group_tests(tests, sharing_prepare, NULL);
}
