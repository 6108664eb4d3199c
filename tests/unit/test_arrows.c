// SPDX-License-Identifier: GPL-3.0-or-later
// view/arrows: an arrow a wait over any mix of objects, what keeps a holder from letting go, and
// circles, of a thousand workers, too.
#include "help.h"

#include "log/fold.h"
#include "view/arrows.h"
#include "view/glyphs.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LOCK = 1, QUEUE, EVENT };

static struct model now;

static void tell(enum event_kind kind, uint32_t worker, uint16_t object, int64_t a, int64_t b,
                 const char *text)
{
    static int64_t ticks;
    fold_add(&now, &(struct event){.time = ++ticks,
                                   .a = a,
                                   .b = b,
                                   .text = text,
                                   .job = 1,
                                   .worker = worker,
                                   .object = object,
                                   .kind = kind});
}

static void begin(uint32_t workers)
{
    static const char *const names[] = {"lock A", "queue", "event"};
    char name[16];
    glyphs_set(GLYPHS_ASCII);
    tell(EVENT_JOB_STARTED, NO_WORKER, NO_OBJECT, 0, 0, "x");
    for (uint16_t i = 0; i < 3; i++)
        tell(EVENT_OBJECT, NO_WORKER, (uint16_t)(i + 1), 1, 0, names[i]);
    for (uint32_t i = 0; i < workers; i++) {
        snprintf(name, sizeof name, "p%u", i + 1);
        tell(EVENT_FORKED, i, NO_OBJECT, 100 + i, 0, name);
    }
}

static void holds(uint32_t worker, uint16_t object)
{
    tell(EVENT_HOLDS, worker, object, OWNER_NONE, 1, NULL);
}

static void waits(uint32_t worker, uint16_t object, int64_t timeout)
{
    tell(EVENT_WAITS, worker, object, 0, timeout, NULL);
}

static void expect(const char *expected)
{
    struct text text = {0};
    arrows_write(model_job(&now, 1), 80, &text);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
    model_free(&now);
}

static void nothing_where_none_waits(void **state)
{
    (void)state;
    begin(2);
    holds(0, LOCK);
    expect("");
}

static void a_circle_of_a_lock_and_a_queue(void **state)
{
    (void)state;
    begin(3);
    holds(0, LOCK);
    holds(1, QUEUE);
    waits(0, QUEUE, 0);
    waits(1, LOCK, 0);
    waits(2, EVENT, 0);
    expect("\nwaits of %1\n"
           "  p2 -> waits for lock A, held by p1\n"
           "  p1 -> waits for the queue, held by p2\n"
           "  p3 -> waits for the event\n"
           "  ! deadlock: p1 has lock A, waits for the queue; p2 has the queue, waits for\n"
           "    lock A\n");
}

static void a_wait_with_an_end_is_no_deadlock(void **state)
{
    (void)state;
    begin(1);
    holds(0, LOCK);
    waits(0, LOCK, 1000);
    expect("\nwaits of %1\n  p1 -> waits for lock A, held by p1\n");
}

static void the_dead_and_the_stopped_are_told(void **state)
{
    (void)state;
    begin(4);
    holds(0, LOCK);
    holds(1, QUEUE);
    waits(2, LOCK, 0);
    waits(3, QUEUE, 0);
    tell(EVENT_STOPPED, 0, NO_OBJECT, SIGSTOP, 0, NULL);
    tell(EVENT_DIED, 1, NO_OBJECT, -SIGKILL, SIGKILL, NULL);
    expect("\nwaits of %1\n"
           "  p3 -> waits for lock A, held by p1, which is stopped\n"
           "  p4 -> waits for the queue, held by p2, which is dead\n");
}

static void of_many_the_first_are_named(void **state)
{
    (void)state;
    begin(20);
    for (uint32_t i = 0; i < 5; i++)
        holds(i, LOCK);
    for (uint32_t i = 5; i < 15; i++)
        waits(i, LOCK, 0);
    struct text text = {0};
    arrows_write(model_job(&now, 1), 80, &text);
    assert_non_null(strstr(text_string(&text),
                           "  p12 -> waits for lock A, held by p1, p2 and 3 more\n"
                           "  3 more -> waits for lock A, held by p1, p2 and 3 more\n"));
    text_free(&text);
    model_free(&now);
}

// A ring of a thousand, and one more that waits for each of it.
static void a_thousand_in_a_ring(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct text text = {0};
    begin(2 * MANY);
    for (uint32_t i = 0; i < MANY; i++)
        holds(i, (uint16_t)(10 + i));
    for (uint32_t i = 0; i < MANY; i++) {
        waits(i, (uint16_t)(10 + (i + 1) % MANY), 0);
        waits(MANY + i, (uint16_t)(10 + i), 0);
    }
    clock_t before = clock();
    arrows_write(model_job(&now, 1), 80, &text);
    assert_true(clock() - before < CLOCKS_PER_SEC / 10);
    const char *first = strstr(text_string(&text), "! deadlock: p1 has ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "! deadlock"));
    assert_non_null(strstr(first, "p1000 has "));
    text_free(&text);
    model_free(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_where_none_waits),
        cmocka_unit_test(a_circle_of_a_lock_and_a_queue),
        cmocka_unit_test(a_wait_with_an_end_is_no_deadlock),
        cmocka_unit_test(the_dead_and_the_stopped_are_told),
        cmocka_unit_test(of_many_the_first_are_named),
        cmocka_unit_test(a_thousand_in_a_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
