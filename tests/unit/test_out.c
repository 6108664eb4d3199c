// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what reaches stdout and stderr, in which order, and what happens when they fail.
#include "help.h"

#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MUCH = 1 << 20 };

// A child whose stdout and stderr are one pipe.
struct speaker {
    void (*speak)(void);
    int pipe[2];
};

static void speak_into_pipe(void *data)
{
    struct speaker *speaker = data;
    dup2(speaker->pipe[1], STDOUT_FILENO);
    dup2(speaker->pipe[1], STDERR_FILENO);
    close(speaker->pipe[0]);
    close(speaker->pipe[1]);
    signal(SIGPIPE, SIG_IGN);
    speaker->speak();
}

// Expects that speak() says this much, which fits into a pipe, and ends well.
static void expect_said(void (*speak)(void), const char *said)
{
    struct speaker speaker = {.speak = speak};
    char bytes[4096];
    assert_int_equal(pipe(speaker.pipe), 0);
    int status = status_of(speak_into_pipe, &speaker);
    close(speaker.pipe[1]);
    size_t length = read_all(speaker.pipe[0], bytes, sizeof bytes - 1);
    bytes[length] = '\0';
    assert_string_equal(bytes, said);
    assert_int_equal(status, 0);
}

static void print_without_flush(void)
{
    out_print("kept %d", 1);
    out_write("too", 3);
}

static void holds_back_what_is_not_flushed(void **state)
{
    (void)state;
    expect_said(print_without_flush, "");
}

static void print_and_flush(void)
{
    out_print("one %s\n", "two");
    out_write("th\0ree", 2);
    MUST(out_flush());
    MUST(out_flush());
    MUST(out_error() == 0);
}

static void writes_what_is_flushed_once(void **state)
{
    (void)state;
    expect_said(print_and_flush, "one two\nth");
}

static void complain_in_between(void)
{
    out_print("first ");
    out_complain("second %d", 2);
    out_print("third");
    out_flush();
}

static void stderr_comes_after_what_was_printed_before(void **state)
{
    (void)state;
    expect_said(complain_in_between, "first second 2\nthird");
}

static void hide(void)
{
    MUST(write(STDOUT_FILENO, "[", 1) == 1);
}

static void show(void)
{
    MUST(write(STDOUT_FILENO, "]", 1) == 1);
}

static void write_above_a_bottom_line(void)
{
    out_set_bottom_line(hide, show);
    out_flush();
    out_print("text");
    out_flush();
    out_complain("error");
    out_set_bottom_line(NULL, NULL);
    out_print("bare");
    out_flush();
}

static void hides_the_bottom_line_while_it_writes(void **state)
{
    (void)state;
    expect_said(write_above_a_bottom_line, "[text][error\n]bare");
}

static void write_much(void)
{
    for (int i = 0; i < MUCH / 4; i++)
        out_print("%04d", i % 10000);
    MUST(out_flush());
}

// Reads all that write_much() says, slowly at first, and returns whether it is right.
static bool is_much(int fd)
{
    static char bytes[MUCH + 1];
    for (size_t i = 0; i < 100; i++)
        if (read(fd, bytes + i, 1) != 1)
            return false;
    if (read_all(fd, bytes + 100, sizeof bytes - 100) != MUCH - 100)
        return false;
    for (size_t i = 0; i < MUCH; i += 40)
        if (memcmp(bytes + i + 3, "0", 1) != 0)
            return false;
    return true;
}

static void waits_for_a_slow_reader(void **state)
{
    (void)state;
    struct speaker speaker = {.speak = write_much};
    assert_int_equal(pipe(speaker.pipe), 0);
    pid_t pid = fork();
    if (pid == 0) {
        alarm(20);
        close(speaker.pipe[1]);
        _exit(!is_much(speaker.pipe[0]));
    }
    int status = status_of(speak_into_pipe, &speaker);
    close(speaker.pipe[0]);
    close(speaker.pipe[1]);
    int reader_status = 1;
    assert_int_equal(waitpid(pid, &reader_status, 0), pid);
    assert_int_equal(reader_status, 0);
    assert_int_equal(status, 0);
}

// Moves stdout to `fd` (-1: nowhere) and returns where it was.
static int move_stdout(int fd)
{
    int before = dup(STDOUT_FILENO);
    if (fd < 0)
        close(STDOUT_FILENO);
    else
        dup2(fd, STDOUT_FILENO);
    return before;
}

// Prints into a stdout that fails, then into one that does not, and complains.
static void fail_on(int fd, int error)
{
    int before = move_stdout(fd);
    out_print("dropped");
    MUST(!out_flush());
    MUST(out_error() == error);
    dup2(before, STDOUT_FILENO);
    out_print("dropped too");
    MUST(!out_flush());
    MUST(out_error() == error);
    out_complain("still heard");
}

static void fail_on_full_disk(void)
{
    fail_on(open("/dev/full", O_WRONLY), ENOSPC);
}

static void fail_on_closed(void)
{
    fail_on(-1, EBADF);
}

static void fail_without_reader(void)
{
    int ends[2];
    MUST(pipe(ends) == 0);
    close(ends[0]);
    fail_on(ends[1], EPIPE);
}

static void remembers_a_full_disk(void **state)
{
    (void)state;
    expect_said(fail_on_full_disk, "still heard\n");
}

static void remembers_a_closed_stdout(void **state)
{
    (void)state;
    expect_said(fail_on_closed, "still heard\n");
}

static void remembers_that_the_reader_is_gone(void **state)
{
    (void)state;
    expect_said(fail_without_reader, "still heard\n");
}

static void fail_twice(void)
{
    int before = move_stdout(-1);
    out_print("dropped");
    out_flush();
    dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
    out_print("dropped");
    out_flush();
    MUST(out_error() == EBADF);
    dup2(before, STDOUT_FILENO);
}

static void remembers_the_first_failure(void **state)
{
    (void)state;
    expect_said(fail_twice, "");
}

// Makes a pipe that takes no more bytes stdout; returns its other end and how much is in it.
static int stall_stdout(size_t *full)
{
    int ends[2];
    MUST(pipe2(ends, O_NONBLOCK) == 0);
    for (*full = 0; write(ends[1], "x", 1) == 1; ++*full)
        continue;
    MUST(fcntl(ends[1], F_SETFL, 0) == 0);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    return ends[0];
}

static int readable_fd(void)
{
    int ends[2];
    MUST(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    return ends[0];
}

static void give_up_on_a_stalled_reader(void)
{
    static char bytes[MUCH];
    size_t full;
    int reader = stall_stdout(&full);
    out_set_give_up(readable_fd());
    out_print("dropped");
    out_flush();
    MUST(out_error() == 0);
    close(STDOUT_FILENO);
    MUST(read_all(reader, bytes, sizeof bytes) == full);
    MUST(!memchr(bytes, 'd', full));
    out_complain("goes on");
}

static void gives_up_where_it_would_wait(void **state)
{
    (void)state;
    expect_said(give_up_on_a_stalled_reader, "goes on\n");
}

static void write_while_asked_to_give_up(void)
{
    out_set_give_up(readable_fd());
    out_print("there is room");
    MUST(out_flush());
}

static void does_not_give_up_where_there_is_room(void **state)
{
    (void)state;
    expect_said(write_while_asked_to_give_up, "there is room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_back_what_is_not_flushed),
        cmocka_unit_test(writes_what_is_flushed_once),
        cmocka_unit_test(stderr_comes_after_what_was_printed_before),
        cmocka_unit_test(hides_the_bottom_line_while_it_writes),
        cmocka_unit_test(waits_for_a_slow_reader),
        cmocka_unit_test(remembers_a_full_disk),
        cmocka_unit_test(remembers_a_closed_stdout),
        cmocka_unit_test(remembers_that_the_reader_is_gone),
        cmocka_unit_test(remembers_the_first_failure),
        cmocka_unit_test(gives_up_where_it_would_wait),
        cmocka_unit_test(does_not_give_up_where_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
