// SPDX-License-Identifier: GPL-3.0-or-later
// Shows, with logs written by hand, that lanes say what the log says: slices follow each other,
// never overlap, and end where the log does; and that what the log has dropped is told.
#include "help.h"

#include "worker/report.h"
#include "log/describe.h"
#include "log/fold.h"
#include "log/past.h"
#include "view/event_text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1000000 };

// Adds an event of job 1 that happened at `time`.
static void at(int64_t time, enum event_kind kind, uint32_t worker, int64_t a, int64_t b)
{
    log_at((struct event){.time = time,
                          .kind = kind,
                          .job = 1,
                          .worker = worker,
                          .a = a,
                          .b = b,
                          .object = object_of(kind, a),
                          .text = kind == EVENT_FORKED ? "w" : NULL});
}

static void begin_at(int64_t time)
{
    log_at((struct event){
        .time = time, .kind = EVENT_JOB_STARTED, .job = 1, .worker = NO_WORKER, .text = "spawn 1"});
}

static int empty_log(void **state)
{
    (void)state;
    events_free();
    return 0;
}

static const char *activity_name(const struct past *past, const struct slice *slice)
{
    static char words[64];
    describe_activity(past->job, slice->activity, slice->object, words, sizeof words);
    return words;
}

static void mark_words(const struct past *past, const struct event *mark, char *words, size_t size)
{
    struct text text = {0};
    event_text_mark(mark, past->job, &text);
    snprintf(words, size, "%s", text_string(&text));
    text_free(&text);
}

// Writes the slices of a lane as "10-20 working, 20-30 zombie".
static const char *told(const struct past *past, const struct lane *lane)
{
    static char line[4096];
    size_t used = 0;
    line[0] = '\0';
    for (size_t i = 0; i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%lld-%lld %s", i ? ", " : "",
                                 (long long)slice->begin, (long long)slice->end,
                                 activity_name(past, slice));
        if (slice->chunk > 0)
            used += (size_t)snprintf(line + used, sizeof line - used, " %lld+%lld",
                                     (long long)slice->first, (long long)slice->count);
    }
    return line;
}

static struct past *read_log(void)
{
    struct past *past = past_read(1, NOW);
    assert_non_null(past);
    for (size_t i = 0; i < past->lane_count; i++) {
        const struct lane *lane = &past->lanes[i];
        if (i > 0)
            assert_true(lane->worker->number > lane[-1].worker->number);
        for (size_t j = 0; j < lane->count; j++) {
            assert_true(lane->slices[j].begin < lane->slices[j].end);
            assert_true(lane->slices[j].begin >= past->begin);
            assert_true(lane->slices[j].end <= past->end);
            if (j > 0)
                assert_true(lane->slices[j].begin >= lane->slices[j - 1].end);
        }
    }
    return past;
}

static void expect_lane(size_t number, const char *expected)
{
    struct past *past = read_log();
    assert_true(number < past->lane_count);
    assert_string_equal(told(past, &past->lanes[number]), expected);
    past_free(past);
}

static void there_are_none_without_a_job(void **state)
{
    (void)state;
    assert_null(past_read(1, NOW));
    assert_int_equal(model_last_job(), 0);
    begin_at(10);
    assert_null(past_read(2, NOW));
    assert_int_equal(model_last_job(), 1);
    struct past *past = read_log();
    assert_int_equal(past->lane_count, 0);
    assert_string_equal(past->job->title, "spawn 1");
    past_free(past);
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
    struct past *past = read_log();
    char text[64];
    assert_int_equal(past->lane_count, 1);
    assert_string_equal(told(past, &past->lanes[0]), "10-20 starting, 20-70 working, 70-90 zombie");
    assert_int_equal(past->begin, 5);
    assert_int_equal(past->end, 95);
    assert_true(past->job->done);
    assert_int_equal(past->job->outcome, OUTCOME_FAILED);
    assert_int_equal(past->lanes[0].worker->pid, 4711);
    assert_string_equal(past->lanes[0].worker->name, "w");
    describe_state(past->lanes[0].worker, text, sizeof text);
    assert_string_equal(text, "exited 3");
    past_free(past);
}

static void who_lives_goes_on_until_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 4711, 0);
    at(20, EVENT_HELLO, 0, 4711, 1);
    struct past *past = read_log();
    char text[64];
    assert_string_equal(told(past, &past->lanes[0]), "10-20 starting, 20-1000000 working");
    assert_int_equal(past->end, NOW);
    assert_false(past->job->done);
    describe_state(past->lanes[0].worker, text, sizeof text);
    assert_string_equal(text, "running");
    past_free(past);
}

static void a_zombie_stays_one_until_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 4711, 0);
    at(20, EVENT_DIED, 0, -1, SIGKILL);
    at(30, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    struct past *past = read_log();
    char text[64];
    assert_string_equal(told(past, &past->lanes[0]), "10-20 starting, 20-1000000 zombie");
    assert_int_equal(past->end, NOW);
    // The job took no longer for that.
    describe_summary(past, text, sizeof text);
    assert_string_equal(text, "1 worker, 0 us, done");
    assert_int_equal(past->done_at, 30);
    describe_state(past->lanes[0].worker, text, sizeof text);
    assert_string_equal(text, "zombie");
    past_free(past);
    at(40, EVENT_REAPED, 0, 0, 0);
    past = read_log();
    assert_int_equal(past->end, 40);
    describe_state(past->lanes[0].worker, text, sizeof text);
    assert_string_equal(text, "killed SIGKILL");
    past_free(past);
}

static void a_done_job_does_not_depend_on_now(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_DIED, 0, 0, 0);
    at(30, EVENT_REAPED, 0, 0, 0);
    at(40, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    struct past *early = past_read(1, 50), *late = past_read(1, NOW);
    assert_int_equal(early->end, late->end);
    assert_int_equal(early->lanes[0].count, late->lanes[0].count);
    past_free(early);
    past_free(late);
}

static void an_earlier_moment_knows_nothing_of_later_ones(void **state)
{
    (void)state;
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(15, EVENT_HELLO, 0, 1, 0);
    at(20, EVENT_STOPPED, 0, SIGSTOP, 0);
    at(30, EVENT_CONTINUED, 0, 0, 0);
    at(35, EVENT_FORKED, 1, 2, 0);
    at(40, EVENT_DIED, 0, 0, 0);
    at(50, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    struct past *past = past_read_until(1, 25);
    assert_string_equal(told(past, &past->lanes[0]),
                        "10-15 starting, 15-20 working, 20-25 stopped");
    assert_int_equal(past->lane_count, 1);
    assert_int_equal(past->end, 25);
    assert_false(past->job->done);
    past_free(past);
    past = past_read_until(1, 50);
    assert_true(past->job->done);
    assert_int_equal(past->lane_count, 2);
    past_free(past);
    assert_null(past_read_until(1, 4));
}

static void waiting_ends_at_the_release(void **state)
{
    (void)state;
    begin_at(0);
    log_objects(0);
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
    struct past *past = read_log();
    assert_string_equal(told(past, &past->lanes[0]),
                        "10-20 starting, 20-30 working, 30-60 waiting at barrier, "
                        "60-1000000 working");
    assert_int_equal(past->span_count, 2);
    assert_int_equal(past->spans[0].begin, 30);
    assert_int_equal(past->spans[0].end, 60);
    assert_true(past->spans[0].released);
    assert_int_equal(past->spans[1].begin, 70);
    assert_int_equal(past->spans[1].round, 1);
    assert_int_equal(past->spans[1].end, NOW);
    assert_false(past->spans[1].released);
    assert_int_equal(past->mark_count, 1);
    assert_int_equal(past->marks[0]->kind, EVENT_RELEASED);
    past_free(past);
}

static void a_broken_barrier_frees_everyone_at_once(void **state)
{
    (void)state;
    begin_at(0);
    log_objects(0);
    for (uint32_t worker = 0; worker < 3; worker++)
        at(10, EVENT_FORKED, worker, 1 + worker, 0);
    at(20, EVENT_ARRIVED, 0, 0, 0);
    at(30, EVENT_DIED, 1, -1, SIGSEGV);
    at(31, EVENT_REAPED, 1, 0, 0);
    at(40, EVENT_BROKEN, NO_WORKER, 1, 0);
    at(50, EVENT_ARRIVED, 2, 0, 0);
    at(60, EVENT_DIED, 0, 1, 0);
    at(61, EVENT_REAPED, 0, 0, 0);
    struct past *past = read_log();
    char text[128];
    assert_string_equal(told(past, &past->lanes[0]),
                        "10-20 starting, 20-40 waiting at barrier, 40-60 working, 60-61 zombie");
    assert_string_equal(told(past, &past->lanes[2]), "10-50 starting, 50-1000000 working");
    assert_int_equal(past->span_count, 1);
    assert_int_equal(past->spans[0].end, 40);
    assert_false(past->spans[0].released);
    assert_int_equal(past->mark_count, 3);
    mark_words(past, past->marks[0], text, sizeof text);
    assert_string_equal(text, "w killed by SIGSEGV");
    mark_words(past, past->marks[1], text, sizeof text);
    assert_string_equal(text, "the barrier broke: w is gone");
    const struct event never = {
        .kind = EVENT_BROKEN, .worker = NO_WORKER, .object = THE_BARRIER, .a = 3};
    mark_words(past, &never, text, sizeof text);
    assert_string_equal(text, "the barrier broke: #4 could not be started");
    past_free(past);
}

static void a_lock_is_waited_for_until_it_is_held(void **state)
{
    (void)state;
    begin_at(0);
    log_objects(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_HELLO, 0, 1, 0);
    at(30, EVENT_CLAIMED, 0, CLAIM_AT_LOCK, 0);
    at(40, EVENT_LOCKED, 0, -1, 0);
    expect_lane(0,
                "10-20 starting, 20-30 working, 30-40 waiting for lock, 40-1000000 holding lock");
}

static void a_stop_hides_what_goes_on_behind_it(void **state)
{
    (void)state;
    begin_at(0);
    log_objects(0);
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
    struct past *past = read_log();
    char text[64];
    describe_state(past->lanes[0].worker, text, sizeof text);
    assert_string_equal(text, "lost");
    past_free(past);
}

static void a_signal_that_failed_says_why(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(20, EVENT_SIGNALLED, 0, SIGTERM, 0);
    at(21, EVENT_SIGNALLED, 0, SIGTERM, 3);
    struct past *past = read_log();
    char text[64];
    assert_int_equal(past->mark_count, 2);
    mark_words(past, past->marks[0], text, sizeof text);
    assert_string_equal(text, "SIGTERM to w");
    mark_words(past, past->marks[1], text, sizeof text);
    assert_string_equal(text, "SIGTERM to w: No such process");
    past_free(past);
}

static void other_jobs_leave_no_trace(void **state)
{
    (void)state;
    begin_at(0);
    at(10, EVENT_FORKED, 0, 1, 0);
    events_add(EVENT_FORKED, 2, 0, 2, 0, "other");
    events_add(EVENT_FORKED, 2, 1, 3, 0, "other");
    struct past *past = read_log();
    assert_int_equal(past->lane_count, 1);
    assert_string_equal(past->lanes[0].worker->name, "w");
    assert_int_equal(model_last_job(), 2);
    past_free(past);
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
    struct past *past = read_log();
    assert_int_equal(past->dropped, 2);
    assert_true(past->job->is_whole);
    describe_dropped(past, text, sizeof text);
    assert_string_equal(text, "the log has dropped its 2 oldest events, none of this job");
    past_free(past);
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
    struct past *past = read_log();
    assert_false(past->job->is_whole);
    assert_string_equal(past->job->title, "");
    assert_int_equal(past->lane_count, 2);
    assert_int_equal(past->begin, 20);
    assert_string_equal(told(past, &past->lanes[1]),
                        "20-30 working 5+3, 30-1000000 waiting for tasks");
    describe_lane(&past->lanes[1], text, sizeof text);
    assert_string_equal(text, "#3");
    assert_int_equal(past->lanes[0].worker->pid, 9);
    describe_dropped(past, text, sizeof text);
    assert_non_null(strstr(text, "the beginning of this job is missing"));
    past_free(past);
}

// Folds an event into the session's model, as it was when it happened.
static void remember(int64_t time, enum event_kind kind, uint32_t worker, int64_t a, int64_t b,
                     const char *text)
{
    fold_add(
        model_now(),
        &(struct event){
            .time = time, .kind = kind, .job = 1, .worker = worker, .a = a, .b = b, .text = text});
}

static void what_is_known_besides_fills_in_what_was_dropped(void **state)
{
    (void)state;
    char text[256];
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    at(11, EVENT_FORKED, 1, 2, 0);
    fill(7, EVENTS_KEPT - 2);
    at(20, EVENT_REAPED, 0, 0, 0);
    struct past *past = read_log();
    describe_summary(past, text, sizeof text);
    assert_string_equal(text, "2 workers, its last 1.0 ms so far");
    past_free(past);
    remember(4, EVENT_JOB_STARTED, NO_WORKER, 0, 0, "spawn 3");
    remember(5, EVENT_FORKED, 0, 71, 0, "one");
    remember(5, EVENT_FORKED, 1, 72, 0, "two");
    remember(5, EVENT_FORKED, 2, 73, 0, "three");
    past = read_log();
    assert_string_equal(past->job->title, "spawn 3");
    assert_int_equal(past->origin, 4);
    assert_int_equal(past->begin, 11);
    assert_string_equal(past->lanes[0].worker->name, "one");
    assert_int_equal(past->lanes[0].worker->pid, 71);
    assert_string_equal(past->lanes[1].worker->name, "w"); // the log's word comes first
    assert_int_equal(past->lanes[1].worker->pid, 2);
    past_free(past);
    remember(12004, EVENT_JOB_DONE, NO_WORKER, 1, OUTCOME_FAILED, NULL);
    past = read_log();
    describe_summary(past, text, sizeof text);
    assert_string_equal(text, "3 workers, 12 us, failed");
    describe_dropped(past, text, sizeof text);
    assert_string_equal(
        text, "the log has dropped its 2 oldest events: the first 0 us of this job are missing");
    past_free(past);
    model_free(model_now());
}

static void a_whole_job_needs_nothing_known_besides(void **state)
{
    (void)state;
    remember(1, EVENT_JOB_STARTED, NO_WORKER, 0, 0, "another");
    remember(2, EVENT_JOB_DONE, NO_WORKER, 0, 0, NULL);
    begin_at(5);
    at(10, EVENT_FORKED, 0, 1, 0);
    struct past *past = read_log();
    assert_string_equal(past->job->title, "spawn 1");
    assert_int_equal(past->origin, 5);
    assert_false(past->job->done);
    past_free(past);
    model_free(model_now());
}

static void names_are_safe_to_show(void **state)
{
    (void)state;
    char text[64];
    begin_at(0);
    events_add(EVENT_FORKED, 1, 0, 1, 0, "a\x1b[31mb");
    struct past *past = past_read(1, NOW);
    describe_lane(&past->lanes[0], text, sizeof text);
    assert_string_equal(text, "a\\x1b[31mb");
    past_free(past);
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
            log_at((struct event){.time = time,
                                  .kind = (enum event_kind)pick(&seed, EVENT_KINDS),
                                  .job = 1,
                                  .worker = of_job ? NO_WORKER : (uint32_t)pick(&seed, 6),
                                  .object = (uint16_t)pick(&seed, 4),
                                  .a = pick(&seed, 12) - 1,
                                  .b = pick(&seed, 4)});
        }
        past_free(read_log());
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
        cmocka_unit_test_teardown(an_earlier_moment_knows_nothing_of_later_ones, empty_log),
        cmocka_unit_test_teardown(waiting_ends_at_the_release, empty_log),
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
