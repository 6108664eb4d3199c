// SPDX-License-Identifier: GPL-3.0-or-later
// Shows with real workers how the workers of a job end, by themselves or because it is cancelled.
#include "help.h"

#include "base/clock.h"
#include "jobs/terminate.h"

#include <signal.h>
#include <unistd.h>

static struct heard heard;

static void a_worker_says_who_it_and_its_parent_are(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, end_at_once);
    pid_t pid = worker->pid;
    assert_ptr_equal(worker_by_pid(pid), worker);
    finish(job);
    assert_int_equal(find_event(job, EVENT_FORKED)->a, pid);
    assert_int_equal(find_event(job, EVENT_HELLO)->a, pid);
    assert_int_equal(find_event(job, EVENT_HELLO)->b, getpid());
    assert_int_equal(worker->shown_pid, pid);
    assert_int_equal(worker->pid, -1);
    assert_null(worker_by_pid(pid));
}

static void tells_the_exit_code(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct assignment assignment = {.run = end_at_once, .self.exit_status = 42};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    finish(job);
    assert_int_equal(worker->exit_code, 42);
    assert_int_equal(worker->exit_signal, 0);
    assert_int_equal(worker->kernel, KERNEL_REAPED);
    assert_int_equal(find_event(job, EVENT_DIED)->a, 42);
    assert_true(worker_did_well(worker));
    assert_true(worker->died >= worker->forked);
}

static int raise_signal(const struct self *self, const void *number)
{
    report_hello(self);
    raise(*(const int *)number);
    return 0;
}

static void tells_the_signal_that_killed_a_worker(void **state)
{
    (void)state;
    static const int numbers[] = {SIGKILL, SIGTERM, SIGUSR1, SIGALRM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct job *job = begin_job(&heard);
        struct assignment assignment = {.run = raise_signal, .argument = &numbers[i]};
        struct worker *worker = job_start(job, &assignment);
        assert_non_null(worker);
        finish(job);
        assert_int_equal(worker->exit_code, -1);
        assert_int_equal(worker->exit_signal, numbers[i]);
        assert_int_equal(find_event(job, EVENT_DIED)->b, numbers[i]);
        assert_false(worker_did_well(worker));
        assert_int_equal(heard.ended, 1);
        assert_int_equal(heard.lost, 0);
    }
}

// Expects that so many workers, which end as soon as they begin, are each heard and end once.
static void expect_crowd(size_t count, bool own_pipes)
{
    struct job *job = begin_job(&heard);
    for (size_t i = 0; i < count; i++)
        start(job, own_pipes, end_at_once);
    finish(job);
    assert_int_equal(heard.ended, count);
    assert_int_equal(heard.ended_undone, 0);
    assert_int_equal(heard.lost, 0);
    assert_int_equal(count_events(job, EVENT_HELLO), count);
    assert_int_equal(count_events(job, EVENT_WORK_DONE), count);
    assert_int_equal(count_events(job, EVENT_DIED), count);
    assert_int_equal(count_events(job, EVENT_REAPED), count);
    for (size_t i = 0; i < count; i++)
        assert_true(worker_did_well(job->workers[i]));
    assert_int_equal(job->unfinished, 0);
}

static void a_hundred_that_end_at_once_are_each_reported_once(void **state)
{
    (void)state;
    expect_crowd(100, false);
}

static void so_are_a_hundred_with_pipes_of_their_own(void **state)
{
    (void)state;
    expect_crowd(100, true);
}

static void cancel_ends_all_with_sigterm(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    for (int i = 0; i < 5; i++)
        start(job, false, wait_for_signal);
    turn_until(job, EVENT_HELLO, 5);
    assert_int_equal(job->unfinished, 5);
    terminate_job(job);
    assert_int_equal(heard.cancelled, 1);
    assert_true(job->cancelled);
    finish(job);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(job->workers[i]->exit_signal, SIGTERM);
        assert_true(worker_was_ended(job->workers[i]));
    }
}

static int ignore_sigterm(const struct self *self, const void *argument)
{
    signal(SIGTERM, SIG_IGN);
    return wait_for_signal(self, argument);
}

static void cancel_kills_the_stubborn_after_the_grace(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *stubborn = start(job, false, ignore_sigterm);
    struct worker *other = start(job, false, wait_for_signal);
    turn_until(job, EVENT_HELLO, 2);
    int64_t cancelled = clock_now();
    terminate_job(job);
    finish(job);
    assert_int_equal(other->exit_signal, SIGTERM);
    assert_int_equal(stubborn->exit_signal, SIGKILL);
    assert_true(stubborn->died - cancelled >= GRACE_NS);
}

static void a_second_cancel_kills_at_once(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *stubborn = start(job, false, ignore_sigterm);
    turn_until(job, EVENT_HELLO, 1);
    int64_t cancelled = clock_now();
    terminate_job(job);
    terminate_job(job);
    finish(job);
    assert_int_equal(heard.cancelled, 1);
    assert_int_equal(stubborn->exit_signal, SIGKILL);
    assert_true(stubborn->died - cancelled < GRACE_NS);
}

static void one_worker_can_be_ended_alone(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *first = start(job, false, wait_for_signal);
    struct worker *second = start(job, false, wait_for_signal);
    turn_until(job, EVENT_HELLO, 2);
    terminate_worker(first);
    turn_until(job, EVENT_DIED, 1);
    assert_int_equal(first->exit_signal, SIGTERM);
    assert_true(worker_lives(second));
    assert_int_equal(heard.cancelled, 0);
    assert_int_equal(job->unfinished, 1);
}

static size_t jobs_done;

static void count_done(struct job *job)
{
    assert_true(job->done);
    jobs_done++;
}

static void a_finished_job_is_remembered_until_forgotten(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard), *next = begin_job(&heard);
    uint32_t id = job->id;
    job->on_done = count_done;
    jobs_done = 0;
    start(job, false, end_at_once);
    finish(job);
    job_finish(job, 5);
    assert_int_equal(jobs_done, 1);
    assert_int_equal(job->status, 5);
    assert_int_equal(find_event(job, EVENT_JOB_DONE)->a, 5);
    assert_ptr_equal(jobs_first(), job);
    assert_ptr_equal(job->next, next);
    assert_ptr_equal(jobs_find(id), job);
    jobs_forget(false);
    assert_ptr_equal(jobs_find(id), job);
    jobs_forget(true);
    assert_null(jobs_find(id));
    assert_ptr_equal(jobs_first(), next);
}

static void who_runs_does_not_push_out_who_is_done(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    uint32_t id = job->id;
    for (int i = 0; i < 1000; i++)
        begin_job(&heard);
    job_finish(job, 0);
    jobs_forget(false);
    assert_ptr_equal(jobs_find(id), job);
    for (struct job *other = job->next; other; other = other->next)
        job_finish(other, 0);
    jobs_forget(false);
    assert_null(jobs_find(id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(a_worker_says_who_it_and_its_parent_are),
        IN_SESSION(tells_the_exit_code),
        IN_SESSION(tells_the_signal_that_killed_a_worker),
        IN_SESSION(a_hundred_that_end_at_once_are_each_reported_once),
        IN_SESSION(so_are_a_hundred_with_pipes_of_their_own),
        IN_SESSION(cancel_ends_all_with_sigterm),
        IN_SESSION(cancel_kills_the_stubborn_after_the_grace),
        IN_SESSION(a_second_cancel_kills_at_once),
        IN_SESSION(one_worker_can_be_ended_alone),
        IN_SESSION(a_finished_job_is_remembered_until_forgotten),
        IN_SESSION(who_runs_does_not_push_out_who_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
