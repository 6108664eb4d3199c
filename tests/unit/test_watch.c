// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that the live table says how far each worker is and what it waits for, and fits its window.
#include "help.h"

#include "worker/frame.h"
#include "log/fold.h"
#include "view/color.h"
#include "view/glyphs.h"
#include "view/watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct model now;

static void tell(enum event_kind kind, uint32_t worker, int64_t a, int64_t b)
{
    static int64_t ticks;
    char name[16];
    snprintf(name, sizeof name, "p%u", worker + 1);
    const char *text = kind == EVENT_FORKED ? name : kind == EVENT_JOB_STARTED ? "barrier 3" : NULL;
    struct event event = {.time = ++ticks,
                          .a = a,
                          .b = b,
                          .text = text,
                          .job = 1,
                          .worker = worker,
                          .kind = kind,
                          .object = object_of(kind, a)};
    fold_add(&now, &event);
}

static void make(uint16_t number, const char *name)
{
    struct event event = {
        .kind = EVENT_OBJECT, .job = 1, .worker = NO_WORKER, .object = number, .text = name};
    fold_add(&now, &event);
}

static void begin(uint32_t workers)
{
    tell(EVENT_JOB_STARTED, NO_WORKER, 0, 0);
    make(THE_BARRIER, "barrier");
    make(THE_LOCK, "lock");
    for (uint32_t i = 0; i < workers; i++) {
        tell(EVENT_FORKED, i, 100 + i, 0);
        tell(EVENT_HELLO, i, 100 + i, 99);
    }
}

static void expect_view(struct watch_view view, const char *expected)
{
    struct text text = {0};
    view.model = &now;
    view.columns = view.columns ? view.columns : 60;
    watch_write(&view, &text);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void expect(const char *expected)
{
    expect_view((struct watch_view){0}, expected);
}

static void expect_sum(const char *expected)
{
    struct text text = {0};
    struct watch_view view = {.model = &now, .columns = 60};
    watch_write_sum(&view, &text);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void says_how_far_each_is(void **state)
{
    (void)state;
    expect_sum("no workers");
    begin(2);
    tell(EVENT_CLAIMED, 0, CLAIM_WORKING, PROGRESS_WHOLE / 2);
    expect("%1 barrier 3\n"
           "   p1           100  #####-----  50%  running\n"
           "   p2           101  ----------   0%  running\n");
    expect_sum("2 workers: 2 running");
    tell(EVENT_STOPPED, 0, SIGSTOP, 0);
    tell(EVENT_WORK_DONE, 1, 5, 0);
    tell(EVENT_DIED, 1, 0, 0);
    expect("%1 barrier 3\n"
           "   p1           100  #####-----  50%  stopped\n"
           "   p2           101  ########## 100%  zombie\n");
    expect_sum("2 workers: 1 stopped, 1 zombie");
    tell(EVENT_DIED, 0, -1, SIGKILL);
    expect_sum("2 workers: 2 zombies");
    tell(EVENT_REAPED, 0, 0, 0);
    tell(EVENT_REAPED, 1, 0, 0);
    tell(EVENT_JOB_DONE, NO_WORKER, 1, OUTCOME_FAILED);
    expect("%1 barrier 3 (done)\n"
           "   p1           100  #####-----  50%  killed SIGKILL\n"
           "   p2           101  ########## 100%  exited 0\n");
    expect_view((struct watch_view){.since = INT64_MAX}, "");
}

static void says_who_is_missing_at_the_barrier(void **state)
{
    (void)state;
    begin(3);
    tell(EVENT_ARRIVED, 0, 0, 4);
    expect("%1 barrier 3\n"
           "   barrier: 1 of 4 are there, waiting for p2, p3, 1 not sta~\n"
           "   p1           100  ########## 100%  waiting: barrier\n"
           "   p2           101  ----------   0%  running\n"
           "   p3           102  ----------   0%  running\n");
    tell(EVENT_FORKED, 3, 103, 0);
    tell(EVENT_ARRIVED, 1, 0, 4);
    tell(EVENT_ARRIVED, 2, 0, 4);
    tell(EVENT_ARRIVED, 3, 0, 4);
    tell(EVENT_RELEASED, NO_WORKER, 0, 0);
    expect_view((struct watch_view){.first = 1, .rows = 1}, "   barrier: none of 4 is there\n");
    tell(EVENT_DIED, 1, -1, SIGSEGV);
    tell(EVENT_BROKEN, NO_WORKER, 1, 0);
    expect_view((struct watch_view){.first = 1, .rows = 1}, "   barrier: broken\n");
    for (uint32_t i = 0; i < 4; i++)
        tell(EVENT_DIED, i, 1, 0);
    expect_view((struct watch_view){.first = 1, .rows = 1},
                "   p1           100  ########## 100%  zombie\n");
}

static void of_many_missing_some_are_named(void **state)
{
    (void)state;
    begin(12);
    tell(EVENT_ARRIVED, 11, 0, 12);
    expect_view((struct watch_view){.first = 1, .rows = 1, .columns = 100},
                "   barrier: 1 of 12 are there, waiting for p1, p2, p3, p4, p5, p6, p7, p8, ...\n");
}

static void says_who_has_the_lock(void **state)
{
    (void)state;
    begin(3);
    tell(EVENT_CLAIMED, 0, CLAIM_AT_LOCK, 0);
    tell(EVENT_CLAIMED, 1, CLAIM_AT_LOCK, 0);
    tell(EVENT_LOCKED, 0, -1, 0);
    tell(EVENT_CLAIMED, 2, CLAIM_AT_LOCK, 0);
    expect("%1 barrier 3\n"
           "   lock: p1 has it, waited for by p2, p3\n"
           "   p1           100  ########## 100%  running\n"
           "   p2           101  ########## 100%  waiting: lock\n"
           "   p3           102  ########## 100%  waiting: lock\n");
    tell(EVENT_DIED, 0, -1, SIGKILL);
    tell(EVENT_STOPPED, 1, SIGSTOP, 0);
    expect_view((struct watch_view){.first = 1, .rows = 3},
                "   lock: free, waited for by p2, p3\n"
                "   p1           100  ########## 100%  zombie\n"
                "   p2           101  ########## 100%  stopped\n");
}

static void counts_a_pools_tasks(void **state)
{
    (void)state;
    begin(2);
    tell(EVENT_DEALT, 0, 0, 4);
    tell(EVENT_RESULTS, 0, 0, 3);
    expect("%1 barrier 3\n"
           "   p1           100  #######---  75%  running, 3 tasks\n"
           "   p2           101  ----------   0%  running, 0 tasks\n");
}

static bool is_p2(const void *data, uint32_t job, uint32_t worker)
{
    return job == 1 && worker == *(const uint32_t *)data;
}

static void shows_whom_one_wants(void **state)
{
    (void)state;
    uint32_t wanted = 1;
    begin(3);
    expect_view((struct watch_view){.wanted = is_p2, .wanted_data = &wanted},
                "%1 barrier 3\n"
                "   p2           101  ----------   0%  running\n");
    wanted = 7;
    expect_view((struct watch_view){.wanted = is_p2, .wanted_data = &wanted}, "");
}

static void fits_its_window(void **state)
{
    (void)state;
    begin(200);
    for (size_t columns = 1; columns < 90; columns++) {
        struct watch_view view = {.model = &now, .columns = columns, .first = 5, .rows = 10};
        struct text text = {0};
        watch_write(&view, &text);
        size_t lines = 0;
        for (char *line = text.bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            lines++;
            if (columns >= 40)
                assert_true(text_columns(line) <= columns);
        }
        assert_int_equal(lines, 10);
        assert_int_equal(watch_count_lines(&view), 201);
        text_free(&text);
    }
}

static int set_up(void **state)
{
    (void)state;
    color_set(COLOR_NEVER);
    glyphs_set(GLYPHS_ASCII);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    model_free(&now);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(says_how_far_each_is, forget),
        cmocka_unit_test_teardown(says_who_is_missing_at_the_barrier, forget),
        cmocka_unit_test_teardown(of_many_missing_some_are_named, forget),
        cmocka_unit_test_teardown(says_who_has_the_lock, forget),
        cmocka_unit_test_teardown(counts_a_pools_tasks, forget),
        cmocka_unit_test_teardown(shows_whom_one_wants, forget),
        cmocka_unit_test_teardown(fits_its_window, forget),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
