// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what the kernel tells of workers: stopped, continued, zombies, and who is killed at the
// end.
#include "help.h"
#include "jobs/reaper.h"
#include "jobs/terminate.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct heard heard;
static size_t reaped;

static void count_reaped(struct worker *worker)
{
    assert_int_equal(worker->kernel, KERNEL_REAPED);
    assert_int_equal(worker->pid, -1);
    reaped++;
}

static bool is_zombie(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static void the_dead_stay_zombies_until_they_are_reaped(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    reaper_set(false);
    assert_false(reaper_is_on());
    for (int i = 0; i < 3; i++)
        start(job, i == 0, end_at_once);
    finish(job);
    assert_int_equal(heard.ended, 3);
    assert_int_equal(count_events(job, EVENT_REAPED), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(job->workers[i]->kernel, KERNEL_ZOMBIE);
        assert_true(is_zombie(job->workers[i]->pid));
    }
    reaped = 0;
    assert_int_equal(reaper_reap(count_reaped), 3);
    assert_int_equal(reaped, 3);
    assert_int_equal(heard.ended, 3);
    assert_int_equal(count_events(job, EVENT_REAPED), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(kill(job->workers[i]->shown_pid, 0), -1);
    assert_int_equal(reaper_reap(count_reaped), 0);
}

// The number of the first such event.
static uint64_t place_of(enum event_kind kind)
{
    uint64_t number = events_first();
    while (number < events_end() && events_get(number)->kind != kind)
        number++;
    return number;
}

static void last_words_are_heard_before_the_death_is_told(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, end_at_once);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT), 0);
    reaper_collect();
    assert_true(worker->finished);
    assert_true(place_of(EVENT_HELLO) < place_of(EVENT_WORK_DONE));
    assert_true(place_of(EVENT_WORK_DONE) < place_of(EVENT_DIED));
    assert_true(place_of(EVENT_DIED) < events_end());
}

static void a_zombie_does_not_hide_the_next_death(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    reaper_set(false);
    for (int i = 0; i < 3; i++) {
        start(job, false, end_at_once);
        finish(job);
    }
    assert_int_equal(heard.ended, 3);
    assert_int_equal(reaper_reap(NULL), 3);
}

static void zombies_are_reaped_once_reaping_is_on_again(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    reaper_set(false);
    struct worker *worker = start(job, false, end_at_once);
    finish(job);
    reaper_set(true);
    reaper_collect();
    assert_int_equal(worker->kernel, KERNEL_REAPED);
    assert_int_equal(heard.ended, 1);
    assert_int_equal(reaper_reap(NULL), 0);
}

static void a_zombie_can_not_be_signalled(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    reaper_set(false);
    struct worker *worker = start(job, false, end_at_once);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT), 0);
    assert_true(worker_lives(worker));
    assert_false(worker_is_alive_now(worker));
    assert_int_equal(worker_end(worker, SIGKILL), ESRCH);
    assert_false(worker_was_ended(worker));
    finish(job);
    assert_int_equal(worker_signal(worker, SIGKILL), ESRCH);
    assert_int_equal(find_event(job, EVENT_SIGNALLED)->b, ESRCH);
    assert_int_equal(worker->exit_code, 0);
}

static void forget_and_go_on(void *data)
{
    open_session(NULL);
    struct job *job = begin_job(data), *next = begin_job(data);
    reaper_set(false);
    pid_t pid = start(job, false, end_at_once)->pid;
    finish(job);
    job_finish(job, 0);
    jobs_forget(true);
    MUST(worker_by_pid(pid) == NULL);
    reaper_set(true);
    start(next, false, end_at_once);
    finish(next);
    MUST(!is_zombie(pid));
}

static void a_forgotten_job_leaves_nothing_of_its_zombies(void **state)
{
    (void)state;
    assert_int_equal(status_of(forget_and_go_on, &heard), 0);
}

static void stops_and_continues_are_told(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, wait_for_signal);
    assert_int_equal(worker_signal(worker, SIGSTOP), 0);
    turn_until(job, EVENT_STOPPED, 1);
    assert_int_equal(worker->kernel, KERNEL_STOPPED);
    assert_int_equal(find_event(job, EVENT_STOPPED)->a, SIGSTOP);
    assert_true(worker_lives(worker));
    assert_int_equal(worker_signal(worker, SIGCONT), 0);
    turn_until(job, EVENT_CONTINUED, 1);
    assert_int_equal(worker->kernel, KERNEL_RUNNING);
}

static void a_stopped_worker_ends_without_waiting_for_the_grace(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, wait_for_signal);
    worker_signal(worker, SIGSTOP);
    turn_until(job, EVENT_STOPPED, 1);
    terminate_job(job);
    finish(job);
    assert_int_equal(worker->exit_signal, SIGTERM);
}

static void kill_all_and_look(void *data)
{
    open_session(NULL);
    struct job *job = begin_job(data);
    for (int i = 0; i < 5; i++)
        start(job, i % 2, wait_for_signal);
    reaper_kill_all();
    for (size_t i = 0; i < 5; i++)
        MUST(kill(job->workers[i]->shown_pid, 0) < 0 && errno == ESRCH);
    MUST(heard.ended == 0);
}

static void kill_all_leaves_no_worker(void **state)
{
    (void)state;
    assert_int_equal(status_of(kill_all_and_look, &heard), 0);
}

static void kill_all_beside_a_stranger(void *data)
{
    alarm(5);
    int ends[2];
    MUST(pipe(ends) == 0);
    pid_t stranger = fork();
    MUST(stranger >= 0);
    if (stranger == 0) {
        char byte;
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0);
    }
    kill_all_and_look(data);
}

static void kill_all_waits_for_no_other_child(void **state)
{
    (void)state;
    assert_int_equal(status_of(kill_all_beside_a_stranger, &heard), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        // First those that are sessions in processes of their own: records of others are not there.
        cmocka_unit_test(a_forgotten_job_leaves_nothing_of_its_zombies),
        cmocka_unit_test(kill_all_leaves_no_worker),
        cmocka_unit_test(kill_all_waits_for_no_other_child),
        IN_SESSION(the_dead_stay_zombies_until_they_are_reaped),
        IN_SESSION(last_words_are_heard_before_the_death_is_told),
        IN_SESSION(a_zombie_does_not_hide_the_next_death),
        IN_SESSION(zombies_are_reaped_once_reaping_is_on_again),
        IN_SESSION(a_zombie_can_not_be_signalled),
        IN_SESSION(stops_and_continues_are_told),
        IN_SESSION(a_stopped_worker_ends_without_waiting_for_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
