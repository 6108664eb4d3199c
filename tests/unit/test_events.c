// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that the log keeps the last events, with their own texts, and tells the listener.
#include "help.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int free_events(void **state)
{
    (void)state;
    events_set_listener(NULL);
    events_free();
    return 0;
}

static void is_empty_at_the_start(void **state)
{
    (void)state;
    assert_int_equal(events_first(), 0);
    assert_int_equal(events_end(), 0);
}

static void keeps_all_of_an_event(void **state)
{
    (void)state;
    int64_t before = clock_now();
    events_add(EVENT_FORKED, 3, 4, INT64_MIN, INT64_MAX, "name");
    events_add(EVENT_JOB_DONE, 5, NO_WORKER, 1, 2, NULL);
    const struct event *event = events_get(0);
    assert_true(event->time >= before && event->time <= clock_now());
    assert_int_equal(event->kind, EVENT_FORKED);
    assert_int_equal(event->job, 3);
    assert_int_equal(event->worker, 4);
    assert_true(event->a == INT64_MIN && event->b == INT64_MAX);
    assert_string_equal(event->text, "name");
    event = events_get(1);
    assert_int_equal(event->worker, NO_WORKER);
    assert_null(event->text);
}

static void owns_its_texts(void **state)
{
    (void)state;
    char text[] = "before";
    events_add(EVENT_OUTPUT, 1, 0, 0, 0, text);
    memset(text, 'x', sizeof text - 1);
    assert_string_equal(events_get(0)->text, "before");
}

static void add_numbered(int64_t first, int64_t end)
{
    for (int64_t i = first; i < end; i++) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)i);
        events_add(EVENT_OUTPUT, 1, 0, i, 0, text);
    }
}

static void expect_numbered(uint64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    assert_int_equal(events_get(number)->a, number);
    assert_string_equal(events_get(number)->text, text);
}

static void keeps_as_many_as_it_says(void **state)
{
    (void)state;
    add_numbered(0, EVENTS_KEPT);
    assert_int_equal(events_first(), 0);
    assert_int_equal(events_end(), EVENTS_KEPT);
    expect_numbered(0);
    expect_numbered(EVENTS_KEPT - 1);
}

static void drops_the_oldest(void **state)
{
    (void)state;
    const int64_t all = 2 * EVENTS_KEPT + 100;
    add_numbered(0, all);
    assert_int_equal(events_end(), all);
    assert_int_equal(events_first(), all - EVENTS_KEPT);
    for (uint64_t i = events_first(); i < events_end(); i++)
        expect_numbered(i);
}

static void drops_whose_text_has_no_room(void **state)
{
    (void)state;
    char text[1000];
    memset(text, '-', sizeof text);
    for (int i = 0; i < 5000; i++) {
        snprintf(text + sizeof text - 20, 20, "%19d", i);
        events_add(EVENT_OUTPUT, 1, 0, i, 0, i % 2 ? text : NULL);
    }
    // As many as a megabyte has room for, of which every other one has a text.
    uint64_t kept = events_end() - events_first();
    assert_in_range(kept, 2 * (((1 << 20) / sizeof text) - 2), 2 * ((1 << 20) / sizeof text) + 2);
    for (uint64_t i = events_first(); i < events_end(); i++) {
        const struct event *event = events_get(i);
        assert_int_equal(event->a, i);
        if (i % 2 == 0) {
            assert_null(event->text);
            continue;
        }
        assert_int_equal(strlen(event->text), sizeof text - 1);
        assert_int_equal(atoi(event->text + strspn(event->text, "- ")), i);
    }
}

static void cuts_a_text_that_is_too_long(void **state)
{
    (void)state;
    static char text[EVENT_TEXT_MOST + 100];
    memset(text, 'a', sizeof text - 1);
    events_add(EVENT_JOB_STARTED, 1, NO_WORKER, 0, 0, text);
    assert_int_equal(strlen(events_get(0)->text), EVENT_TEXT_MOST);
}

static uint64_t heard;

static void listen(const struct event *event)
{
    assert_ptr_equal(event, events_get(events_end() - 1));
    heard += (uint64_t)event->a;
}

static void tells_the_listener_of_every_event(void **state)
{
    (void)state;
    heard = 0;
    events_add(EVENT_OUTPUT, 1, 0, 1000, 0, NULL);
    events_set_listener(listen);
    events_add(EVENT_OUTPUT, 1, 0, 1, 0, NULL);
    events_add(EVENT_OUTPUT, 1, 0, 2, 0, NULL);
    assert_int_equal(heard, 3);
    events_set_listener(NULL);
    events_add(EVENT_OUTPUT, 1, 0, 1000, 0, NULL);
    assert_int_equal(heard, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(is_empty_at_the_start, free_events),
        cmocka_unit_test_teardown(keeps_all_of_an_event, free_events),
        cmocka_unit_test_teardown(owns_its_texts, free_events),
        cmocka_unit_test_teardown(keeps_as_many_as_it_says, free_events),
        cmocka_unit_test_teardown(drops_the_oldest, free_events),
        cmocka_unit_test_teardown(drops_whose_text_has_no_room, free_events),
        cmocka_unit_test_teardown(cuts_a_text_that_is_too_long, free_events),
        cmocka_unit_test_teardown(tells_the_listener_of_every_event, free_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
