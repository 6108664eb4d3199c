// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that timers fire once, in order, and never too early.
#include "help.h"

#include "base/clock.h"
#include "os/loop.h"

#include <string.h>

static int empty_calls(void **state)
{
    calls[0] = '\0';
    return open_session(state);
}

static int close_loop(void **state)
{
    loop_before_wait(NULL);
    return close_session(state);
}

static void turn_until_calls(size_t count)
{
    while (strlen(calls) < count)
        loop_turn(-1);
}

static void timers_fire_in_order(void **state)
{
    (void)state;
    loop_after(30 * NS_PER_MS, note, letter("d"));
    loop_after(10 * NS_PER_MS, note, letter("b"));
    loop_after(20 * NS_PER_MS, note, letter("c"));
    loop_after(0, note, letter("a"));
    turn_until_calls(4);
    assert_string_equal(calls, "abcd");
}

struct deadline {
    int64_t due;
    bool early, fired;
};

static void check_deadline(void *data)
{
    struct deadline *deadline = data;
    deadline->fired = true;
    deadline->early = clock_now() < deadline->due;
}

static void timers_never_fire_early(void **state)
{
    (void)state;
    for (int64_t ns = 1; ns < 20 * NS_PER_MS; ns = ns * 3 + 1) {
        struct deadline deadline = {.due = clock_now() + ns};
        loop_after(ns, check_deadline, &deadline);
        while (!deadline.fired)
            loop_turn(-1);
        assert_false(deadline.early);
    }
}

static void a_cancelled_timer_does_not_fire(void **state)
{
    (void)state;
    loop_after(0, note, letter("a"));
    struct timer *timer = loop_after(NS_PER_MS, note, letter("x"));
    loop_after(2 * NS_PER_MS, note, letter("b"));
    loop_cancel(timer);
    turn_until_calls(2);
    assert_string_equal(calls, "ab");
}

static struct timer *victim;

static void cancel_victim(void *one)
{
    note(one);
    loop_cancel(victim);
}

static void again(void *one)
{
    note(one);
    if (strlen(calls) < 3)
        loop_after(0, again, one);
}

static void a_timer_may_cancel_another_that_is_due_too(void **state)
{
    (void)state;
    loop_after(0, cancel_victim, letter("a"));
    victim = loop_after(0, note, letter("x"));
    loop_after(0, note, letter("b"));
    turn_until_calls(2);
    assert_string_equal(calls, "ab");
}

static void a_timer_may_start_the_next(void **state)
{
    (void)state;
    loop_after(0, again, letter("a"));
    turn_until_calls(3);
    assert_string_equal(calls, "aaa");
}

static void a_turn_ends_without_anything_to_do(void **state)
{
    (void)state;
    loop_turn(0);
    loop_turn(NS_PER_MS);
    assert_string_equal(calls, "");
}

static void note_before_wait(void)
{
    note(letter("w"));
}

static void something_is_done_before_each_wait(void **state)
{
    (void)state;
    loop_before_wait(note_before_wait);
    loop_after(0, note, letter("t"));
    loop_turn(-1);
    assert_string_equal(calls, "wt");
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, empty_calls, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOOP(timers_fire_in_order),
        WITH_LOOP(timers_never_fire_early),
        WITH_LOOP(a_cancelled_timer_does_not_fire),
        WITH_LOOP(a_timer_may_cancel_another_that_is_due_too),
        WITH_LOOP(a_timer_may_start_the_next),
        WITH_LOOP(a_turn_ends_without_anything_to_do),
        WITH_LOOP(something_is_done_before_each_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
