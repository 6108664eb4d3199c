// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what do_something computes and how its list is written, also when it is asked to finish
// early.
#include "help.h"

#include "base/clock.h"
#include "worker/workload.h"

#include <signal.h>
#include <string.h>

static struct heard heard;

static struct results results_of(int64_t count)
{
    struct results results = {.count = count};
    for (int64_t i = 0; i < LIST_WHOLE && i < count; i++)
        results.first[i] = (double)i;
    for (int64_t i = 0; i < LIST_TAIL; i++)
        results.last[i] = (double)(count - LIST_TAIL + i);
    return results;
}

static void expect_list(int64_t count, const char *expected)
{
    struct results results = results_of(count);
    char text[512];
    workload_format_results(&results, text, sizeof text);
    assert_string_equal(text, expected);
}

static void short_lists_are_written_whole(void **state)
{
    (void)state;
    expect_list(0, "[]");
    expect_list(1, "[0.0]");
    expect_list(2, "[0.0, 1.0]");
    expect_list(20, "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, "
                    "14.0, 15.0, 16.0, 17.0, 18.0, 19.0]");
}

static void long_lists_are_cut_and_counted(void **state)
{
    (void)state;
    expect_list(21, "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, ..., 18.0, 19.0, 20.0] "
                    "(21 results)");
    expect_list(1000000, "[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, ..., 999997.0, "
                         "999998.0, 999999.0] (1000000 results)");
}

static void a_small_text_is_not_overrun(void **state)
{
    (void)state;
    struct results results = results_of(1000000);
    for (size_t size = 1; size < 130; size++) {
        char text[131];
        memset(text, '#', sizeof text);
        workload_format_results(&results, text, size);
        assert_non_null(memchr(text, '\0', size));
        assert_int_equal(text[size], '#');
    }
}

// The life of a worker that computes a list, which it then says.
static int say_list(const struct self *self, const void *size)
{
    struct results results;
    char text[512];
    report_hello(self);
    workload_run(self, *(const int64_t *)size, &results);
    workload_format_results(&results, text, sizeof text);
    report_output(self, "%s", text);
    report_done(self, results.count);
    return 0;
}

static struct worker *start_list(struct job *job, const int64_t *size, struct self self)
{
    struct assignment assignment = {.self = self, .run = say_list, .argument = size};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    return worker;
}

static void expect_said(const struct job *job, int64_t count)
{
    struct results results = results_of(count);
    char expected[512];
    workload_format_results(&results, expected, sizeof expected);
    assert_string_equal(find_event(job, EVENT_OUTPUT)->text, expected);
}

static void computes_lists_of_any_length(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 2, 3, 19, 20, 21, 22, 5000, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct job *job = begin_job(&heard);
        struct worker *worker = start_list(job, &sizes[i], (struct self){0});
        finish(job);
        assert_int_equal(worker->results, sizes[i]);
        assert_true(worker_did_well(worker));
        expect_said(job, sizes[i]);
    }
}

static void computes_for_as_long_as_it_is_told(void **state)
{
    (void)state;
    const int64_t size = 10;
    struct job *job = begin_job(&heard);
    struct worker *worker = start_list(job, &size, (struct self){.for_ns = 50 * NS_PER_MS});
    finish(job);
    assert_true(worker->died - worker->forked >= 50 * NS_PER_MS);
    assert_int_equal(worker->results, 10);
    expect_said(job, 10);
}

static void a_graceful_worker_ends_early_and_says_what_it_has(void **state)
{
    (void)state;
    const int64_t endless = INT64_C(1000000000000000);
    struct job *job = begin_job(&heard);
    struct worker *worker = start_list(job, &endless, (struct self){.graceful = true});
    turn_until(job, EVENT_CLAIMED, 2);
    worker_end(worker, SIGTERM);
    finish(job);
    assert_int_equal(worker->exit_code, 0);
    assert_true(worker->results > LIST_WHOLE && worker->results < endless);
    expect_said(job, worker->results);
}

static void a_graceful_worker_may_have_nothing_yet(void **state)
{
    (void)state;
    const int64_t endless = INT64_C(1000000000000000);
    struct job *job = begin_job(&heard);
    struct self self = {.graceful = true, .for_ns = 3600 * NS_PER_S};
    struct worker *worker = start_list(job, &endless, self);
    turn_until(job, EVENT_HELLO, 1);
    worker_end(worker, SIGTERM);
    finish(job);
    assert_int_equal(worker->exit_code, 0);
    assert_true(worker->results >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_lists_are_written_whole),
        cmocka_unit_test(long_lists_are_cut_and_counted),
        cmocka_unit_test(a_small_text_is_not_overrun),
        IN_SESSION(computes_lists_of_any_length),
        IN_SESSION(computes_for_as_long_as_it_is_told),
        IN_SESSION(a_graceful_worker_ends_early_and_says_what_it_has),
        IN_SESSION(a_graceful_worker_may_have_nothing_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
