// SPDX-License-Identifier: GPL-3.0-or-later
// Shows how a worker's state and end are put into words, and that pids find their workers.
#include "help.h"

#include "log/fold.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void expect_state(struct worker worker, const char *expected)
{
    char text[64];
    worker_state(&worker, text, sizeof text);
    assert_string_equal(text, expected);
}

static void says_how_a_living_worker_is(void **state)
{
    (void)state;
    expect_state((struct worker){.claim = CLAIM_WORKING}, "running");
    expect_state((struct worker){.claim = CLAIM_STARTING}, "running");
    expect_state((struct worker){.kernel = KERNEL_STOPPED}, "stopped");
    expect_state((struct worker){.lost = true}, "lost");
}

static void says_what_it_waits_for(void **state)
{
    (void)state;
    struct job job = {.id = 1};
    struct worker worker = {.job = &job};
    struct event started = {.kind = EVENT_JOB_STARTED, .job = 1, .worker = NO_WORKER};
    struct event object = {
        .kind = EVENT_OBJECT, .job = 1, .worker = NO_WORKER, .object = 1, .text = "queue"};
    struct event waits = {.kind = EVENT_WAITS, .job = 1, .object = 1};
    fold_add(model_now(), &started);
    fold_add(model_now(), &object);
    assert_null(worker_waits_for(&worker));
    fold_add(model_now(), &waits);
    expect_state(worker, "waiting");
    assert_string_equal(worker_waits_for(&worker), "queue");
    worker.kernel = KERNEL_STOPPED;
    expect_state(worker, "stopped");
    assert_null(worker_waits_for(&worker));
    model_free(model_now());
}

static void says_how_a_dead_worker_ended(void **state)
{
    (void)state;
    expect_state((struct worker){.kernel = KERNEL_ZOMBIE}, "zombie");
    expect_state((struct worker){.kernel = KERNEL_REAPED}, "exited 0");
    expect_state((struct worker){.kernel = KERNEL_REAPED, .exit_code = 7}, "exited 7");
    expect_state((struct worker){.kernel = KERNEL_REAPED, .exit_code = -1, .exit_signal = SIGSEGV},
                 "killed SIGSEGV");
}

static const struct worker good = {.kernel = KERNEL_REAPED, .finished = true, .results = 3};

static void did_well_who_did_all_and_ended_as_told(void **state)
{
    (void)state;
    struct worker worker = good;
    assert_true(worker_did_well(&worker));
    worker.exit_code = 4;
    assert_false(worker_did_well(&worker));
    worker.exit_wanted = 4;
    assert_true(worker_did_well(&worker));
    worker.results = -1;
    assert_false(worker_did_well(&worker));
    worker = good;
    worker.lost = true;
    assert_false(worker_did_well(&worker));
    worker = good;
    worker.exit_code = -1;
    worker.exit_signal = SIGKILL;
    assert_false(worker_did_well(&worker));
}

static void expect_end(struct worker worker, const char *expected)
{
    char text[160];
    worker_describe_end(&worker, text, sizeof text);
    assert_string_equal(text, expected);
}

static void describes_a_bad_end(void **state)
{
    (void)state;
    struct worker worker = good;
    worker.exit_code = 1;
    expect_end(worker, "exited 1");
    worker.exit_code = -1;
    worker.exit_signal = SIGSEGV;
    expect_end(worker, "was killed by SIGSEGV");
    worker.exit_signal = SIGTERM;
    worker.lost = true;
    worker.lost_by = EVENT_PIPE_CLOSED;
    expect_end(worker, "closed its pipe, and was ended");
}

static void pids_find_their_workers(void **state)
{
    (void)state;
    struct worker workers[3] = {{.pid = 10}, {.pid = 10 + 4096}, {.pid = 10 + 2 * 4096}};
    for (size_t i = 0; i < 3; i++)
        worker_enlist(&workers[i]);
    worker_delist(&workers[1]);
    assert_ptr_equal(worker_by_pid(workers[0].pid), &workers[0]);
    assert_null(worker_by_pid(workers[1].pid));
    assert_ptr_equal(worker_by_pid(workers[2].pid), &workers[2]);
    assert_null(worker_by_pid(11));
    worker_delist(&workers[0]);
    worker_delist(&workers[2]);
    assert_null(worker_by_pid(workers[2].pid));
}

static int compute_and_wait(const struct self *self, const void *argument)
{
    for (volatile int64_t i = 0; i < 20000000; i = i + 1)
        continue;
    return wait_for_signal(self, argument);
}

static void cpu_time_is_known_while_it_lives_and_after(void **state)
{
    (void)state;
    struct heard heard;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, compute_and_wait);
    turn_until(job, EVENT_HELLO, 1);
    int64_t alive = worker_cpu(worker);
    assert_true(alive > 0);
    worker_end(worker, SIGKILL);
    finish(job);
    assert_true(worker_cpu(worker) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_how_a_living_worker_is),
        cmocka_unit_test(says_what_it_waits_for),
        cmocka_unit_test(says_how_a_dead_worker_ended),
        cmocka_unit_test(did_well_who_did_all_and_ended_as_told),
        cmocka_unit_test(describes_a_bad_end),
        cmocka_unit_test(pids_find_their_workers),
        IN_SESSION(cpu_time_is_known_while_it_lives_and_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
