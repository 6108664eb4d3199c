// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that one at a time holds the lock, and that the next one hears who died with it.
#include "sharing.h"

#include "sync/lock.h"

#include <pthread.h>
#include <string.h>

static struct sync_set objects;

static int make_lock(void **state)
{
    *state = sync_add(&objects, &sync_lock, NULL, 8, 0);
    return *state ? 0 : -1;
}

static int free_lock(void **state)
{
    (void)state;
    sync_free(&objects);
    return 0;
}

static void is_taken_and_released_again(void **state)
{
    int64_t dead = 99;
    assert_true(lock_try(*state, 1, &dead));
    assert_int_equal(dead, -1);
    lock_release(*state);
    dead = 99;
    lock_take(*state, 2, &dead);
    assert_int_equal(dead, -1);
    lock_release(*state);
}

static void fail_to_take(void *data)
{
    int64_t dead;
    MUST(!lock_try(data, 2, &dead));
}

static void is_refused_while_another_holds_it(void **state)
{
    int64_t dead;
    assert_true(lock_try(*state, 1, &dead));
    assert_int_equal(status_of(fail_to_take, *state), 0);
    lock_release(*state);
}

static void die_with_it(void *data)
{
    int64_t dead;
    lock_take(data, 7, &dead);
}

static void names_the_dead_owner_once(void **state)
{
    int64_t dead = 99;
    assert_int_equal(status_of(die_with_it, *state), 0);
    assert_true(lock_try(*state, 1, &dead));
    assert_int_equal(dead, 7);
    lock_release(*state);
    lock_take(*state, 1, &dead);
    assert_int_equal(dead, -1);
    lock_release(*state);
}

static void names_every_dead_owner(void **state)
{
    for (int i = 0; i < 3; i++) {
        int64_t dead = 99;
        assert_int_equal(status_of(die_with_it, *state), 0);
        lock_take(*state, 1, &dead);
        assert_int_equal(dead, 7);
        lock_release(*state);
    }
}

// Takes it as the owner would that is killed before it can sign: the mutex is the first in a lock.
static void die_before_signing(void *data)
{
    MUST(pthread_mutex_lock(data) == 0);
}

static void names_no_innocent_for_one_who_had_not_signed(void **state)
{
    for (int i = 0; i < 2; i++) {
        int64_t dead = 99;
        assert_int_equal(status_of(die_before_signing, *state), 0);
        assert_true(lock_try(*state, 1, &dead));
        assert_int_equal(dead, LOCK_SOMEBODY);
        lock_release(*state);
        lock_take(*state, 1, &dead);
        assert_int_equal(dead, LOCK_NOBODY);
        lock_release(*state);
    }
}

static void release_and_die(void *data)
{
    int64_t dead;
    lock_take(data, 7, &dead);
    lock_release(data);
}

static void blames_nobody_who_released_it(void **state)
{
    int64_t dead = 99;
    assert_int_equal(status_of(release_and_die, *state), 0);
    assert_true(lock_try(*state, 1, &dead));
    assert_int_equal(dead, -1);
    lock_release(*state);
}

// Forks one who takes the lock as number 5, says so, and waits for its end.
static pid_t fork_holder(struct lock *lock)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int64_t dead;
        alarm(20);
        lock_take(lock, 5, &dead);
        MUST(write(ends[1], "x", 1) == 1);
        wait_for_ever();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

static void wait_for_it(void *data)
{
    int64_t dead = 99;
    lock_take(data, 6, &dead);
    MUST(dead == 5);
    lock_release(data);
}

static void frees_a_waiter_whose_owner_is_killed(void **state)
{
    pid_t holder = fork_holder(*state);
    pid_t waiter = fork();
    assert_true(waiter >= 0);
    if (waiter == 0) {
        alarm(20);
        wait_for_it(*state);
        _exit(0);
    }
    int status;
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(waiter, &status, 0), waiter);
    assert_int_equal(status, 0);
    assert_int_equal(waitpid(holder, &status, 0), holder);
}

static void is_refused_to_a_stranger(void **state)
{
    struct self one = sharing_self(1), two = sharing_self(2);
    int64_t dead;
    assert_int_equal(lock_drop(*state, &one), SYNC_REFUSED);
    assert_int_equal(lock_acquire(*state, &one, 0, &dead), SYNC_OK);
    assert_int_equal(lock_owner(*state), 1);
    assert_int_equal(lock_drop(*state, &two), SYNC_REFUSED);
    assert_int_equal(lock_acquire(*state, &one, 0, &dead), SYNC_TIMED_OUT);
    assert_int_equal(lock_drop(*state, &one), SYNC_OK);
    assert_int_equal(lock_owner(*state), LOCK_NOBODY);
}

static void is_taken_again_where_that_is_meant(void **state)
{
    struct self one = sharing_self(1);
    int64_t dead;
    memset(*state, 0, sync_lock.size(8, 1));
    sync_lock.init(*state, 1, 8, 1);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(lock_acquire(*state, &one, SYNC_FOREVER, &dead), SYNC_OK);
        assert_int_equal(lock_depth(*state), i);
    }
    assert_int_equal(sync_lock.died(*state, 1).amount, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lock_drop(*state, &one), SYNC_OK);
    assert_int_equal(lock_drop(*state, &one), SYNC_REFUSED);
}

static void try_for_a_while(void *data)
{
    int64_t dead, before = clock_now();
    for (int tells = 0; tells < 2; tells++) {
        struct self self = {.number = 2, .tells = tells};
        MUST(lock_acquire(data, &self, 5 * NS_PER_MS, &dead) == SYNC_TIMED_OUT);
        MUST(lock_acquire(data, &self, 15 * NS_PER_MS, &dead) == SYNC_TIMED_OUT);
    }
    MUST(clock_now() - before >= 40 * NS_PER_MS);
}

static void times_out_on_time(void **state)
{
    struct self one = sharing_self(1);
    int64_t dead;
    assert_int_equal(lock_acquire(*state, &one, 0, &dead), SYNC_OK);
    assert_int_equal(status_of(try_for_a_while, *state), 0);
    assert_int_equal(lock_drop(*state, &one), SYNC_OK);
}

static void take_and_drop(const struct self *self, void *shared)
{
    int64_t dead;
    MUST(lock_acquire(shared, self, SYNC_FOREVER, &dead) == SYNC_OK);
    MUST(lock_drop(shared, self) == SYNC_OK);
}

static void goes_on_whatever_step_its_owner_dies_at(void **state)
{
    struct self one = sharing_self(1);
    int64_t dead;
    sharing_end(sharing_fork(5, STEP_TAKE, take_and_drop, *state));
    assert_int_equal(lock_acquire(*state, &one, 0, &dead), SYNC_OK);
    assert_int_equal(dead, LOCK_NOBODY);
    assert_int_equal(lock_drop(*state, &one), SYNC_OK);
    for (int i = 0; i < 2; i++) {
        sharing_end(sharing_fork(5, i ? STEP_HOLD : STEP_RELEASE, take_and_drop, *state));
        assert_int_equal(lock_acquire(*state, &one, 0, &dead), SYNC_OK);
        assert_int_equal(dead, 5);
        assert_int_equal(lock_drop(*state, &one), SYNC_OK);
    }
}

#define WITH_LOCK(test) cmocka_unit_test_setup_teardown(test, make_lock, free_lock)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOCK(is_taken_and_released_again),
        WITH_LOCK(is_refused_while_another_holds_it),
        WITH_LOCK(names_the_dead_owner_once),
        WITH_LOCK(names_every_dead_owner),
        WITH_LOCK(names_no_innocent_for_one_who_had_not_signed),
        WITH_LOCK(blames_nobody_who_released_it),
        WITH_LOCK(frees_a_waiter_whose_owner_is_killed),
        WITH_LOCK(is_refused_to_a_stranger),
        WITH_LOCK(is_taken_again_where_that_is_meant),
        WITH_LOCK(times_out_on_time),
        WITH_LOCK(goes_on_whatever_step_its_owner_dies_at),
    };
    return cmocka_run_group_tests(tests, sharing_prepare, NULL);
}
