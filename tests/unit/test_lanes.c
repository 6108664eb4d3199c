// SPDX-License-Identifier: GPL-3.0-or-later
// Shows, with logs written by hand, that lanes say what the log says: slices follow each other,
// never overlap, and end where the log does; and that what the log has dropped is told.
#include "help.h"

#include "worker/report.h"
#include "view/lanes.h"
#include "view/story.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1000000 };

// Adds an event of job 1 that happened at `time`.
static void at(int64_t time, enum event_kind kind, uint32_t worker, int64_t a, int64_t b)
{
    events_add(kind, 1, worker, a, b, kind == EVENT_FORKED ? "w" : NULL);
    ((struct event *)events_get(events_end() - 1))->time = time;
}

static void begin_at(int64_t time)
{
    events_add(EVENT_JOB_STARTED, 1, NO_WORKER, 0, 0, "spawn 1");
    ((struct event *)events_get(events_end() - 1))->time = time;
}

static int empty_log(void **state)
{
    (void)state;
    events_free();
    return 0;
}

// Writes the slices of a lane as "10-20 working, 20-30 zombie".
static const char *told(const struct lane *lane)
{
    static char line[4096];
    size_t used = 0;
    line[0] = '\0';
    for (size_t i = 0; i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%lld-%lld %s", i ? ", " : "",
                                 (long long)slice->begin, (long long)slice->end,
                                 phase_name(slice->phase));
        if (slice->chunk > 0)
            used += (size_t)snprintf(line + used, sizeof line - used, " %lld+%lld",
                                     (long long)slice->first, (long long)slice->count);
    }
    return line;
}

static struct lanes *read_log(void)
{
    struct lanes *lanes = lanes_read(1, NOW);
    assert_non_null(lanes);
    for (size_t i = 0; i < lanes->count; i++) {
        const struct lane *lane = &lanes->all[i];
        if (i > 0)
            assert_true(lane->worker > lane[-1].worker);
        for (size_t j = 0; j < lane->count; j++) {
            assert_true(lane->slices[j].begin < lane->slices[j].end);
            assert_true(lane->slices[j].begin >= lanes->begin);
            assert_true(lane->slices[j].end <= lanes->end);
            if (j > 0)
                assert_true(lane->slices[j].begin >= lane->slices[j - 1].end);
        }
    }
    return lanes;
}

static void expect_lane(size_t number, const char *expected)
{
    struct lanes *lanes = read_log();
    assert_true(number < lanes->count);
    assert_string_equal(told(&lanes->all[number]), expected);
    lanes_free(lanes);
}

static void there_are_none_without_a_job(void **state)
{
    (void)state;
    assert_null(lanes_read(1, NOW));
    assert_int_equal(story_last_job(), 0);
    begin_at(10);
    assert_null(lanes_read(2, NOW));
    assert_int_equal(story_last_job(), 1);
    struct lanes *lanes = read_log();
    assert_int_equal(lanes->count, 0);
    assert_string_equal(lanes->title, "spawn 1");
    lanes_free(lanes);
}

static void a_life_from_fork_to_reaping(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 4711, 0);
    at(20, EVENT_HELLO, 0, 4711, 1);
    at(25, EVENT_CLAIMED, 0, CLAIM_WORKING, 0);
    at(60, EVENT_WORK_DONE, 0, 1000, 0);
    at(70, EVENT_DIED, 0, 3, 0);
    at(90, EVENT_REAPED, 0, 0, 0);
    at(95, EVENT_JOB_DONE, NO_WORKER, 1, OUTCOME_FAILED);
    struct lanes *lanes = read_log();
    char text[64];
    assert_int_equal(lanes->count, 1);
    assert_string_equal(told(&lanes->all[0]), "10-20 starting, 20-70 working, 70-90 zombie");
    assert_int_equal(lanes->begin, 5);
    assert_int_equal(lanes->end, 95);
    assert_true(lanes->done);
    assert_int_equal(lanes->outcome, OUTCOME_FAILED);
    assert_int_equal(lanes->all[0].pid, 4711);
    assert_string_equal(lanes->all[0].name, "w");
    lane_format_end(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "exited 3");
    lanes_free(lanes);
}

static void who_lives_goes_on_until_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 4711, 0);
    at(20, EVENT_HELLO, 0, 4711, 1);
    struct lanes *lanes = read_log();
    char text[64];
    assert_string_equal(told(&lanes->all[0]), "10-20 starting, 20-1000000 working");
    assert_int_equal(lanes->end, NOW);
    assert_false(lanes->done);
    lane_format_end(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "running");
    lanes_free(lanes);
}

static void a_zombie_stays_one_until_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 4711, 0);
    at(20, EVENT_DIED, 0, -1, SIGKILL);
    at(30, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    struct lanes *lanes = read_log();
    char text[64];
    assert_string_equal(told(&lanes->all[0]), "10-20 starting, 20-1000000 zombie");
    assert_int_equal(lanes->end, NOW);
    // The job took no longer for that.
    lanes_format_summary(lanes, text, sizeof text);
    assert_string_equal(text, "1 worker, 0 us, done");
    assert_int_equal(lanes->done_at, 30);
    lane_format_end(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "zombie");
    lanes_free(lanes);
    at(40, EVENT_REAPED, 0, 0, 0);
    lanes = read_log();
    assert_int_equal(lanes->end, 40);
    lane_format_end(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "killed SIGKILL");
    lanes_free(lanes);
}

static void a_done_job_does_not_depend_on_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_DIED, 0, 0, 0);
    at(30, EVENT_REAPED, 0, 0, 0);
    at(40, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    struct lanes *early = lanes_read(1, 50), *late = lanes_read(1, NOW);
    assert_int_equal(early->end, late->end);
    assert_int_equal(early->all[0].count, late->all[0].count);
    lanes_free(early);
    lanes_free(late);
}

static void waiting_ends_when_it_was_passed(void **state)
{
    (void)state;
    begin_at(0);
    for (uint32_t worker = 0; worker < 2; worker++) {
        at(10 + worker, EVENT_FORKED, worker, 1 + worker, 0);
        at(20 + worker, EVENT_HELLO, worker, 1 + worker, 0);
    }
    at(30, EVENT_ARRIVED, 0, 0, 0);
    at(50, EVENT_ARRIVED, 1, 0, 0);
    at(60, EVENT_RELEASED, NO_WORKER, 0, 0);
    at(61, EVENT_PASSED, 1, 0, 0);
    at(65, EVENT_PASSED, 0, 0, 0);
    at(70, EVENT_ARRIVED, 1, 1, 0);
    struct lanes *lanes = read_log();
    assert_string_equal(told(&lanes->all[0]),
                        "10-20 starting, 20-30 working, 30-65 waiting at barrier, "
                        "65-1000000 working");
    assert_int_equal(lanes->span_count, 2);
    assert_int_equal(lanes->spans[0].begin, 30);
    assert_int_equal(lanes->spans[0].end, 60);
    assert_true(lanes->spans[0].released);
    assert_int_equal(lanes->spans[1].begin, 70);
    assert_int_equal(lanes->spans[1].round, 1);
    assert_int_equal(lanes->spans[1].end, NOW);
    assert_false(lanes->spans[1].released);
    assert_int_equal(lanes->mark_count, 1);
    assert_int_equal(lanes->marks[0]->kind, EVENT_RELEASED);
    lanes_free(lanes);
}

static void a_broken_barrier_frees_everyone_at_once(void **state)
{
    (void)state;
    begin_at(0);
    for (uint32_t worker = 0; worker < 3; worker++)
        at(10, EVENT_FORKED, worker, 1 + worker, 0);
    at(20, EVENT_ARRIVED, 0, 0, 0);
    at(30, EVENT_DIED, 1, -1, SIGSEGV);
    at(31, EVENT_REAPED, 1, 0, 0);
    at(40, EVENT_BROKEN, NO_WORKER, 1, 0);
    at(50, EVENT_ARRIVED, 2, 0, 0);
    at(60, EVENT_DIED, 0, 1, 0);
    at(61, EVENT_REAPED, 0, 0, 0);
    struct lanes *lanes = read_log();
    char text[128];
    assert_string_equal(told(&lanes->all[0]),
                        "10-20 starting, 20-40 waiting at barrier, 40-60 working, 60-61 zombie");
    assert_string_equal(told(&lanes->all[2]), "10-1000000 starting");
    assert_int_equal(lanes->span_count, 1);
    assert_int_equal(lanes->spans[0].end, 40);
    assert_false(lanes->spans[0].released);
    assert_int_equal(lanes->mark_count, 3);
    lanes_format_mark(lanes, lanes->marks[0], text, sizeof text);
    assert_string_equal(text, "w killed by SIGSEGV");
    lanes_format_mark(lanes, lanes->marks[1], text, sizeof text);
    assert_string_equal(text, "the barrier broke: w is gone");
    const struct event never = {.kind = EVENT_BROKEN, .worker = NO_WORKER, .a = 3};
    lanes_format_mark(lanes, &never, text, sizeof text);
    assert_string_equal(text, "the barrier broke: #4 could not be started");
    lanes_free(lanes);
}

static void a_lock_is_waited_for_until_it_is_held(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_HELLO, 0, 1, 0);
    at(30, EVENT_CLAIMED, 0, CLAIM_AT_LOCK, 0);
    at(40, EVENT_LOCKED, 0, -1, 0);
    expect_lane(0, "10-20 starting, 20-30 working, 30-40 waiting for lock, 40-1000000 working");
}

static void a_stop_hides_what_goes_on_behind_it(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_HELLO, 0, 1, 0);
    at(30, EVENT_SIGNALLED, 0, SIGSTOP, 0);
    at(31, EVENT_STOPPED, 0, SIGSTOP, 0);
    at(35, EVENT_ARRIVED, 0, 0, 0); // heard late
    at(50, EVENT_CONTINUED, 0, SIGCONT, 0);
    expect_lane(0, "10-20 starting, 20-31 working, 31-50 stopped, 50-1000000 waiting at barrier");
}

static void of_two_chunks_the_second_begins_with_the_results_of_the_first(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(11, EVENT_DEALT, 0, 0, 4);
    at(20, EVENT_HELLO, 0, 1, 0);
    at(30, EVENT_RESULTS, 0, 0, 4);
    at(40, EVENT_DEALT, 0, 4, 2);
    at(41, EVENT_DEALT, 0, 6, 1);
    at(60, EVENT_RESULTS, 0, 4, 2);
    at(70, EVENT_DEALT, 0, 7, 1);
    at(80, EVENT_RESULTS, 0, 6, 1);
    at(90, EVENT_RESULTS, 0, 7, 1);
    at(95, EVENT_WORK_DONE, 0, 8, 0);
    at(96, EVENT_DIED, 0, 0, 0);
    at(97, EVENT_REAPED, 0, 0, 0);
    expect_lane(0, "10-20 starting, 20-30 working 0+4, 30-40 waiting for tasks, "
                   "40-60 working 4+2, 60-80 working 6+1, 80-90 working 7+1, "
                   "90-96 waiting for tasks, 96-97 zombie");
}

static void a_chunk_may_come_back_in_blocks(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(10, EVENT_HELLO, 0, 1, 0);
    at(10, EVENT_DEALT, 0, 0, 20000);
    at(20, EVENT_RESULTS, 0, 0, 8192);
    at(30, EVENT_RESULTS, 0, 8192, 8192);
    at(40, EVENT_RESULTS, 0, 16384, 3616);
    expect_lane(0, "10-40 working 0+20000, 40-1000000 waiting for tasks");
}

static void a_stop_cuts_a_chunk_in_two(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(10, EVENT_HELLO, 0, 1, 0);
    at(10, EVENT_DEALT, 0, 0, 4);
    at(20, EVENT_STOPPED, 0, SIGSTOP, 0);
    at(30, EVENT_CONTINUED, 0, SIGCONT, 0);
    at(40, EVENT_RESULTS, 0, 0, 4);
    expect_lane(0, "10-20 working 0+4, 20-30 stopped, 30-40 working 0+4, "
                   "40-1000000 waiting for tasks");
}

static void death_ends_the_chunk_in_hand(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(10, EVENT_HELLO, 0, 1, 0);
    at(10, EVENT_DEALT, 0, 0, 4);
    at(20, EVENT_DIED, 0, -1, SIGSEGV);
    at(21, EVENT_RESULTS, 0, 0, 4); // its last words
    at(22, EVENT_TORN, 0, 0, 0);
    at(30, EVENT_REAPED, 0, 0, 0);
    expect_lane(0, "10-20 working 0+4, 20-30 zombie");
}

static void one_not_heard_before_its_death_had_worked(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_DIED, 0, 0, 0);
    at(21, EVENT_HELLO, 0, 1, 0);
    at(22, EVENT_WORK_DONE, 0, 0, 0);
    at(23, EVENT_REAPED, 0, 0, 0);
    expect_lane(0, "10-20 working, 20-23 zombie");
}

static void a_lost_one_is_called_so(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_GARBAGE, 0, 0, 0);
    struct lanes *lanes = read_log();
    char text[64];
    lane_format_end(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "lost");
    lanes_free(lanes);
}

static void a_signal_that_failed_says_why(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_SIGNALLED, 0, SIGTERM, 0);
    at(21, EVENT_SIGNALLED, 0, SIGTERM, 3);
    struct lanes *lanes = read_log();
    char text[64];
    assert_int_equal(lanes->mark_count, 2);
    lanes_format_mark(lanes, lanes->marks[0], text, sizeof text);
    assert_string_equal(text, "SIGTERM to w");
    lanes_format_mark(lanes, lanes->marks[1], text, sizeof text);
    assert_string_equal(text, "SIGTERM to w: No such process");
    lanes_free(lanes);
}

static void other_jobs_leave_no_trace(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    events_add(EVENT_FORKED, 2, 0, 2, 0, "other");
    events_add(EVENT_FORKED, 2, 1, 3, 0, "other");
    struct lanes *lanes = read_log();
    assert_int_equal(lanes->count, 1);
    assert_string_equal(lanes->all[0].name, "w");
    assert_int_equal(story_last_job(), 2);
    lanes_free(lanes);
}

static void fill(uint32_t job, size_t count)
{
    for (size_t i = 0; i < count; i++)
        events_add(EVENT_OUTPUT, job, NO_WORKER, 0, 0, NULL);
}

static void what_was_dropped_is_told(void **state)
{
    (void)state;
    char text[256];
    fill(7, EVENTS_KEPT);
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    struct lanes *lanes = read_log();
    assert_int_equal(lanes->dropped, 2);
    assert_true(lanes->is_whole);
    lanes_format_dropped(lanes, text, sizeof text);
    assert_string_equal(text, "the log has dropped its 2 oldest events, none of this job");
    lanes_free(lanes);
}

static void a_job_without_its_beginning_is_still_drawn(void **state)
{
    (void)state;
    char text[256];
    begin_at(0);
    at(10, EVENT_FORKED, 2, 1, 0);
    at(11, EVENT_DEALT, 2, 5, 3);
    fill(7, EVENTS_KEPT - 2);
    // The next two drop the first three events; worker 2 comes before worker 0.
    at(20, EVENT_HELLO, 2, 1, 0);
    at(30, EVENT_RESULTS, 2, 5, 3);
    at(40, EVENT_HELLO, 0, 9, 0);
    struct lanes *lanes = read_log();
    assert_false(lanes->is_whole);
    assert_string_equal(lanes->title, "");
    assert_int_equal(lanes->count, 2);
    assert_int_equal(lanes->begin, 20);
    assert_string_equal(told(&lanes->all[1]), "20-30 working 5+3, 30-1000000 waiting for tasks");
    lane_format_name(&lanes->all[1], text, sizeof text);
    assert_string_equal(text, "#3");
    assert_int_equal(lanes->all[0].pid, 9);
    lanes_format_dropped(lanes, text, sizeof text);
    assert_non_null(strstr(text, "the beginning of this job is missing"));
    lanes_free(lanes);
}

static void what_is_known_besides_fills_in_what_was_dropped(void **state)
{
    (void)state;
    char text[256];
    const struct known_worker workers[] = {{"one", 71}, {"two", 72}, {"three", 73}};
    struct known known = {.title = "spawn 3", .started = 4, .workers = workers, .count = 3};
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(11, EVENT_FORKED, 1, 2, 0);
    fill(7, EVENTS_KEPT - 2);
    at(20, EVENT_REAPED, 0, 0, 0);
    struct lanes *lanes = read_log();
    lanes_format_summary(lanes, text, sizeof text);
    assert_string_equal(text, "2 workers, its last 1.0 ms so far");
    lanes_know(lanes, &known);
    assert_string_equal(lanes->title, "spawn 3");
    assert_int_equal(lanes->origin, 4);
    assert_int_equal(lanes->begin, 11);
    assert_string_equal(lanes->all[0].name, "one");
    assert_int_equal(lanes->all[0].pid, 71);
    assert_string_equal(lanes->all[1].name, "w"); // the log's word comes first
    assert_int_equal(lanes->all[1].pid, 2);
    known.ended = 12004;
    known.outcome = OUTCOME_FAILED;
    lanes_know(lanes, &known);
    lanes_format_summary(lanes, text, sizeof text);
    assert_string_equal(text, "3 workers, 12 us, failed");
    lanes_format_dropped(lanes, text, sizeof text);
    assert_string_equal(
        text, "the log has dropped its 2 oldest events: the first 0 us of this job are missing");
    lanes_free(lanes);
}

static void a_whole_job_needs_nothing_known_besides(void **state)
{
    (void)state;
    const struct known known = {.title = "another", .started = 1, .ended = 2};
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    struct lanes *lanes = read_log();
    lanes_know(lanes, &known);
    assert_string_equal(lanes->title, "spawn 1");
    assert_int_equal(lanes->origin, 5);
    assert_false(lanes->done);
    lanes_free(lanes);
}

static void names_are_safe_to_show(void **state)
{
    (void)state;
    char text[64];
    begin_at(0);
    events_add(EVENT_FORKED, 1, 0, 1, 0, "a\x1b[31mb");
    struct lanes *lanes = lanes_read(1, NOW);
    lane_format_name(&lanes->all[0], text, sizeof text);
    assert_string_equal(text, "a\\x1b[31mb");
    lanes_free(lanes);
}

// Whatever the log says, in whatever order: read_log() checks what must hold.
static void nonsense_gives_lanes_all_the_same(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int run = 0; run < 200; run++) {
        events_free();
        int64_t time = 0;
        for (int i = 0; i < 300; i++) {
            time += pick(&seed, 3);
            bool of_job = pick(&seed, 10) == 0;
            enum event_kind kind = (enum event_kind)pick(&seed, EVENT_REAPED + 1);
            at(time, kind, of_job ? NO_WORKER : (uint32_t)pick(&seed, 6), pick(&seed, 12) - 1,
               pick(&seed, 4));
        }
        lanes_free(read_log());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(there_are_none_without_a_job, empty_log),
        cmocka_unit_test_teardown(a_life_from_fork_to_reaping, empty_log),
        cmocka_unit_test_teardown(who_lives_goes_on_until_now, empty_log),
        cmocka_unit_test_teardown(a_zombie_stays_one_until_now, empty_log),
        cmocka_unit_test_teardown(a_done_job_does_not_depend_on_now, empty_log),
        cmocka_unit_test_teardown(waiting_ends_when_it_was_passed, empty_log),
        cmocka_unit_test_teardown(a_broken_barrier_frees_everyone_at_once, empty_log),
        cmocka_unit_test_teardown(a_lock_is_waited_for_until_it_is_held, empty_log),
        cmocka_unit_test_teardown(a_stop_hides_what_goes_on_behind_it, empty_log),
        cmocka_unit_test_teardown(of_two_chunks_the_second_begins_with_the_results_of_the_first,
                                  empty_log),
        cmocka_unit_test_teardown(a_chunk_may_come_back_in_blocks, empty_log),
        cmocka_unit_test_teardown(a_stop_cuts_a_chunk_in_two, empty_log),
        cmocka_unit_test_teardown(death_ends_the_chunk_in_hand, empty_log),
        cmocka_unit_test_teardown(one_not_heard_before_its_death_had_worked, empty_log),
        cmocka_unit_test_teardown(a_lost_one_is_called_so, empty_log),
        cmocka_unit_test_teardown(a_signal_that_failed_says_why, empty_log),
        cmocka_unit_test_teardown(other_jobs_leave_no_trace, empty_log),
        cmocka_unit_test_teardown(what_was_dropped_is_told, empty_log),
        cmocka_unit_test_teardown(a_job_without_its_beginning_is_still_drawn, empty_log),
        cmocka_unit_test_teardown(what_is_known_besides_fills_in_what_was_dropped, empty_log),
        cmocka_unit_test_teardown(a_whole_job_needs_nothing_known_besides, empty_log),
        cmocka_unit_test_teardown(names_are_safe_to_show, empty_log),
        cmocka_unit_test_teardown(nonsense_gives_lanes_all_the_same, empty_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
