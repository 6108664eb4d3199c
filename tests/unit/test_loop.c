// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that descriptors and signals become calls, and only what is watched does.
#include "help.h"

#include "os/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int signals[8];
static size_t signal_count;

static void on_signal(int number, pid_t pid)
{
    (void)pid;
    signals[signal_count++ % 8] = number;
}

static int open_loop(void **state)
{
    (void)state;
    sigset_t handled;
    sigemptyset(&handled);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGURG);
    loop_open(&handled, on_signal);
    calls[0] = '\0';
    signal_count = 0;
    return 0;
}

static int close_loop(void **state)
{
    (void)state;
    loop_close();
    return 0;
}

struct source {
    int pipe[2];
    const char *letter;
    struct source *other;
};

static void open_source(struct source *source, const char *name)
{
    source->letter = name;
    assert_int_equal(pipe(source->pipe), 0);
    assert_int_equal(write(source->pipe[1], "x", 1), 1);
}

static void close_source(struct source *source)
{
    loop_unwatch(source->pipe[0]);
    close(source->pipe[0]);
    close(source->pipe[1]);
}

static void read_byte(void *data)
{
    struct source *source = data;
    char byte;
    note(letter(source->letter));
    assert_int_equal(read(source->pipe[0], &byte, 1), 1);
}

static void calls_for_what_can_be_read(void **state)
{
    (void)state;
    struct source source;
    open_source(&source, "r");
    assert_true(loop_watch(source.pipe[0], read_byte, &source));
    loop_turn(-1);
    loop_turn(0);
    assert_string_equal(calls, "r");
    assert_int_equal(write(source.pipe[1], "x", 1), 1);
    loop_turn(-1);
    assert_string_equal(calls, "rr");
    close_source(&source);
    loop_turn(0);
    assert_string_equal(calls, "rr");
}

static void calls_for_what_has_ended(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(loop_watch(ends[0], note, letter("e")));
    loop_turn(0);
    assert_string_equal(calls, "");
    close(ends[1]);
    loop_turn(-1);
    assert_string_equal(calls, "e");
    loop_unwatch(ends[0]);
    close(ends[0]);
}

static void unwatch_other(void *data)
{
    struct source *source = data;
    read_byte(source);
    close_source(source->other);
}

static void what_is_unwatched_in_a_call_is_not_called(void **state)
{
    (void)state;
    struct source a, b;
    open_source(&a, "a");
    open_source(&b, "b");
    a.other = &b;
    b.other = &a;
    assert_true(loop_watch(a.pipe[0], unwatch_other, &a));
    assert_true(loop_watch(b.pipe[0], unwatch_other, &b));
    loop_turn(-1);
    loop_turn(0);
    assert_int_equal(strlen(calls), 1);
    close_source(calls[0] == 'a' ? &a : &b);
}

static void watch_other(void *data)
{
    struct source *source = data;
    read_byte(source);
    assert_true(loop_watch(source->other->pipe[0], read_byte, source->other));
    loop_unwatch(source->pipe[0]);
}

static void a_call_may_watch_others_and_unwatch_itself(void **state)
{
    (void)state;
    struct source a, b;
    open_source(&a, "a");
    open_source(&b, "b");
    a.other = &b;
    assert_true(loop_watch(a.pipe[0], watch_other, &a));
    while (strlen(calls) < 2)
        loop_turn(-1);
    assert_string_equal(calls, "ab");
    close_source(&a);
    close_source(&b);
}

static size_t signals_before;

static void count_signals(void *data)
{
    read_byte(data);
    signals_before = signal_count;
}

static void a_signal_comes_before_what_was_typed_behind_it(void **state)
{
    (void)state;
    struct source source;
    open_source(&source, "t");
    assert_true(loop_watch_urgent(source.pipe[0], count_signals, &source));
    raise(SIGTERM);
    loop_turn(0);
    assert_string_equal(calls, "t");
    assert_int_equal(signals_before, 1);
    close_source(&source);
}

static void do_nothing(void *data)
{
    (void)data;
}

static void what_is_urgent_does_not_stand_in_a_line(void **state)
{
    enum { CROWD = 300 };
    (void)state;
    int ends[2], crowd[CROWD];
    struct source source;
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = dup(ends[0]);
        assert_true(crowd[i] >= 0);
        assert_true(loop_watch(crowd[i], do_nothing, NULL));
    }
    loop_turn(0);
    open_source(&source, "u");
    assert_true(loop_watch_urgent(source.pipe[0], read_byte, &source));
    loop_turn(0);
    assert_string_equal(calls, "u");
    close_source(&source);
    for (int i = 0; i < CROWD; i++) {
        assert_true(loop_unwatch(crowd[i]));
        close(crowd[i]);
    }
    close(ends[0]);
}

static void refuses_a_regular_file(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_false(loop_watch(fileno(file), note, letter("x")));
    assert_int_equal(errno, EPERM);
    fclose(file);
}

static void signals_become_calls(void **state)
{
    (void)state;
    raise(SIGURG);
    assert_int_equal(signal_count, 0);
    loop_turn(-1);
    assert_int_equal(signal_count, 1);
    assert_int_equal(signals[0], SIGURG);
    loop_turn(0);
    assert_int_equal(signal_count, 1);
}

static bool is_readable(int fd)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static void a_signal_that_ends_things_can_be_seen_coming(void **state)
{
    (void)state;
    raise(SIGURG);
    assert_false(is_readable(loop_leave_fd()));
    raise(SIGTERM);
    assert_true(is_readable(loop_leave_fd()));
    while (signal_count < 2)
        loop_turn(-1);
    assert_int_equal(signals[0] + signals[1], SIGURG + SIGTERM);
    assert_false(is_readable(loop_leave_fd()));
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOOP(calls_for_what_can_be_read),
        WITH_LOOP(calls_for_what_has_ended),
        WITH_LOOP(what_is_unwatched_in_a_call_is_not_called),
        WITH_LOOP(a_call_may_watch_others_and_unwatch_itself),
        WITH_LOOP(a_signal_comes_before_what_was_typed_behind_it),
        WITH_LOOP(what_is_urgent_does_not_stand_in_a_line),
        WITH_LOOP(refuses_a_regular_file),
        WITH_LOOP(signals_become_calls),
        WITH_LOOP(a_signal_that_ends_things_can_be_seen_coming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
