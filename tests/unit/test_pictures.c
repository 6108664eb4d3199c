// SPDX-License-Identifier: GPL-3.0-or-later
// Shows, with logs written by hand, that timeline and picture draw and tell every kind of mark, fit
// the width, and count what is too much to be drawn.
#include "help.h"

#include "base/clock.h"
#include "base/text.h"
#include "worker/report.h"
#include "view/color.h"
#include "view/glyphs.h"
#include "log/fold.h"
#include "log/past.h"
#include "view/timeline_svg.h"
#include "view/timeline_text.h"
#include "view/timeline_trace.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { NOW = 1000 };

static void add(int64_t time, enum event_kind kind, uint32_t worker, int64_t a, int64_t b,
                const char *text)
{
    log_at((struct event){.time = time,
                          .kind = kind,
                          .job = 1,
                          .worker = worker,
                          .a = a,
                          .b = b,
                          .object = object_of(kind, a),
                          .text = text});
}

static void at(int64_t time, enum event_kind kind, uint32_t worker, int64_t a, int64_t b)
{
    add(time, kind, worker, a, b, NULL);
}

static void begin(const char *title, uint32_t workers)
{
    add(0, EVENT_JOB_STARTED, NO_WORKER, 2, 0, title);
    log_objects(0);
    for (uint32_t i = 0; i < workers; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i + 1);
        add(10, EVENT_FORKED, i, 100 + i, 0, name);
        at(100, EVENT_HELLO, i, 100 + i, 1);
    }
}

static const char *timeline(size_t columns)
{
    static struct text text;
    struct past *past = past_read(1, NOW);
    text_clear(&text);
    timeline_text_write(past, columns, &text);
    past_free(past);
    return text_string(&text);
}

static const char *svg(void)
{
    static struct text text;
    struct past *past = past_read(1, NOW);
    text_clear(&text);
    timeline_svg_write(&past, 1, &text);
    past_free(past);
    return text_string(&text);
}

static void expect_in(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_message("no '%s' in:\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

static void expect_both(const char *words)
{
    expect_in(timeline(80), words);
    expect_in(svg(), words);
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        found++;
    return found;
}

static void every_phase_has_its_sign(void **state)
{
    (void)state;
    begin("spawn 1", 1);
    at(200, EVENT_CLAIMED, 0, CLAIM_AT_LOCK, 0);
    at(300, EVENT_LOCKED, 0, -1, 0);
    at(400, EVENT_STOPPED, 0, SIGSTOP, 0);
    at(500, EVENT_CONTINUED, 0, 0, 0);
    at(600, EVENT_ARRIVED, 0, 0, 2);
    at(700, EVENT_DIED, 0, 0, 0);
    at(1000, EVENT_REAPED, 0, 0, 0);
    at(1000, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    const char *drawn = timeline(54);
    expect_in(drawn, "%1 spawn 1  (1 worker, 1 us, done)\n");
    expect_in(drawn, "p1 ::::###////hhh====hhhh---zzzzzzzzzzz exited 0\n");
    expect_in(drawn, ": starting  # working  - waiting at barrier\n/ waiting for lock  h holding "
                     "lock  = stopped");
    expect_in(svg(), ">waiting for lock</text>");
}

static void what_befalls_a_worker_is_drawn_and_told(void **state)
{
    (void)state;
    begin("spawn 4", 4);
    at(300, EVENT_SIGNALLED, 0, SIGTERM, 0);
    at(500, EVENT_DIED, 0, -1, SIGTERM);
    at(550, EVENT_REAPED, 0, 0, 0);
    at(300, EVENT_PIPE_CLOSED, 1, 0, 0);
    at(500, EVENT_GARBAGE, 2, 0, 0);
    at(600, EVENT_TORN, 3, 0, 0);
    at(700, EVENT_ORPHAN, 3, 0, 0);
    add(710, EVENT_FAILED, 3, ENOMEM, 0, "mmap: Cannot allocate memory");
    at(720, EVENT_TASK_LOST, 3, 7, 1);
    at(730, EVENT_LOCKED, 3, 0, 0);
    const char *drawn = timeline(80);
    expect_in(drawn, "(4 workers, 1 us so far)");
    expect_in(drawn, "! signal sent  + killed\n? lost: it can't be heard any more\n");
    expect_in(drawn, " killed SIGTERM\n");
    expect_in(drawn, " lost\n");
    expect_both("SIGTERM to p1");
    expect_both("p1 killed by SIGTERM");
    expect_both("p2 closed its pipe");
    expect_both("p3 sent garbage");
    expect_both("p4 died within a frame");
    expect_both("p4 left a process behind");
    expect_both("p4 failed: mmap: Cannot allocate memory");
    expect_both("task 7 lost");
    expect_in(timeline(80), "p4 got the lock that p1 died with");
    expect_in(svg(), ">signal sent</text>");
    expect_in(svg(), " failed</text>");
    expect_in(svg(), "font-weight=\"bold\" class=\"bad\" fill=\"#b31d28\">killed SIGTERM</text>");
    expect_in(svg(), ">killed</text>");
}

static void a_death_beside_its_signal_leaves_both_to_be_seen(void **state)
{
    (void)state;
    begin("kill", 2);
    at(500, EVENT_SIGNALLED, 0, SIGKILL, 0);
    at(501, EVENT_DIED, 0, -1, SIGKILL);
    at(502, EVENT_REAPED, 0, 0, 0);
    // In the last column there is no room behind.
    at(998, EVENT_SIGNALLED, 1, SIGKILL, 0);
    at(999, EVENT_DIED, 1, -1, SIGKILL);
    at(1000, EVENT_REAPED, 1, 0, 0);
    at(1000, EVENT_JOB_DONE, NO_WORKER, 0, 0);
    const char *drawn = timeline(80);
    expect_in(drawn, "p1 ::::::#########################!+  ");
    expect_in(drawn, "#!+ killed SIGKILL\n");
}

static void a_signal_that_was_not_sent_is_only_told(void **state)
{
    (void)state;
    begin("kill --after 400ms", 1);
    at(300, EVENT_DIED, 0, 0, 0);
    at(310, EVENT_REAPED, 0, 0, 0);
    at(600, EVENT_SIGNALLED, 0, SIGTERM, ESRCH);
    expect_both("SIGTERM to p1: No such process");
    assert_null(strstr(timeline(80), "signal sent"));
    assert_null(strstr(timeline(80), "!"));
    assert_null(strstr(svg(), "signal sent"));
    assert_null(strstr(svg(), "class=\"ink gap\""));
}

static void the_lost_are_not_drawn_as_killed(void **state)
{
    (void)state;
    begin("spawn 2 --as mute", 2);
    at(300, EVENT_PIPE_CLOSED, 0, 0, 0);
    at(400, EVENT_GARBAGE, 1, 0, 0);
    const char *picture = svg();
    assert_null(strstr(picture, ">killed</text>"));
    expect_in(picture, ">lost: it can&apos;t be heard any more</text>");
    assert_int_equal(count(picture, ">?</text>"), 2 + 1);
    assert_null(strstr(picture, "stroke-width=\"4\""));
    at(500, EVENT_DIED, 0, -1, SIGTERM);
    expect_in(svg(), ">killed</text>");
    assert_int_equal(count(svg(), "stroke-width=\"4\""), 1 + 1);
}

static void a_broken_barrier_is_drawn_where_it_was_waited_for(void **state)
{
    (void)state;
    begin("barrier 2", 2);
    at(300, EVENT_ARRIVED, 0, 0, 2);
    at(600, EVENT_BROKEN, NO_WORKER, 1, 0);
    const char *drawn = timeline(80);
    expect_in(drawn, "X the barrier broke");
    assert_int_equal(count(drawn, "X"), 2);
    expect_both("the barrier broke: p2 is gone");
    expect_in(svg(), ">broken</text>");
    events_free();
    begin("barrier 2", 2);
    at(300, EVENT_ARRIVED, 0, 0, 2);
    at(600, EVENT_BROKEN, NO_WORKER, -1, 0);
    expect_both("the barrier broke: it took too long");
}

static void who_waits_or_is_stopped_is_called_so(void **state)
{
    (void)state;
    begin("barrier 3", 3);
    at(300, EVENT_ARRIVED, 0, 0, 3);
    at(400, EVENT_CLAIMED, 1, CLAIM_AT_LOCK, 0);
    at(500, EVENT_STOPPED, 2, SIGSTOP, 0);
    const char *drawn = timeline(80);
    assert_int_equal(count(drawn, " waiting\n"), 2);
    expect_in(drawn, " stopped\n");
}

static void releases_are_lines_until_there_are_too_many(void **state)
{
    (void)state;
    begin("barrier 2", 2);
    for (int64_t i = 0; i < 3; i++) {
        at(200 + 200 * i, EVENT_ARRIVED, 0, i, 2);
        at(210 + 200 * i, EVENT_ARRIVED, 1, i, 2);
        at(260 + 200 * i, EVENT_RELEASED, NO_WORKER, i, 0);
        at(261 + 200 * i, EVENT_PASSED, 0, i, 0);
        at(261 + 200 * i, EVENT_PASSED, 1, i, 0);
    }
    assert_int_equal(count(timeline(80), "|"), 2 * 3 + 1);
    expect_in(svg(), ">rounds</text>");
    expect_in(svg(), ">3</text>");
    for (int64_t i = 3; i < 110; i++)
        at(800 + i, EVENT_RELEASED, NO_WORKER, i, 0);
    expect_both("110 releases, too many to be drawn here");
    assert_null(strstr(svg(), ">rounds</text>"));
}

static void of_many_marks_some_are_told(void **state)
{
    (void)state;
    begin("spawn 1", 1);
    for (int64_t i = 0; i < 20; i++)
        at(200 + i, EVENT_SIGNALLED, 0, SIGUSR1, 0);
    assert_int_equal(count(timeline(80), "SIGUSR1 to p1"), 12);
    expect_in(timeline(80), "and 8 more\n");
    // Each has its sign, and says more when pointed at.
    assert_int_equal(count(svg(), ": SIGUSR1 to p1</title>"), 20);
    for (int64_t i = 0; i < 20; i++)
        at(300 + i, EVENT_ORPHAN, 0, 0, 0);
    assert_int_equal(count(svg(), "p1 left a process behind</text>"), 5);
    expect_in(svg(), ">and 15 more</text>");
}

static void chunks_bear_their_tasks(void **state)
{
    (void)state;
    begin("pool 1 9", 1);
    at(110, EVENT_DEALT, 0, 0, 8);
    at(500, EVENT_RESULTS, 0, 0, 8);
    at(500, EVENT_DEALT, 0, 8, 1);
    at(900, EVENT_RESULTS, 0, 8, 1);
    expect_in(timeline(80), "%");
    expect_in(timeline(80), "% the next chunk");
    expect_in(svg(), ">0-7</text>");
    expect_in(svg(), ">8</text>");
}

static void it_fits_whatever_the_width(void **state)
{
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    begin("spawn 2 --together --for 20s --as stubborn --which 1 ürümqi", 1);
    add(10, EVENT_FORKED, 1, 7, 0, "a-worker-with-a-long-näme-日本日本日本日本");
    at(20, EVENT_HELLO, 1, 7, 1);
    at(300, EVENT_SIGNALLED, 1, SIGTERM, ESRCH);
    for (size_t columns = 28; columns < 120; columns++) {
        static char line[1024];
        for (const char *rest = timeline(columns); *rest; rest += strcspn(rest, "\n") + 1) {
            snprintf(line, sizeof line, "%.*s", (int)strcspn(rest, "\n"), rest);
            if (columns >= 60) // the summary and a legend's entry are never cut
                assert_true(text_columns(line) <= columns);
            assert_null(strchr(line, '\t'));
        }
    }
    expect_in(timeline(60), "~");
    expect_in(svg(), "a-worker-with-a-long-nä");
    assert_null(strstr(svg(), "日本日本日本日本</text>"));
    expect_in(svg(), "…</text>");
}

static void a_long_command_is_cut_but_for_the_title(void **state)
{
    (void)state;
    begin("echo 1234567890123456789012345678901234567890123456789012345678901234567890", 1);
    expect_in(svg(), "901234567890</title>");
    expect_in(svg(), "901234567890</text>"); // there is room for that
    begin("echo 12345678901234567890123456789012345678901234567890123456789012345678901234567890"
          "1234567890123456789012345678901234567890",
          1);
    assert_null(strstr(svg(), "901234567890</text>"));
    expect_in(svg(), "…</text>");
}

static void colours_are_ended(void **state)
{
    (void)state;
    begin("spawn 2", 2);
    at(300, EVENT_DIED, 0, -1, SIGKILL);
    at(400, EVENT_REAPED, 0, 0, 0);
    color_set(COLOR_ALWAYS);
    const char *drawn = timeline(80);
    color_set(COLOR_NEVER);
    expect_in(drawn, "\x1b[31m+\x1b[0m killed");
    expect_in(drawn, "\x1b[31mkilled SIGKILL\x1b[0m\n");
    for (const char *rest = drawn; *rest; rest += strcspn(rest, "\n") + 1) {
        const char *last = NULL;
        for (const char *p = rest; p < rest + strcspn(rest, "\n"); p++)
            last = *p == '\x1b' ? p : last;
        if (last)
            assert_memory_equal(last, "\x1b[0m", 4);
    }
}

// Adds an event about a queue, object 3.
static void at_queue(int64_t time, enum event_kind kind, uint32_t worker, int64_t a,
                     const char *text)
{
    log_at((struct event){
        .time = time, .kind = kind, .job = 1, .worker = worker, .object = 3, .a = a, .text = text});
}

static void what_is_shared_is_drawn(void **state)
{
    (void)state;
    begin("queue 1 1", 2);
    at_queue(100, EVENT_OBJECT, NO_WORKER, 5, "queue");
    at_queue(110, EVENT_WAITS, 1, 0, NULL);
    at_queue(500, EVENT_VALUE, 0, 7, NULL);
    at_queue(510, EVENT_WOKE, 0, 1, NULL);
    at_queue(520, EVENT_HOLDS, 1, OWNER_NONE, NULL);
    at_queue(900, EVENT_LETS_GO, 1, 0, NULL);
    const char *drawn = timeline(60);
    expect_in(drawn, "q waiting for queue");
    expect_in(drawn, "h holding queue");
    drawn = svg();
    expect_in(drawn, ">7 (0 to 7)</text>");
    expect_in(drawn, ">waiting for queue</text>");
    expect_in(drawn, ">holding queue</text>");
    expect_in(drawn, "<title>p1 freed queue for p2</title>");
    expect_in(drawn, " m-4 -7.0 l4 7.0 l4 -7.0\" "); // down
    struct text trace = {0};
    struct past *past = past_read(1, NOW);
    timeline_trace_write(&past, 1, &trace);
    expect_in(text_string(&trace), "\"ph\":\"C\"");
    expect_in(text_string(&trace), "\"args\":{\"value\":7}");
    past_free(past);
    text_free(&trace);
}

static void a_job_without_workers_has_a_title(void **state)
{
    (void)state;
    add(0, EVENT_JOB_STARTED, NO_WORKER, 2, 0, "pool 3 0");
    at(1, EVENT_JOB_DONE, NO_WORKER, 1, OUTCOME_FAILED);
    assert_string_equal(timeline(80), "%1 pool 3 0  (0 workers, 0 us, failed)\n");
    expect_in(svg(), "</svg>\n");
}

static void times_count_from_the_beginning_of_the_job(void **state)
{
    (void)state;
    struct text text = {0};
    at(605 * NS_PER_MS, EVENT_HELLO, 0, 7, 1);
    at(905 * NS_PER_MS, EVENT_SIGNALLED, 0, SIGTERM, 0);
    struct past *past = past_read(1, 1005 * NS_PER_MS);
    timeline_text_write(past, 60, &text);
    expect_in(text_string(&text), "%1  (1 worker, its last 0.40 s so far)\n   0       ");
    past_free(past);
    fold_add(model_now(), &(struct event){.kind = EVENT_JOB_STARTED,
                                          .job = 1,
                                          .worker = NO_WORKER,
                                          .time = 5 * NS_PER_MS,
                                          .text = "pool 1 9"});
    fold_add(model_now(), &(struct event){.kind = EVENT_FORKED, .job = 1, .a = 7, .text = "first"});
    past = past_read(1, 1005 * NS_PER_MS);
    model_free(model_now());
    text_clear(&text);
    timeline_text_write(past, 60, &text);
    expect_in(text_string(&text), "%1 pool 1 9  (1 worker, 1.00 s so far)\n      0.6 s ");
    expect_in(text_string(&text), "\n  0.900000 s  SIGTERM to first\n");
    text_clear(&text);
    timeline_svg_write(&past, 1, &text);
    expect_in(text_string(&text), ">0.60</text>");
    expect_in(text_string(&text), ">s</text>");
    text_free(&text);
    past_free(past);
}

static void many_entries_take_a_second_line(void **state)
{
    (void)state;
    begin("everything", 4);
    at(200, EVENT_CLAIMED, 0, CLAIM_AT_LOCK, 0);
    at(300, EVENT_LOCKED, 0, -1, 0);
    at(300, EVENT_ARRIVED, 1, 0, 2);
    at(300, EVENT_STOPPED, 2, SIGSTOP, 0);
    at(400, EVENT_SIGNALLED, 0, SIGKILL, 0);
    at(500, EVENT_DIED, 0, -1, SIGKILL);
    at(150, EVENT_DEALT, 3, 0, 1);
    at(300, EVENT_RESULTS, 3, 0, 1);
    at(400, EVENT_DEALT, 3, 1, 1);
    at(600, EVENT_RESULTS, 3, 1, 1);
    static const char *const entries[] = {"starting",
                                          "working",
                                          "waiting for tasks",
                                          "waiting at barrier",
                                          "waiting for lock",
                                          "stopped",
                                          "zombie",
                                          "signal sent",
                                          "killed"};
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        char entry[64];
        snprintf(entry, sizeof entry, "class=\"ink\" fill=\"#1f2328\">%s</text>", entries[i]);
        expect_in(svg(), entry);
    }
}

static int set_up(void **state)
{
    (void)state;
    color_set(COLOR_NEVER);
    glyphs_set(GLYPHS_ASCII);
    return 0;
}

static int empty_log(void **state)
{
    (void)state;
    events_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_phase_has_its_sign, empty_log),
        cmocka_unit_test_teardown(what_befalls_a_worker_is_drawn_and_told, empty_log),
        cmocka_unit_test_teardown(a_death_beside_its_signal_leaves_both_to_be_seen, empty_log),
        cmocka_unit_test_teardown(a_signal_that_was_not_sent_is_only_told, empty_log),
        cmocka_unit_test_teardown(the_lost_are_not_drawn_as_killed, empty_log),
        cmocka_unit_test_teardown(a_broken_barrier_is_drawn_where_it_was_waited_for, empty_log),
        cmocka_unit_test_teardown(who_waits_or_is_stopped_is_called_so, empty_log),
        cmocka_unit_test_teardown(releases_are_lines_until_there_are_too_many, empty_log),
        cmocka_unit_test_teardown(of_many_marks_some_are_told, empty_log),
        cmocka_unit_test_teardown(chunks_bear_their_tasks, empty_log),
        cmocka_unit_test_teardown(it_fits_whatever_the_width, empty_log),
        cmocka_unit_test_teardown(a_long_command_is_cut_but_for_the_title, empty_log),
        cmocka_unit_test_teardown(colours_are_ended, empty_log),
        cmocka_unit_test_teardown(what_is_shared_is_drawn, empty_log),
        cmocka_unit_test_teardown(a_job_without_workers_has_a_title, empty_log),
        cmocka_unit_test_teardown(many_entries_take_a_second_line, empty_log),
        cmocka_unit_test_teardown(times_count_from_the_beginning_of_the_job, empty_log),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
