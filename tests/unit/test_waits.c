// SPDX-License-Identifier: GPL-3.0-or-later
// Shows, with made-up events, that waiting in a circle is found when it closes, and only then.
#include "help.h"

#include "log/fold.h"
#include "log/waits.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { A = 1, B, C };

static struct model now;
static int64_t ticks;

static void tell(enum event_kind kind, uint32_t worker, uint16_t object, int64_t a,
                 const char *text)
{
    struct event event = {.time = ++ticks,
                          .a = a,
                          .text = text,
                          .job = 1,
                          .worker = worker,
                          .object = object,
                          .kind = kind};
    fold_add(&now, &event);
}

static void begin(uint32_t workers)
{
    static const char *const names[] = {"lock A", "lock B", "queue"};
    char name[16];
    tell(EVENT_JOB_STARTED, NO_WORKER, NO_OBJECT, 0, "x");
    for (uint16_t i = 0; i < 3; i++)
        tell(EVENT_OBJECT, NO_WORKER, (uint16_t)(i + 1), 1, names[i]);
    for (uint32_t i = 0; i < workers; i++) {
        snprintf(name, sizeof name, "p%u", i + 1);
        tell(EVENT_FORKED, i, NO_OBJECT, 100 + i, name);
        tell(EVENT_HELLO, i, NO_OBJECT, 100 + i, NULL);
    }
}

static void holds(uint32_t worker, uint16_t object)
{
    tell(EVENT_HOLDS, worker, object, OWNER_NONE, NULL);
}

static void waits(uint32_t worker, uint16_t object)
{
    tell(EVENT_WAITS, worker, object, 0, NULL);
}

static void lets_go(uint32_t worker, uint16_t object)
{
    tell(EVENT_LETS_GO, worker, object, 1, NULL);
}

// Checks whether `worker` waits in a circle, and in which one; NULL for none.
static void expect(uint32_t worker, const char *expected)
{
    struct waits_circle circle;
    struct text text = {0};
    const struct model_job *job = model_job(&now, 1);
    bool found = waits_find_circle(job, worker, &circle);
    assert_int_equal(found, expected != NULL);
    if (found) {
        waits_describe_circle(job, &circle, &text);
        assert_string_equal(text_string(&text), expected);
    }
    waits_free_circle(&circle);
    text_free(&text);
}

static int forget(void **state)
{
    (void)state;
    model_free(&now);
    return 0;
}

static void two_locks_in_two_orders(void **state)
{
    (void)state;
    begin(2);
    holds(0, A);
    holds(1, B);
    waits(1, A);
    expect(1, NULL);
    waits(0, B);
    expect(0, "p1 has lock A, waits for lock B; p2 has lock B, waits for lock A");
    expect(1, "p1 has lock A, waits for lock B; p2 has lock B, waits for lock A");
    tell(EVENT_GOES_ON, 0, B, WENT_ON_TIMED_OUT, NULL);
    expect(1, NULL);
}

static void a_lock_and_a_queue(void **state)
{
    (void)state;
    begin(3);
    holds(0, C);
    holds(2, A);
    waits(2, C);
    holds(1, B);
    waits(1, A);
    waits(0, B);
    expect(1, "p1 has the queue, waits for lock B; p2 has lock B, waits for lock A; p3 has lock A, "
              "waits for the queue");
}

static void one_that_waits_for_the_circle_is_not_of_it(void **state)
{
    (void)state;
    begin(3);
    holds(1, A);
    holds(2, B);
    waits(0, A);
    waits(1, B);
    expect(0, NULL);
    waits(2, A);
    expect(0, "p2 has lock A, waits for lock B; p3 has lock B, waits for lock A");
}

static void one_holder_of_several_is_enough(void **state)
{
    (void)state;
    begin(3);
    holds(0, A);
    holds(1, A); // two permits of it
    holds(2, B);
    waits(2, A);
    waits(0, B);
    expect(0, NULL);
    lets_go(1, A);
    expect(2, "p1 has lock A, waits for lock B; p3 has lock B, waits for lock A");
}

static void itself(void **state)
{
    (void)state;
    begin(1);
    holds(0, A);
    waits(0, A);
    expect(0, "p1 has lock A, waits for lock A");
}

static void the_dead_and_the_stopped_are_told(void **state)
{
    (void)state;
    struct text text = {0};
    begin(2);
    holds(0, A);
    waits(1, A);
    tell(EVENT_STOPPED, 0, NO_OBJECT, SIGSTOP, NULL);
    const struct model_job *job = model_job(&now, 1);
    waits_describe(job, job->workers[1], job->workers[1]->waits_since + 250000000, &text);
    assert_string_equal(text_string(&text), "lock A, which p1 has, which is stopped, for 0.25 s");
    text_clear(&text);
    tell(EVENT_DIED, 0, NO_OBJECT, -1, NULL);
    expect(1, NULL);
    waits_describe(job, job->workers[1], job->workers[1]->waits_since, &text);
    assert_string_equal(text_string(&text), "lock A, which p1 has, which is dead, for 0 us");
    text_free(&text);
    tell(EVENT_HOLDS, 1, A, 0, NULL);
    assert_int_equal(job->objects[A - 1].holder_count, 1);
    assert_int_equal(job->objects[A - 1].holders[0].worker, 1);
}

// A chain of a thousand, asked at each link, and closed by the last one.
static void a_long_chain(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct waits_circle circle;
    begin(MANY);
    for (uint32_t i = 0; i < MANY; i++)
        holds(i, (uint16_t)(10 + i));
    for (uint32_t i = 0; i < MANY; i++) {
        waits(i, (uint16_t)(10 + (i + 1) % MANY));
        assert_int_equal(waits_find_circle(model_job(&now, 1), i, &circle), i == MANY - 1);
    }
    assert_int_equal(circle.count, MANY);
    waits_free_circle(&circle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_locks_in_two_orders, forget),
        cmocka_unit_test_teardown(a_lock_and_a_queue, forget),
        cmocka_unit_test_teardown(one_that_waits_for_the_circle_is_not_of_it, forget),
        cmocka_unit_test_teardown(one_holder_of_several_is_enough, forget),
        cmocka_unit_test_teardown(itself, forget),
        cmocka_unit_test_teardown(the_dead_and_the_stopped_are_told, forget),
        cmocka_unit_test_teardown(a_long_chain, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
