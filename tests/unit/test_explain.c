// SPDX-License-Identifier: GPL-3.0-or-later
// view/explain: events in plain terms, folded and broken to fit.
#include "help.h"

#include "view/explain.h"

#include "base/must.h"
#include "worker/frame.h"
#include "view/color.h"
#include "base/json.h"
#include "view/event_json.h"
#include "view/event_text.h"
#include "log/fold.h"
#include "log/past.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// A job whose worker 0 is A, with a barrier and a lock.
static const struct model_job *job_of_a(void)
{
    static struct model_job *job;
    struct event forked = {.kind = EVENT_FORKED, .job = 1, .a = 71, .text = "A"};
    struct event barrier = {.kind = EVENT_OBJECT,
                            .job = 1,
                            .worker = NO_WORKER,
                            .object = THE_BARRIER,
                            .text = "barrier"};
    struct event lock = {.kind = EVENT_OBJECT,
                         .job = 1,
                         .worker = NO_WORKER,
                         .object = THE_LOCK,
                         .a = 1,
                         .text = "lock"};
    model_free_job(job);
    job = model_new_job(1);
    fold_event(job, &forked);
    fold_event(job, &barrier);
    fold_event(job, &lock);
    return job;
}

static void calls_in_plain_terms(void **state)
{
    static const struct {
        struct event event;
        const char *words;
    } cases[] = {
        {{.call = CALL_PIPE2, .a = 5, .b = 6}, "pipe2() = [5, 6]"},
        {{.call = CALL_PIPE2, .a = -1, .b = -1, .error = EMFILE},
         "pipe2() = -1 EMFILE: Too many open files"},
        {{.call = CALL_FORK, .a = 4711}, "fork() = 4711"},
        {{.call = CALL_FORK, .a = -1, .error = EAGAIN},
         "fork() = -1 EAGAIN: Resource temporarily unavailable"},
        {{.call = CALL_KILL, .a = 4711, .b = SIGTERM}, "kill(4711, SIGTERM) = 0"},
        {{.call = CALL_REAP, .a = 4711, .b = WAIT_ANSWER(CLD_KILLED, SIGTERM)},
         "waitid(4711) = killed SIGTERM"},
        {{.call = CALL_REAP, .a = 4711, .b = WAIT_ANSWER(CLD_DUMPED, SIGSEGV)},
         "waitid(4711) = killed SIGSEGV"},
        {{.call = CALL_LOOK, .a = 4711, .b = WAIT_ANSWER(CLD_EXITED, 255)},
         "waitid(4711, WNOWAIT) = exited 255"},
        {{.call = CALL_LOOK, .a = 4711}, "waitid(4711, WNOWAIT) = no change"},
        {{.call = CALL_REAP, .a = 4711, .b = WAIT_ANSWER(CLD_STOPPED, SIGSTOP)},
         "waitid(4711) = stopped SIGSTOP"},
        {{.call = CALL_REAP, .a = 4711, .b = WAIT_ANSWER(CLD_CONTINUED, SIGCONT)},
         "waitid(4711) = continued"},
        {{.call = CALL_READ, .a = 5, .b = 9600000, .c = 1204}, "read(5) x 1,204 = 9.6 MB"},
        {{.call = CALL_READ, .a = 5, .b = 0, .c = 1}, "read(5) = 0: the pipe has ended"},
        {{.call = CALL_WRITE, .a = 8, .b = 64, .c = 1, .text = "stop"},
         "write(8, stop) = 64 bytes"},
        {{.call = CALL_MMAP, .a = 4096, .b = 1, .text = "x"},
         "mmap(shared) = memory for x, 4.1 kB"},
        {{.call = CALL_FUTEX_WAKE, .a = 2}, "futex(WAKE) = 2 woken"},
        {{.call = CALL_EPOLL_ADD, .a = 5}, "epoll_ctl(ADD, 5) = 0"},
        {{.call = CALL_CLOSE, .a = 6}, "close(6) = 0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct event event = cases[i].event;
        struct text words = {0};
        event.kind = EVENT_CALL;
        assert_string_equal(event_text_sentence(&event, job_of_a(), &words), "forklab");
        assert_string_equal(text_string(&words), cases[i].words);
        text_free(&words);
    }
}

static void who_speaks(void **state)
{
    struct event hello = {.kind = EVENT_HELLO, .a = 4711, .b = 4700};
    struct event death = {.kind = EVENT_DIED, .a = -1, .b = SIGTERM, .c = 2000000};
    struct text words = {0};
    (void)state;
    assert_string_equal(event_text_sentence(&hello, job_of_a(), &words), "A");
    assert_string_equal(text_string(&words), "hello: I am 4711, child of 4700");
    text_clear(&words);
    assert_string_equal(event_text_sentence(&death, job_of_a(), &words), "kernel");
    assert_string_equal(text_string(&words),
                        "A killed by SIGTERM: a zombie now; used 2.0 ms of CPU");
    text_free(&words);
}

static void each_kind_in_plain_terms(void **state)
{
    static const struct {
        struct event event;
        const char *who, *words;
    } cases[] = {
        {{.kind = EVENT_CLAIMED, .a = CLAIM_STARTING}, "A", "starting"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_WORKING}, "A", "working"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_WORKING, .b = PROGRESS_WHOLE / 4},
         "A",
         "working, 25.0 % done"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_AT_LOCK}, "A", "waiting for the lock"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_DONE}, "A", "done"},
        {{.kind = EVENT_ARRIVED, .a = 0}, "A", "arrived at the barrier"},
        {{.kind = EVENT_ARRIVED, .a = 1}, "A", "arrived at the barrier, round 2"},
        {{.kind = EVENT_PASSED, .a = 1}, "A", "goes on, round 2"},
        {{.kind = EVENT_RELEASED, .a = 1}, "forklab", "all have arrived: releases them, round 2"},
        {{.kind = EVENT_BROKEN, .a = 1}, "forklab", "breaks the barrier: a party is missing"},
        {{.kind = EVENT_BROKEN, .a = -1}, "forklab", "breaks the barrier: it took too long"},
        {{.kind = EVENT_LOCKED, .a = -1}, "A", "has the lock"},
        {{.kind = EVENT_LOCKED, .a = 1}, "A", "has the lock; its owner died with it"},
        {{.kind = EVENT_LOCKED, .a = -2}, "A", "has the lock; its owner died with it"},
        {{.kind = EVENT_DEALT, .a = 5, .b = 1}, "forklab", "gives A task 5"},
        {{.kind = EVENT_DEALT, .a = 5, .b = 3}, "forklab", "gives A tasks 5 to 7"},
        {{.kind = EVENT_RESULTS, .a = 5, .b = 3}, "A", "results of tasks 5 to 7"},
        {{.kind = EVENT_TASK_LOST, .a = 5, .b = 1},
         "forklab",
         "gives task 5 up: its workers died with it in hand"},
        {{.kind = EVENT_TASK_LOST, .worker = NO_WORKER, .a = 5, .b = 3},
         "forklab",
         "gives tasks 5 to 7 up: too many workers died in a row"},
        {{.kind = EVENT_FAILED, .a = ENOMEM, .text = "mmap: no"}, "A", "failed: mmap: no"},
        {{.kind = EVENT_WORK_DONE, .a = 1}, "A", "done with 1 result"},
        {{.kind = EVENT_STOPPED, .a = SIGSTOP}, "kernel", "A is stopped"},
        {{.kind = EVENT_CONTINUED}, "kernel", "A goes on"},
        {{.kind = EVENT_PIPE_CLOSED}, "kernel", "A lives, and its pipe has ended"},
        {{.kind = EVENT_GARBAGE}, "forklab", "what A sent is no message"},
        {{.kind = EVENT_TORN}, "forklab", "the last message of A is torn"},
        {{.kind = EVENT_ORPHAN}, "forklab", "a process that A left held its pipe"},
        {{.kind = EVENT_SIGNALLED, .a = SIGTERM, .b = ESRCH},
         "forklab",
         "SIGTERM not sent: A has ended"},
        {{.kind = EVENT_SIGNALLED, .a = SIGTERM}, "forklab", ""},
        {{.kind = EVENT_MAIN_ENDED},
         "forklab",
         "the main program ends: its daemons are terminated"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text words = {0};
        struct event event = cases[i].event;
        event.object = object_of(event.kind, event.a);
        assert_string_equal(event_text_sentence(&event, job_of_a(), &words), cases[i].who);
        assert_string_equal(text_string(&words), cases[i].words);
        text_free(&words);
    }
}

static void calls_that_fail_are_not_like_those_that_do_not(void **state)
{
    const struct event good = {.kind = EVENT_CALL, .call = CALL_FORK, .a = 7},
                       full = {.kind = EVENT_CALL, .call = CALL_FORK, .a = -1, .error = EAGAIN},
                       poor = {.kind = EVENT_CALL, .call = CALL_FORK, .a = -1, .error = ENOMEM};
    (void)state;
    assert_int_not_equal(event_text_shape(&good), event_text_shape(&full));
    assert_int_not_equal(event_text_shape(&poor), event_text_shape(&full));
}

// Every answer of waitid() is of its own kind, and of none that a failed call has.
static void answers_are_alike_only_when_they_are_the_same(void **state)
{
    static const enum system_call calls_that_answer[] = {CALL_LOOK, CALL_REAP};
    static const int64_t answers[] = {0,
                                      WAIT_ANSWER(CLD_EXITED, 0),
                                      WAIT_ANSWER(CLD_EXITED, 15),
                                      WAIT_ANSWER(CLD_EXITED, 255),
                                      WAIT_ANSWER(CLD_KILLED, 15),
                                      WAIT_ANSWER(CLD_DUMPED, 11),
                                      WAIT_ANSWER(CLD_STOPPED, 19),
                                      WAIT_ANSWER(CLD_CONTINUED, 18)};
    enum { ANSWERS = sizeof answers / sizeof *answers };
    struct event events[2 * ANSWERS + 2 * CALL_END];
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < ANSWERS; i++)
        for (size_t j = 0; j < 2; j++)
            events[count++] =
                (struct event){.kind = EVENT_CALL, .call = calls_that_answer[j], .b = answers[i]};
    for (int call = 0; call < CALL_END; call++)
        for (int error = 1; error < 256; error += 254)
            events[count++] =
                (struct event){.kind = EVENT_CALL, .call = (enum system_call)call, .error = error};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(event_text_shape(&events[i]), event_text_shape(&events[j]));
}

static void signals_are_alike_only_when_they_are_the_same(void **state)
{
    const struct event stop = {.kind = EVENT_CALL, .call = CALL_KILL, .a = 7, .b = SIGSTOP},
                       cont = {.kind = EVENT_CALL, .call = CALL_KILL, .a = 7, .b = SIGCONT},
                       other = {.kind = EVENT_CALL, .call = CALL_KILL, .a = 8, .b = SIGCONT};
    (void)state;
    assert_int_not_equal(event_text_shape(&stop), event_text_shape(&cont));
    assert_int_equal(event_text_shape(&cont), event_text_shape(&other));
}

enum { WORKERS = 1000, EACH = 4 };

// A job of a thousand workers that all do the same, but for one that crashes.
static struct past *make_many(void)
{
    int64_t ticks = 0;
    events_free();
    log_at((struct event){
        .kind = EVENT_JOB_STARTED, .job = 7, .worker = NO_WORKER, .a = 2, .text = "spawn 1000"});
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct event events[EACH] = {
            {.kind = EVENT_FORKED, .a = 1000 + i, .text = "Process-with-a-long-name"},
            {.kind = EVENT_HELLO, .a = 1000 + i, .b = 999},
            {.kind = EVENT_DIED, .b = i == 700 ? SIGSEGV : 0},
            {.kind = EVENT_REAPED}};
        for (size_t j = 0; j < EACH; j++) {
            events[j].job = 7;
            events[j].worker = i;
            events[j].time = ++ticks * 1000;
            log_at(events[j]);
        }
    }
    log_at((struct event){.kind = EVENT_JOB_DONE,
                          .job = 7,
                          .worker = NO_WORKER,
                          .time = ++ticks * 1000,
                          .a = 1,
                          .b = OUTCOME_FAILED});
    return past_read(7, 0);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void many_alike_are_folded(void **state)
{
    struct past *past = make_many();
    struct text text = {0}, all = {0};
    (void)state;
    explain_past(past, &(struct explain_style){.mark = ""}, &text);
    assert_true(count_lines(text_string(&text)) < 60);
    assert_non_null(strstr(text_string(&text), "more of the same: "));
    assert_non_null(strstr(text_string(&text), "killed by SIGSEGV")); // the one that differs
    assert_non_null(strstr(text_string(&text), "%7 has failed"));
    explain_past(past, &(struct explain_style){.mark = "", .all = true}, &all);
    assert_true(count_lines(text_string(&all)) >= WORKERS * (EACH - 1));
    assert_null(strstr(text_string(&all), "more of the same"));
    text_free(&text);
    text_free(&all);
    past_free(past);
}

// Every event is either shown or counted.
static void nothing_is_lost_in_folds(void **state)
{
    struct past *past = make_many();
    struct text text = {0};
    size_t hellos = 0;
    (void)state;
    explain_past(past, &(struct explain_style){.mark = ""}, &text);
    const char *found = text_string(&text);
    for (const char *p = found; (p = strstr(p, "hello: I am")); p++)
        hellos++;
    for (const char *p = found; (p = strstr(p, "hello x ")); p++)
        hellos += strtoul(p + strlen("hello x "), NULL, 10);
    assert_int_equal(hellos, WORKERS);
    text_free(&text);
    past_free(past);
}

static void lines_fit_and_bear_the_mark(void **state)
{
    struct past *past = make_many();
    struct text text = {0};
    (void)state;
    explain_past(past, &(struct explain_style){.columns = 60, .mark = "| "}, &text);
    for (char *line = text.bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        assert_true(text_columns(line) < 60);
        assert_memory_equal(line, "| ", 2);
    }
    text_free(&text);
    past_free(past);
}

static void names_that_the_log_has_dropped(void **state)
{
    struct event started = {
        .kind = EVENT_JOB_STARTED, .job = 7, .worker = NO_WORKER, .text = "spawn 2"};
    struct event forked = {.kind = EVENT_FORKED, .job = 7, .worker = 1, .a = 72, .text = "two"};
    struct explain_style style = {.columns = 60, .mark = ""};
    struct text text = {0};
    (void)state;
    events_free();
    log_at((struct event){.kind = EVENT_HELLO, .job = 7, .worker = 1, .a = 72, .b = 1});
    struct past *past = past_read(7, 0);
    explain_past(past, &style, &text);
    assert_non_null(strstr(text_string(&text), "%7 (its beginning was dropped): "));
    assert_non_null(strstr(text_string(&text), " a worker  hello: I am 72"));
    past_free(past);
    fold_add(model_now(), &started);
    fold_add(model_now(), &forked);
    past = past_read(7, 0);
    text_clear(&text);
    explain_past(past, &style, &text);
    assert_non_null(strstr(text_string(&text), "%7 spawn 2: "));
    assert_non_null(strstr(text_string(&text), " two      hello: I am 72"));
    text_free(&text);
    past_free(past);
    model_free(model_now());
}

static void control_characters_stay_visible(void **state)
{
    struct event output = {.kind = EVENT_OUTPUT, .text = "a\033[2Jb\nc"};
    struct text words = {0};
    (void)state;
    event_text_sentence(&output, job_of_a(), &words);
    assert_string_equal(text_string(&words), "says: a\\x1b[2Jb\\x0ac");
    text_free(&words);
}

static void counts(void **state)
{
    char text[32];
    (void)state;
    event_text_count(0, text, sizeof text);
    assert_string_equal(text, "0");
    event_text_count(999, text, sizeof text);
    assert_string_equal(text, "999");
    event_text_count(1000, text, sizeof text);
    assert_string_equal(text, "1,000");
    event_text_count(-1234567, text, sizeof text);
    assert_string_equal(text, "-1,234,567");
}

static void json_of_events(void **state)
{
    static const struct {
        struct event event;
        const char *object;
    } cases[] = {
        {{.kind = EVENT_DIED, .a = -1, .b = SIGTERM, .c = 12},
         "{\"type\":\"t\",\"event\":\"died\",\"exit_code\":-15,\"signal\":15,"
         "\"signal_name\":\"SIGTERM\",\"cpu_ns\":12}\n"},
        {{.kind = EVENT_DIED, .a = 3},
         "{\"type\":\"t\",\"event\":\"died\",\"exit_code\":3,"
         "\"cpu_ns\":0}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_STARTING},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"starting\",\"progress\":0}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_WORKING, .b = PROGRESS_WHOLE / 2},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"working\",\"progress\":0.5}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_AT_BARRIER, .b = PROGRESS_WHOLE},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"at_barrier\",\"progress\":1}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_AT_LOCK, .b = PROGRESS_WHOLE},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"at_lock\",\"progress\":1}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_DONE, .b = PROGRESS_WHOLE},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"done\",\"progress\":1}\n"},
        {{.kind = EVENT_CLAIMED, .a = CLAIM_DONE + 1},
         "{\"type\":\"t\",\"event\":\"claimed\",\"claim\":\"?\",\"progress\":0}\n"},
        {{.kind = EVENT_SIGNALLED, .a = SIGTERM, .b = ESRCH},
         "{\"type\":\"t\",\"event\":\"signalled\",\"signal\":15,\"signal_name\":\"SIGTERM\","
         "\"errno\":3}\n"},
        {{.kind = EVENT_STOPPED, .a = SIGSTOP},
         "{\"type\":\"t\",\"event\":\"stopped\",\"signal\":19,\"signal_name\":\"SIGSTOP\"}\n"},
        {{.kind = EVENT_CONTINUED}, "{\"type\":\"t\",\"event\":\"continued\"}\n"},
        {{.kind = EVENT_GARBAGE}, "{\"type\":\"t\",\"event\":\"garbage\"}\n"},
        {{.kind = EVENT_FAILED, .a = ENOMEM, .text = "mmap: no"},
         "{\"type\":\"t\",\"event\":\"failed\",\"errno\":12,\"text\":\"mmap: no\"}\n"},
        {{.kind = EVENT_CALL,
          .call = CALL_REAP,
          .a = 7,
          .b = WAIT_ANSWER(CLD_STOPPED, SIGSTOP),
          .c = 1},
         "{\"type\":\"t\",\"event\":\"call\",\"call\":\"waitid\",\"target\":7,"
         "\"answer\":\"stopped\",\"signal\":19,\"signal_name\":\"SIGSTOP\",\"times\":1}\n"},
        {{.kind = EVENT_CALL,
          .call = CALL_REAP,
          .a = 7,
          .b = WAIT_ANSWER(CLD_CONTINUED, SIGCONT),
          .c = 1},
         "{\"type\":\"t\",\"event\":\"call\",\"call\":\"waitid\",\"target\":7,"
         "\"answer\":\"continued\",\"times\":1}\n"},
        {{.kind = EVENT_OUTPUT, .text = "\"\033"},
         "{\"type\":\"t\",\"event\":\"output\",\"text\":\"\\\"\\u001b\"}\n"},
        {{.kind = EVENT_CALL, .call = CALL_FORK, .a = -1, .c = 1, .error = EAGAIN},
         "{\"type\":\"t\",\"event\":\"call\",\"call\":\"fork\",\"result\":-1,\"times\":1,"
         "\"errno\":11,\"error\":\"Resource temporarily unavailable\"}\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        json_begin(&text, "t");
        event_json_add(&text, &cases[i].event);
        json_end(&text);
        assert_string_equal(text_string(&text), cases[i].object);
        text_free(&text);
    }
}

static int set_up(void **state)
{
    (void)state;
    color_set(COLOR_NEVER);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_in_plain_terms),
        cmocka_unit_test(who_speaks),
        cmocka_unit_test(each_kind_in_plain_terms),
        cmocka_unit_test(calls_that_fail_are_not_like_those_that_do_not),
        cmocka_unit_test(answers_are_alike_only_when_they_are_the_same),
        cmocka_unit_test(signals_are_alike_only_when_they_are_the_same),
        cmocka_unit_test(many_alike_are_folded),
        cmocka_unit_test(nothing_is_lost_in_folds),
        cmocka_unit_test(lines_fit_and_bear_the_mark),
        cmocka_unit_test(names_that_the_log_has_dropped),
        cmocka_unit_test(control_characters_stay_visible),
        cmocka_unit_test(counts),
        cmocka_unit_test(json_of_events),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
