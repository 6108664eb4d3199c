// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that one at a time holds the lock, and that the next one hears who died with it.
#include "help.h"

#include "sync/lock.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
