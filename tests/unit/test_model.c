// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a log of made-up events gives the state that it tells of.
#include "help.h"

#include "worker/frame.h"
#include "jobs/job.h"
#include "log/describe.h"
#include "log/fold.h"

#include <signal.h>

static struct model now;

static void tell(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b)
{
    static int64_t ticks;
    char name[] = "p1";
    struct event event = {.time = ++ticks,
                          .a = a,
                          .b = b,
                          .text = kind == EVENT_FORKED || kind == EVENT_JOB_STARTED ? name : NULL,
                          .job = job,
                          .worker = worker,
                          .kind = kind,
                          .object = object_of(kind, a)};
    fold_add(&now, &event);
}

static void begin(uint32_t job, uint32_t workers)
{
    tell(EVENT_JOB_STARTED, job, NO_WORKER, 0, 0);
    for (uint32_t i = 0; i < workers; i++) {
        tell(EVENT_FORKED, job, i, 100 + i, 0);
        tell(EVENT_HELLO, job, i, 100 + i, 99);
    }
}

static const struct model_worker *worker(uint32_t job, uint32_t number)
{
    return model_job(&now, job)->workers[number];
}

static size_t waiting_at(uint16_t object)
{
    const struct model_object *found = model_object(model_job(&now, 1), object);
    return found ? found->waiter_count : 0;
}

static uint32_t lock_owner(void)
{
    const struct model_object *lock = model_object(model_job(&now, 1), THE_LOCK);
    assert_true(!lock || lock->holder_count <= 1);
    return lock && lock->holder_count == 1 ? lock->holders[0].worker : NO_WORKER;
}

static void expect_word(uint32_t job, uint32_t number, const char *expected)
{
    char word[64];
    describe_state(worker(job, number), word, sizeof word);
    assert_string_equal(word, expected);
}

static int forget(void **state)
{
    (void)state;
    model_free(&now);
    return 0;
}

static void follows_a_life(void **state)
{
    (void)state;
    begin(1, 1);
    expect_word(1, 0, "running");
    assert_string_equal(worker(1, 0)->name, "p1");
    assert_int_equal(worker(1, 0)->pid, 100);
    tell(EVENT_CLAIMED, 1, 0, CLAIM_WORKING, 4500);
    assert_int_equal(worker(1, 0)->progress, 4500);
    tell(EVENT_STOPPED, 1, 0, SIGSTOP, 0);
    expect_word(1, 0, "stopped");
    tell(EVENT_CONTINUED, 1, 0, 0, 0);
    expect_word(1, 0, "running");
    tell(EVENT_WORK_DONE, 1, 0, 1000, 0);
    assert_int_equal(worker(1, 0)->claim, CLAIM_DONE);
    assert_int_equal(worker(1, 0)->progress, PROGRESS_WHOLE);
    tell(EVENT_DIED, 1, 0, 7, 0);
    expect_word(1, 0, "zombie");
    tell(EVENT_REAPED, 1, 0, 0, 0);
    expect_word(1, 0, "exited 7");
    assert_false(model_job(&now, 1)->done);
    tell(EVENT_JOB_DONE, 1, NO_WORKER, 0, 0);
    assert_true(model_job(&now, 1)->done);
}

static void names_the_signal_and_the_lost(void **state)
{
    (void)state;
    begin(1, 2);
    tell(EVENT_PIPE_CLOSED, 1, 1, 0, 0);
    expect_word(1, 1, "lost");
    tell(EVENT_DIED, 1, 0, -1, SIGTERM);
    tell(EVENT_REAPED, 1, 0, 0, 0);
    expect_word(1, 0, "killed SIGTERM");
}

static void counts_at_the_barrier(void **state)
{
    (void)state;
    begin(1, 3);
    assert_null(model_object(model_job(&now, 1), THE_BARRIER));
    tell(EVENT_ARRIVED, 1, 0, 0, 3);
    tell(EVENT_ARRIVED, 1, 2, 0, 3);
    assert_int_equal(model_object(model_job(&now, 1), THE_BARRIER)->parties, 3);
    assert_int_equal(waiting_at(THE_BARRIER), 2);
    assert_true(worker(1, 0)->waits_for == THE_BARRIER && worker(1, 1)->waits_for == NO_OBJECT);
    expect_word(1, 2, "waiting");
    tell(EVENT_ARRIVED, 1, 1, 0, 3);
    tell(EVENT_RELEASED, 1, NO_WORKER, 0, 0);
    assert_int_equal(waiting_at(THE_BARRIER), 0);
    expect_word(1, 0, "running");
    tell(EVENT_ARRIVED, 1, 1, 1, 3);
    assert_int_equal(waiting_at(THE_BARRIER), 1);
}

static void frees_all_when_the_barrier_breaks(void **state)
{
    (void)state;
    begin(1, 3);
    tell(EVENT_ARRIVED, 1, 0, 0, 3);
    tell(EVENT_ARRIVED, 1, 1, 0, 3);
    tell(EVENT_DIED, 1, 1, -1, SIGKILL);
    assert_int_equal(waiting_at(THE_BARRIER), 1);
    tell(EVENT_BROKEN, 1, NO_WORKER, 1, 0);
    assert_int_equal(waiting_at(THE_BARRIER), 0);
    assert_true(model_object(model_job(&now, 1), THE_BARRIER)->broken);
    tell(EVENT_ARRIVED, 1, 2, 0, 3); // too late to wait
    expect_word(1, 2, "running");
    assert_int_equal(waiting_at(THE_BARRIER), 0);
}

static void knows_who_has_the_lock(void **state)
{
    (void)state;
    begin(1, 2);
    assert_int_equal(lock_owner(), NO_WORKER);
    tell(EVENT_LOCKED, 1, 0, -1, 0);
    tell(EVENT_CLAIMED, 1, 1, CLAIM_AT_LOCK, 0);
    assert_int_equal(lock_owner(), 0);
    assert_true(worker(1, 1)->waits_for == THE_LOCK);
    assert_int_equal(worker(1, 1)->progress, PROGRESS_WHOLE);
    tell(EVENT_LOCKED, 1, 1, -1, 0);
    tell(EVENT_WORK_DONE, 1, 0, 2, 0); // late news of the one before
    assert_int_equal(lock_owner(), 1);
    tell(EVENT_CLAIMED, 1, 1, CLAIM_WORKING, 0);
    assert_int_equal(lock_owner(), NO_WORKER);
}

static void ignores_claims_that_there_are_not(void **state)
{
    (void)state;
    begin(1, 1);
    tell(EVENT_CLAIMED, 1, 0, CLAIM_WORKING, 4500);
    tell(EVENT_CLAIMED, 1, 0, CLAIM_DONE + 1, 9000);
    tell(EVENT_CLAIMED, 1, 0, -1, 9000);
    assert_int_equal(worker(1, 0)->claim, CLAIM_WORKING);
    assert_int_equal(worker(1, 0)->progress, 4500);
}

static void takes_the_lock_from_the_dead(void **state)
{
    (void)state;
    begin(1, 2);
    tell(EVENT_LOCKED, 1, 0, -1, 0);
    tell(EVENT_DIED, 1, 0, -1, SIGKILL);
    assert_int_equal(lock_owner(), NO_WORKER);
}

static void counts_tasks(void **state)
{
    (void)state;
    begin(1, 1);
    tell(EVENT_DEALT, 1, 0, 0, 10);
    tell(EVENT_RESULTS, 1, 0, 0, 4);
    tell(EVENT_RESULTS, 1, 0, 4, 2);
    assert_int_equal(worker(1, 0)->dealt, 10);
    assert_int_equal(worker(1, 0)->done, 6);
    assert_true(model_job(&now, 1)->deals);
}

static void survives_a_log_that_dropped_its_beginning(void **state)
{
    (void)state;
    tell(EVENT_CLAIMED, 5, 3, CLAIM_WORKING, 1);
    assert_null(model_job(&now, 5));
    tell(EVENT_JOB_STARTED, 6, NO_WORKER, 0, 0);
    tell(EVENT_CLAIMED, 6, 3, CLAIM_WORKING, 1);
    tell(EVENT_FORKED, 6, 4, 100, 0);
    tell(EVENT_CLAIMED, 6, 3, CLAIM_WORKING, 1);
    assert_string_equal(worker(6, 3)->name, "");
    assert_false(worker(6, 2)->known);
    assert_true(worker(6, 4)->known);
}

static void live_and_end(uint32_t job, uint32_t workers)
{
    begin(job, workers);
    for (uint32_t i = 0; i < workers; i++) {
        tell(EVENT_DIED, job, i, 0, 0);
        tell(EVENT_REAPED, job, i, 0, 0);
    }
    tell(EVENT_JOB_DONE, job, NO_WORKER, 0, 0);
}

static void forgets_old_jobs_but_no_zombies(void **state)
{
    (void)state;
    begin(1, 1); // stays a zombie
    tell(EVENT_DIED, 1, 0, 0, 0);
    tell(EVENT_JOB_DONE, 1, NO_WORKER, 0, 0);
    for (uint32_t job = 2; job < JOBS_KEPT + 50; job++)
        live_and_end(job, 1);
    assert_non_null(model_job(&now, 1));
    assert_null(model_job(&now, 2));
    assert_non_null(model_job(&now, JOBS_KEPT));
    assert_true(now.count <= JOBS_KEPT + 2);
}

static void forgets_old_jobs_of_many_workers(void **state)
{
    (void)state;
    for (uint32_t job = 1; job < 6; job++)
        live_and_end(job, WORKERS_KEPT / 2);
    assert_null(model_job(&now, 1));
    assert_null(model_job(&now, 2));
    assert_non_null(model_job(&now, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(follows_a_life, forget),
        cmocka_unit_test_teardown(names_the_signal_and_the_lost, forget),
        cmocka_unit_test_teardown(counts_at_the_barrier, forget),
        cmocka_unit_test_teardown(frees_all_when_the_barrier_breaks, forget),
        cmocka_unit_test_teardown(knows_who_has_the_lock, forget),
        cmocka_unit_test_teardown(ignores_claims_that_there_are_not, forget),
        cmocka_unit_test_teardown(takes_the_lock_from_the_dead, forget),
        cmocka_unit_test_teardown(counts_tasks, forget),
        cmocka_unit_test_teardown(survives_a_log_that_dropped_its_beginning, forget),
        cmocka_unit_test_teardown(forgets_old_jobs_but_no_zombies, forget),
        cmocka_unit_test_teardown(forgets_old_jobs_of_many_workers, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
