// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a worker that lies, falls silent or leaves something behind is noticed and ended.
#include "help.h"

#include "os/fork.h"
#include "os/loop.h"
#include "worker/faults.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct heard heard;

static int misbehave(const struct self *self, const void *as)
{
    struct self bad = *self;
    bad.as = *(const enum fault *)as;
    report_hello(self);
    faults_strike(&bad);
    wait_for_ever();
}

static struct worker *start_as(struct job *job, enum fault as)
{
    struct assignment assignment = {.own_pipe = true, .run = misbehave, .argument = &as};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    return worker;
}

// Expects that the worker is lost because of `why`, and nobody else.
static void expect_lost(struct job *job, const struct worker *worker, enum event_kind why)
{
    finish(job);
    assert_int_equal(heard.lost, 1);
    assert_int_equal(heard.ended, job->count);
    assert_true(worker->lost);
    assert_int_equal(worker->lost_by, why);
    assert_int_equal(count_events(job, why), 1);
    assert_int_equal(worker->exit_signal, SIGTERM);
    assert_false(worker_was_ended(worker));
    assert_false(worker_did_well(worker));
}

static void garbage_ends_a_worker(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *other = start(job, true, end_at_once);
    expect_lost(job, start_as(job, AS_BABBLE), EVENT_GARBAGE);
    assert_int_equal(count_events(job, EVENT_HELLO), 2);
    assert_true(worker_did_well(other));
}

static void silence_ends_a_worker(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    expect_lost(job, start_as(job, AS_MUTE), EVENT_PIPE_CLOSED);
}

static void who_just_ends_is_never_taken_for_silent(void **state)
{
    (void)state;
    for (int i = 0; i < 500; i++) {
        struct job *job = begin_job(&heard);
        struct worker *worker = start(job, true, end_at_once);
        finish(job);
        assert_false(worker->lost);
        assert_true(worker_did_well(worker));
        job_finish(job, 0);
    }
}

// What a worker sends instead of the truth.
struct lie {
    struct frame frame;
    size_t length;
};

static int tell_lie(const struct self *self, const void *argument)
{
    static const char block[FRAME_BLOCK_MAX];
    const struct lie *lie = argument;
    report_hello(self);
    frame_write(WORKER_UP_FD, lie->frame, block, lie->length);
    report_done(self, 0);
    wait_for_ever();
}

static void expect_seen_through(struct lie lie)
{
    struct job *job = begin_job(&heard);
    struct worker *honest = start(job, true, end_at_once);
    struct assignment assignment = {.own_pipe = true, .run = tell_lie, .argument = &lie};
    struct worker *liar = job_start(job, &assignment);
    assert_non_null(liar);
    while (heard.lost == 0 && liar->results < 0)
        loop_turn(-1);
    assert_true(liar->lost);
    expect_lost(job, liar, EVENT_GARBAGE);
    assert_true(worker_did_well(honest));
}

static void nobody_can_speak_for_another(void **state)
{
    (void)state;
    expect_seen_through((struct lie){.frame = {.type = FRAME_STATE, .worker = 0}});
    expect_seen_through((struct lie){.frame = {.type = FRAME_STATE, .worker = 2}});
    expect_seen_through((struct lie){.frame = {.type = FRAME_STATE, .worker = UINT32_MAX}});
}

static void results_must_be_as_many_as_their_frame_says(void **state)
{
    (void)state;
    static const int64_t counts[] = {1, 3, 0, -2, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        expect_seen_through((struct lie){
            .frame = {.type = FRAME_RESULTS, .worker = 1, .b = counts[i]}, .length = 16});
}

static void nor_can_they_be_so_many_that_their_size_overflows(void **state)
{
    (void)state;
    expect_seen_through((struct lie){
        .frame = {.type = FRAME_RESULTS, .worker = 1, .b = (INT64_C(1) << 61) + 2}, .length = 16});
}

static void results_that_were_written_come_without_a_block(void **state)
{
    (void)state;
    expect_seen_through(
        (struct lie){.frame = {.type = FRAME_WRITTEN, .worker = 1, .b = 2}, .length = 16});
}

static void orders_never_come_from_below(void **state)
{
    (void)state;
    expect_seen_through((struct lie){.frame = {.type = FRAME_CHUNK, .worker = 1, .b = 1}});
    expect_seen_through((struct lie){.frame = {.type = FRAME_STOP, .worker = 1}});
}

static void a_line_is_never_longer_than_what_is_written_whole(void **state)
{
    (void)state;
    expect_seen_through(
        (struct lie){.frame = {.type = FRAME_OUTPUT, .worker = 1}, .length = FRAME_ATOMIC + 1});
}

static int say_too_much(const struct self *self, const void *argument)
{
    (void)argument;
    report_output(self, "%0*d", (int)FRAME_ATOMIC + 100, 7);
    report_done(self, 0);
    return 0;
}

static void so_a_longer_one_is_cut(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, true, say_too_much);
    finish(job);
    assert_true(worker_did_well(worker));
    const struct event *said = find_event(job, EVENT_OUTPUT);
    assert_non_null(said);
    assert_int_equal(strlen(said->text), FRAME_ATOMIC - 1);
}

static int fail_to_map(const struct self *self, const void *argument)
{
    (void)argument;
    report_hello(self);
    errno = ENOMEM;
    report_failure(self, "mmap");
    return 1;
}

static void a_call_that_failed_it_tells_itself(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, fail_to_map);
    char how[128];
    finish(job);
    assert_int_equal(heard.lost, 0);
    assert_int_equal(heard.last.type, FRAME_ERROR);
    assert_false(worker_did_well(worker));
    worker_describe_end(worker, how, sizeof how);
    assert_string_equal(how, "failed: mmap: Cannot allocate memory");
    const struct event *failed = find_event(job, EVENT_FAILED);
    assert_non_null(failed);
    assert_int_equal(failed->a, ENOMEM);
    assert_string_equal(failed->text, "mmap: Cannot allocate memory");
}

static int fail_rudely(const struct self *self, const void *argument)
{
    (void)argument;
    errno = EIO;
    report_failure(self, "\x1b[31mread");
    return 1;
}

static void nor_does_it_tell_it_raw(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, true, fail_rudely);
    finish(job);
    assert_string_equal(worker->failed, "\\x1b[31mread: Input/output error");
}

static void who_can_not_take_its_pipe_does_no_work(void **state)
{
    (void)state;
    struct rlimit before, tight;
    struct job *job = begin_job(&heard);
    start(job, false, end_at_once);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = (struct rlimit){WORKER_UP_FD, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct worker *worker = start(job, false, end_at_once);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    finish(job);
    assert_int_equal(worker->exit_code, 1);
    assert_false(worker_did_well(worker));
}

static int babble_and_go_on(const struct self *self, const void *argument)
{
    (void)argument;
    frame_write(WORKER_UP_FD, (struct frame){.type = FRAME_STOP, .worker = self->number}, NULL, 0);
    report_hello(self);
    report_done(self, 7);
    wait_for_ever();
}

static void who_has_lied_is_not_heard_any_more(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, true, babble_and_go_on);
    expect_lost(job, worker, EVENT_GARBAGE);
    assert_int_equal(heard.frames, 0);
    assert_int_equal(worker->results, -1);
}

static void what_the_command_can_not_believe_is_garbage(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    heard.doubts = true;
    expect_lost(job, start(job, true, wait_for_signal), EVENT_GARBAGE);
    assert_int_equal(heard.frames, 1);
}

static int claim_wildly(const struct self *self, const void *progress)
{
    report_claim(self, CLAIM_WORKING, *(const int64_t *)progress);
    return 0;
}

static void progress_stays_within_the_whole(void **state)
{
    (void)state;
    static const int64_t wild[] = {PROGRESS_WHOLE + 1, INT64_MAX, -1, INT64_MIN};
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        struct job *job = begin_job(&heard);
        struct assignment assignment = {
            .own_pipe = true, .run = claim_wildly, .argument = &wild[i]};
        struct worker *worker = job_start(job, &assignment);
        assert_non_null(worker);
        finish(job);
        assert_true(worker->progress >= 0 && worker->progress <= PROGRESS_WHOLE);
    }
}

static void a_worker_that_dies_within_a_frame_is_noted(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start_as(job, AS_TORN);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT), 0);
    reaper_collect();
    assert_int_equal(heard.ended, 1);
    assert_int_equal(worker->exit_signal, SIGKILL);
    assert_int_equal(count_events(job, EVENT_TORN), 1);
    assert_int_equal(heard.lost, 0);
}

static void ignore_signal(int number, pid_t pid)
{
    (void)number;
    (void)pid;
}

// Opens a session in which the end of a pipe is always heard before the death behind it.
static int open_slow_session(void **state)
{
    open_session(state);
    loop_close();
    sigset_t handled;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    loop_open(&handled, ignore_signal);
    return 0;
}

static void it_is_noted_too_when_its_pipe_ends_first(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start_as(job, AS_TORN);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOWAIT), 0);
    for (int i = 0; i < 5; i++)
        loop_turn(0);
    reaper_collect();
    assert_int_equal(heard.ended, 1);
    assert_int_equal(heard.lost, 0);
    assert_int_equal(count_events(job, EVENT_TORN), 1);
}

static int leave_child_behind(const struct self *self, const void *argument)
{
    (void)argument;
    report_hello(self);
    pid_t child = fork();
    if (child == 0)
        wait_for_ever();
    report_done(self, child);
    return 0;
}

static void who_is_left_behind_with_the_pipe_is_killed(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, true, leave_child_behind);
    finish(job);
    assert_int_equal(worker->exit_code, 0);
    assert_int_equal(count_events(job, EVENT_ORPHAN), 1);
    assert_int_equal(heard.lost, 0);
    assert_true(worker->results > 0);
    while (kill((pid_t)worker->results, 0) == 0)
        loop_turn(-1);
}

static void so_is_what_fork_misbehaviour_leaves_behind(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start_as(job, AS_FORK);
    turn_until(job, EVENT_HELLO, 1);
    worker_signal(worker, SIGKILL);
    finish(job);
    assert_int_equal(heard.ended, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(garbage_ends_a_worker),
        IN_SESSION(silence_ends_a_worker),
        IN_SESSION(who_just_ends_is_never_taken_for_silent),
        IN_SESSION(nobody_can_speak_for_another),
        IN_SESSION(results_must_be_as_many_as_their_frame_says),
        IN_SESSION(nor_can_they_be_so_many_that_their_size_overflows),
        IN_SESSION(results_that_were_written_come_without_a_block),
        IN_SESSION(orders_never_come_from_below),
        IN_SESSION(a_line_is_never_longer_than_what_is_written_whole),
        IN_SESSION(so_a_longer_one_is_cut),
        IN_SESSION(a_call_that_failed_it_tells_itself),
        IN_SESSION(nor_does_it_tell_it_raw),
        IN_SESSION(who_can_not_take_its_pipe_does_no_work),
        IN_SESSION(who_has_lied_is_not_heard_any_more),
        IN_SESSION(what_the_command_can_not_believe_is_garbage),
        IN_SESSION(progress_stays_within_the_whole),
        IN_SESSION(a_worker_that_dies_within_a_frame_is_noted),
        cmocka_unit_test_setup_teardown(it_is_noted_too_when_its_pipe_ends_first, open_slow_session,
                                        close_session),
        IN_SESSION(who_is_left_behind_with_the_pipe_is_killed),
        IN_SESSION(so_is_what_fork_misbehaviour_leaves_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
