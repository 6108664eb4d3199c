// SPDX-License-Identifier: GPL-3.0-or-later
// Shows how workers start, or do not, and that they can be told things then.
#include "help.h"

#include "os/fork.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static struct heard heard;

static void names_and_numbers_workers(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct assignment named = {.name = "ann", .run = end_at_once};
    struct worker *first = start(job, false, end_at_once);
    struct worker *second = job_start(job, &named);
    assert_int_equal(strncmp(first->name, "Process-", 8), 0);
    assert_non_null(second);
    assert_string_equal(second->name, "ann");
    assert_int_equal(first->number, 0);
    assert_int_equal(second->number, 1);
    assert_ptr_equal(job->workers[1], second);
    finish(job);
    assert_int_equal(heard.ended, 2);
}

static int obey(const struct self *self, const void *argument)
{
    struct frame frame;
    (void)argument;
    while (read(WORKER_DOWN_FD, &frame, sizeof frame) == (ssize_t)sizeof frame)
        if (frame.type == FRAME_CHUNK)
            report_claim(self, CLAIM_WORKING, frame.a + frame.b);
        else
            return 3;
    return 4;
}

static void a_worker_can_be_told_things(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct assignment assignment = {.run = obey, .down_pipe = true};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    assert_true(job_tell(worker, FRAME_CHUNK, 40, 2));
    turn_until(job, EVENT_CLAIMED, 1);
    assert_int_equal(worker->progress, 42);
    assert_true(job_tell(worker, FRAME_STOP, 0, 0));
    finish(job);
    assert_int_equal(worker->exit_code, 3);
    assert_false(job_tell(worker, FRAME_STOP, 0, 0));
    assert_int_not_equal(errno, 0);
}

static void a_worker_without_a_down_pipe_can_not(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    struct worker *worker = start(job, false, end_at_once);
    assert_false(job_tell(worker, FRAME_STOP, 0, 0));
    finish(job);
}

// Starts a worker while only `more` descriptors can be opened, and expects that `call` fails.
static void expect_no_start(struct job *job, int more, const char *call)
{
    struct assignment assignment = {.own_pipe = true, .down_pipe = true, .run = end_at_once};
    struct rlimit before, tight;
    int lowest = dup(STDERR_FILENO);
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)(lowest + more);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    struct worker *worker = job_start(job, &assignment);
    int error = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_null(worker);
    assert_int_equal(error, EMFILE);
    assert_string_equal(job->failed_call, call);
    int again = dup(STDERR_FILENO);
    close(again);
    assert_int_equal(again, lowest);
}

static void nothing_is_left_of_a_start_that_failed(void **state)
{
    (void)state;
    struct job *job = begin_job(&heard);
    expect_no_start(job, 0, "pipe2");
    expect_no_start(job, 1, "pipe2");
    expect_no_start(job, 2, "pipe2");
    expect_no_start(job, 3, "pipe2");
    assert_int_equal(job->count, 0);
    assert_int_equal(job->unfinished, 0);
    start(job, true, end_at_once);
    finish(job);
    assert_int_equal(heard.ended, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(names_and_numbers_workers),
        IN_SESSION(a_worker_can_be_told_things),
        IN_SESSION(a_worker_without_a_down_pipe_can_not),
        IN_SESSION(nothing_is_left_of_a_start_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
