// SPDX-License-Identifier: GPL-3.0-or-later
// view/lessons: every sentence appears when the log shows its reason, and only then.
#include "help.h"

#include "view/lessons.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define MS INT64_C(1000000)

// A story of workers A and B, made by hand.
struct tale {
    size_t count;
};

static void add(struct tale *tale, struct event event)
{
    assert_true(tale->count < 64);
    event.job = 1;
    event.object = object_of(event.kind, event.a);
    log_at(event);
    tale->count++;
}

static void happen(struct tale *tale, int64_t ms, enum event_kind kind, uint32_t worker, int64_t a,
                   int64_t b)
{
    add(tale, (struct event){.time = ms * MS, .kind = kind, .worker = worker, .a = a, .b = b});
}

static void begin(struct tale *tale)
{
    *tale = (struct tale){0};
    events_free();
    add(tale, (struct event){.kind = EVENT_JOB_STARTED, .worker = NO_WORKER, .a = 2, .text = "x"});
    add(tale, (struct event){.kind = EVENT_FORKED, .worker = 0, .a = 100, .text = "A"});
    add(tale, (struct event){.kind = EVENT_FORKED, .worker = 1, .a = 101, .text = "B"});
}

static void die(struct tale *tale, int64_t ms, uint32_t worker, int64_t code, int64_t number)
{
    happen(tale, ms, EVENT_DIED, worker, code, number);
    happen(tale, ms, EVENT_REAPED, worker, 0, 0);
}

// How many sentences have `part` in them; ends the tale.
static size_t count_with(const struct tale *tale, const char *part)
{
    assert_true(tale->count > 0);
    struct past *past = past_read(1, 0);
    struct lessons lessons = lessons_find(past);
    size_t found = 0;
    for (size_t i = 0; i < lessons.count; i++)
        found += strstr(lessons.all[i].text, part) != NULL;
    lessons_free(&lessons);
    past_free(past);
    return found;
}

static void expect(struct tale *tale, const char *part)
{
    assert_int_equal(count_with(tale, part), 1);
}

// Nothing at all is to be learned.
static void expect_silence(struct tale *tale)
{
    assert_int_equal(count_with(tale, ""), 0);
}

static void ordinary_life_teaches_nothing(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 1, EVENT_HELLO, 0, 100, 99);
    happen(&tale, 2, EVENT_WORK_DONE, 0, 7, 0);
    die(&tale, 3, 0, 0, 0);
    happen(&tale, 4, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    expect_silence(&tale);
}

static void alive_after_the_signal(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 10, EVENT_SIGNALLED, 0, SIGTERM, 0);
    add(&tale, (struct event){
                   .time = 11 * MS, .kind = EVENT_CALL, .call = CALL_LOOK, .worker = 0, .a = 100});
    die(&tale, 14, 0, -1, SIGTERM);
    expect(&tale, "A was still alive after SIGTERM: a signal is only sent, and acts later. The "
                  "kernel reported the death 4.0 ms after the kill.");
}

static void only_sent_when_nobody_asked(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 10, EVENT_SIGNALLED, 1, SIGKILL, 0);
    die(&tale, 12, 1, -1, SIGKILL);
    expect(&tale, "SIGKILL was only sent: the kernel reported the death of B 2.0 ms after");
}

static void a_signal_that_is_not_fatal_teaches_nothing(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 10, EVENT_SIGNALLED, 0, SIGCONT, 0);
    happen(&tale, 11, EVENT_WORK_DONE, 0, 1, 0);
    die(&tale, 12, 0, 0, 0);
    expect_silence(&tale);
}

static void too_late_a_signal(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 5, EVENT_WORK_DONE, 0, 1, 0);
    die(&tale, 6, 0, 0, 0);
    happen(&tale, 8, EVENT_SIGNALLED, 0, SIGTERM, ESRCH);
    expect(&tale, "Exit code 0, not -15: A had finished 2.0 ms before the SIGTERM");
}

static void a_signal_that_is_caught(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 5, EVENT_SIGNALLED, 0, SIGTERM, 0);
    happen(&tale, 6, EVENT_WORK_DONE, 0, 1, 0);
    die(&tale, 7, 0, 3, 0);
    expect(&tale, "A exited with 3 in spite of SIGTERM: a process that catches");
}

static void a_signal_on_the_way_out(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 4, EVENT_WORK_DONE, 0, 1, 0);
    happen(&tale, 5, EVENT_SIGNALLED, 0, SIGTERM, 0);
    die(&tale, 7, 0, 0, 0);
    expect(&tale, "on its way out");
}

static void tell_of_daemon(struct tale *tale, bool daemon, bool done)
{
    begin(tale);
    add(tale,
        (struct event){.kind = EVENT_FORKED, .worker = 0, .a = 100, .b = daemon, .text = "back"});
    if (done)
        happen(tale, 1, EVENT_WORK_DONE, 0, 3, 0);
    happen(tale, 2, EVENT_MAIN_ENDED, NO_WORKER, 0, 0);
    die(tale, 5, 0, -1, SIGTERM);
}

static void a_daemon_ends_with_its_main_program(void **state)
{
    struct tale tale;
    (void)state;
    tell_of_daemon(&tale, true, false);
    expect(&tale, "back never printed its last line: it is a daemon, and its main program had "
                  "ended 3.0 ms before");
    tell_of_daemon(&tale, false, false);
    expect_silence(&tale);
    tell_of_daemon(&tale, true, true);
    expect_silence(&tale);
}

// `workers` of them compute side by side for 100 ms, and get `cpu_ms` each.
static void tell_of_work(struct tale *tale, uint32_t workers, int64_t cpu_ms)
{
    begin(tale);
    for (uint32_t i = 0; i < workers; i++)
        happen(tale, 1, EVENT_HELLO, i, 100 + i, 99);
    for (uint32_t i = 0; i < workers; i++)
        happen(tale, 100, EVENT_WORK_DONE, i, 1, 0);
    for (uint32_t i = 0; i < workers; i++) {
        add(tale,
            (struct event){.time = 101 * MS, .kind = EVENT_DIED, .worker = i, .c = cpu_ms * MS});
        happen(tale, 101, EVENT_REAPED, i, 0, 0);
    }
}

static void sharing_the_cores(void **state)
{
    struct tale tale;
    (void)state;
    tell_of_work(&tale, 4, 49);
    expect(&tale, "4 workers were at work at a time, on 2 cores: in 0.10 s they got 0.20 s of CPU, "
                  "2.0 times as much and not 4 times");
    tell_of_work(&tale, 2, 99); // as many as there are cores
    expect_silence(&tale);
    tell_of_work(&tale, 4, 1); // they slept
    expect_silence(&tale);
}

static void a_zombie(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 5, EVENT_DIED, 0, 0, 0);
    happen(&tale, 6, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    assert_int_equal(count_with(&tale, "A is a zombie: dead, so that no signal can kill it"), 1);
    happen(&tale, 2005, EVENT_REAPED, 0, 0, 0);
    expect(&tale, "A was a zombie for 2.00 s: dead, so that no signal can kill it");
}

static void a_crash(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    die(&tale, 5, 0, -1, SIGSEGV);
    expect(&tale, "A did not exit: it crashed, and the kernel ended it with SIGSEGV");
    begin(&tale);
    happen(&tale, 4, EVENT_SIGNALLED, 0, SIGSEGV, 0);
    die(&tale, 5, 0, -1, SIGSEGV);
    assert_int_equal(count_with(&tale, "crashed"), 0);
    begin(&tale);
    die(&tale, 5, 0, -1, SIGUSR1);
    expect_silence(&tale);
}

static void sigkill_after_sigterm(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 5, EVENT_SIGNALLED, 0, SIGTERM, 0);
    happen(&tale, 1005, EVENT_SIGNALLED, 0, SIGKILL, 0);
    die(&tale, 1006, 0, -1, SIGKILL);
    expect(&tale, "A outlived SIGTERM by 1.00 s");
    begin(&tale);
    happen(&tale, 5, EVENT_SIGNALLED, 1, SIGTERM, 0); // another one
    happen(&tale, 6, EVENT_SIGNALLED, 0, SIGKILL, 0);
    die(&tale, 7, 0, -1, SIGKILL);
    assert_int_equal(count_with(&tale, "outlived"), 0);
}

static void single_events_that_teach(void **state)
{
    static const struct {
        enum event_kind kind;
        int64_t a;
        const char *part; // or NULL
    } cases[] = {
        {EVENT_STOPPED, SIGSTOP, "A is stopped, and alive"},
        {EVENT_PIPE_CLOSED, 0, "A closed its pipe and lived on"},
        {EVENT_ORPHAN, 0, "a process that it left behind still held it"},
        {EVENT_TORN, 0, "A died in the middle of a message"},
        {EVENT_BROKEN, 1, "The barrier broke because B fell silent"},
        {EVENT_BROKEN, -1, NULL},
        {EVENT_LOCKED, 1, "B died while it held the lock"},
        {EVENT_LOCKED, -1, NULL},
        {EVENT_LOCKED, -2, "A worker died while it held the lock"},
        {EVENT_CONTINUED, 0, NULL},
        {EVENT_RELEASED, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tale tale;
        begin(&tale);
        happen(&tale, 5, cases[i].kind, 0, cases[i].a, 0);
        if (cases[i].part)
            expect(&tale, cases[i].part);
        else
            expect_silence(&tale);
    }
}

static void a_barrier_breaks_for_one_that_will_not_come(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 4, EVENT_ARRIVED, 0, 0, 2);
    die(&tale, 5, 1, -1, SIGKILL);
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 1, 0);
    expect(&tale, "because B died: it waits for all, and that one would never arrive.");
    // One that got through the round before is not there any more.
    begin(&tale);
    happen(&tale, 4, EVENT_ARRIVED, 1, 0, 2);
    happen(&tale, 4, EVENT_RELEASED, NO_WORKER, 0, 0);
    die(&tale, 5, 1, -1, SIGKILL);
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 1, 0);
    expect(&tale, "because B died: it waits for all, and that one would never arrive.");
}

static void a_barrier_breaks_for_one_that_had_come(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 4, EVENT_ARRIVED, 1, 0, 2);
    die(&tale, 5, 1, -1, SIGKILL);
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 1, 0);
    expect(&tale, "because B died while it waited there. It had arrived, but");
    begin(&tale);
    happen(&tale, 4, EVENT_ARRIVED, 1, 0, 2);
    happen(&tale, 5, EVENT_GARBAGE, 1, 0, 0);
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 1, 0);
    expect(&tale, "because B fell silent while it waited there.");
}

static void a_barrier_breaks_for_one_that_never_was(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 2, 0);
    expect(&tale, "because party 3 could not be started: it waits for all");
    // Of one whose beginning the log has dropped that can't be said.
    tale = (struct tale){0};
    events_free();
    happen(&tale, 6, EVENT_BROKEN, NO_WORKER, 2, 0);
    expect(&tale, "because a worker fell silent: it waits for all");
}

static void share(struct tale *tale, enum event_kind kind, uint32_t worker, int64_t a)
{
    log_at((struct event){.time = 6 * MS,
                          .kind = kind,
                          .job = 1,
                          .worker = worker,
                          .object = 1,
                          .a = a,
                          .text = kind == EVENT_OBJECT ? "queue" : NULL});
    tale->count++;
}

static void a_deadlock_and_a_dead_hand(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 6, EVENT_DEADLOCK, NO_WORKER, 0, 0);
    expect(&tale, "waits for what another one has");
    begin(&tale);
    share(&tale, EVENT_OBJECT, NO_WORKER, 5);
    share(&tale, EVENT_HOLDS, 0, OWNER_NONE);
    expect_silence(&tale);
    share(&tale, EVENT_HOLDS, 1, 0);
    expect(&tale, "A died with the queue in its hands. That came to B only");
}

// Workers that wait for each other don't compete for a core.
static void waiting_is_not_sharing(void **state)
{
    struct tale tale;
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        begin(&tale);
        happen(&tale, 1, EVENT_HELLO, 0, 0, 0);
        happen(&tale, 1, EVENT_HELLO, 1, 0, 0);
        if (waits)
            share(&tale, EVENT_WAITS, 1, 0);
        happen(&tale, 1, EVENT_HELLO, 2, 0, 0);
        add(&tale,
            (struct event){.time = 900 * MS, .kind = EVENT_DIED, .worker = 0, .c = 900 * MS});
        assert_int_equal(count_with(&tale, "were at work at a time"), !waits);
    }
}

static void last_words(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    happen(&tale, 5, EVENT_DIED, 0, 0, 0);
    happen(&tale, 5, EVENT_OUTPUT, 0, 0, 0);
    happen(&tale, 5, EVENT_REAPED, 0, 0, 0);
    expect(&tale, "A speaks after its death");
}

static void each_thing_once_and_in_order(void **state)
{
    struct tale tale;
    (void)state;
    begin(&tale);
    for (int64_t i = 0; i < 2; i++) {
        happen(&tale, 5 + i, EVENT_STOPPED, (uint32_t)i, SIGSTOP, 0);
        happen(&tale, 10 + i, EVENT_SIGNALLED, (uint32_t)i, SIGKILL, 0);
        die(&tale, 20 + i, (uint32_t)i, -1, SIGKILL);
    }
    struct past *past = past_read(1, 0);
    struct lessons lessons = lessons_find(past);
    assert_int_equal(lessons.count, 2);
    assert_true(lessons.all[0].event < lessons.all[1].event);
    assert_non_null(strstr(lessons.all[0].text, "stopped"));
    lessons_free(&lessons);
    past_free(past);
}

// The log may have dropped how it all began.
static void a_story_without_its_beginning(void **state)
{
    struct tale tale = {0};
    (void)state;
    events_free();
    happen(&tale, 5, EVENT_SIGNALLED, 3, SIGTERM, 0);
    die(&tale, 7, 3, -1, SIGTERM);
    expect(&tale, "the death of a worker 2.0 ms after");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_life_teaches_nothing),
        cmocka_unit_test(alive_after_the_signal),
        cmocka_unit_test(only_sent_when_nobody_asked),
        cmocka_unit_test(a_signal_that_is_not_fatal_teaches_nothing),
        cmocka_unit_test(too_late_a_signal),
        cmocka_unit_test(a_signal_that_is_caught),
        cmocka_unit_test(a_signal_on_the_way_out),
        cmocka_unit_test(a_daemon_ends_with_its_main_program),
        cmocka_unit_test(sharing_the_cores),
        cmocka_unit_test(a_zombie),
        cmocka_unit_test(a_crash),
        cmocka_unit_test(sigkill_after_sigterm),
        cmocka_unit_test(single_events_that_teach),
        cmocka_unit_test(a_barrier_breaks_for_one_that_will_not_come),
        cmocka_unit_test(a_barrier_breaks_for_one_that_had_come),
        cmocka_unit_test(a_barrier_breaks_for_one_that_never_was),
        cmocka_unit_test(a_deadlock_and_a_dead_hand),
        cmocka_unit_test(waiting_is_not_sharing),
        cmocka_unit_test(last_words),
        cmocka_unit_test(each_thing_once_and_in_order),
        cmocka_unit_test(a_story_without_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
