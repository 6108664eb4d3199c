// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/out.h"

#include "base/clock.h"
#include "base/lines.h"
#include "base/text.h"
#include "base/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// With a piece of up to a page behind it, FLUSH_AT still fits into an empty pipe: it is then
// written at once.
enum { FLUSH_AT = 15 << 12, HOLD_AT_MOST = 1 << 20, MOMENT_MS = 10 };

#define HURRY (500 * NS_PER_MS)

static struct text pending;
static int first_error;
static size_t cut;       // bytes of stdout that were given up
static size_t left_over; // bytes of the last write that were
static int give_up_fd = -1;
static bool is_held;
static int64_t hurry_until;                            // by the monotonic clock, or 0
static int reopened[STDERR_FILENO + 1] = {-1, -1, -1}; // by standard descriptor
static bool is_terminal[STDERR_FILENO + 1];
static void (*hide_bottom)(void);
static void (*show_bottom)(void);
static void (*take_line)(const char *line, size_t length);
static struct text unfinished; // a line for take_line() that has no end yet

// A terminal takes as much as it likes, not PIPE_BUF bytes, and then blocks; and a pipe takes more
// than PIPE_BUF bytes at a time. So they are opened a second time, without blocking, which the
// description that we were given must not be.
static void out_reopen(int fd)
{
    char path[32];
    struct stat status;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (reopened[fd] < 0 && (isatty(fd) || (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))))
        reopened[fd] = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void out_close_reopened(int fd)
{
    if (reopened[fd] >= 0)
        close(reopened[fd]);
    reopened[fd] = -1;
}

void out_set_give_up(int fd)
{
    give_up_fd = fd;
    for (int standard = STDOUT_FILENO; standard <= STDERR_FILENO; standard++) {
        is_terminal[standard] = fd >= 0 && isatty(standard);
        if (fd >= 0)
            out_reopen(standard);
        else
            out_close_reopened(standard);
    }
}

void out_hurry(void)
{
    if (!hurry_until)
        hurry_until = clock_now() + HURRY;
}

// Returns how long to wait for a reader, in ms, or -1 for as long as it takes.
static int out_patience(void)
{
    if (!hurry_until)
        return -1;
    int64_t left = hurry_until - clock_now();
    return left > 0 ? (int)(left / NS_PER_MS) : 0;
}

void out_set_bottom_line(void (*hide)(void), void (*show)(void))
{
    hide_bottom = hide;
    show_bottom = show;
}

// Waits until `fd` takes at least PIPE_BUF bytes without blocking. O_NONBLOCK would be simpler, but
// the flag is shared with the process that opened the descriptor.
static bool out_wait_for_room(int fd)
{
    for (;;) {
        struct pollfd polled[2] = {{.fd = fd, .events = POLLOUT},
                                   {.fd = give_up_fd, .events = POLLIN}};
        int ready = poll(polled, 2, out_patience());
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0 || polled[0].revents)
            return true;
        if (ready == 0 || polled[1].revents)
            return false;
    }
}

// A terminal that has room for less than it wants to write says that it has room. Waits for it, or
// for a reason to give up, without asking too often.
static bool out_wait_a_moment(void)
{
    struct pollfd polled = {.fd = give_up_fd, .events = POLLIN};
    return poll(&polled, 1, MOMENT_MS) <= 0 && out_patience() != 0;
}

// In the background of a shell, `stty tostop` asks us not to write: we are stopped until we may, or
// until a signal asks us to end.
static bool out_await_foreground(int fd)
{
    while (is_terminal[fd] && !tty_takes_output(fd)) {
        struct pollfd polled = {.fd = give_up_fd, .events = POLLIN};
        if (hurry_until || poll(&polled, 1, 0) > 0 || !tty_stop_us(SIGTTOU))
            return false;
    }
    return true;
}

// Writes up to `most` bytes once. Returns how many were taken, 0 after a short wait for room that
// was not there, or -1 with errno, which is EAGAIN when there is a reason to give up.
static ssize_t out_write_some(int fd, const char *bytes, size_t most)
{
    ssize_t written = write(fd, bytes, most);
    if (written >= 0 || errno == EINTR)
        return written > 0 ? written : 0;
    if (errno != EAGAIN)
        return -1;
    if (out_wait_a_moment())
        return 0;
    errno = EAGAIN;
    return -1;
}

// Returns 0, or the errno of a write that failed.
static int out_write_all(int fd, const char *bytes, size_t length)
{
    left_over = length;
    if (!out_await_foreground(fd))
        return 0;
    size_t most = reopened[fd] >= 0 ? SIZE_MAX : PIPE_BUF;
    fd = reopened[fd] >= 0 ? reopened[fd] : fd;
    while (length > 0 && out_wait_for_room(fd)) {
        ssize_t written = out_write_some(fd, bytes, length < most ? length : most);
        if (written < 0 && errno != EAGAIN)
            return errno;
        if (written < 0)
            break;
        bytes += written;
        length -= (size_t)written;
    }
    left_over = length;
    return 0;
}

static size_t pending_left; // of what was written above the bottom line

static int out_write_above_bottom(int fd, const char *bytes, size_t length)
{
    if (hide_bottom)
        hide_bottom();
    int error = out_write_all(fd, bytes, length);
    pending_left = left_over;
    if (show_bottom)
        show_bottom();
    return error;
}

static void out_write_pending(void)
{
    lines_end(&pending);
    if (pending.length == 0)
        return;
    if (!first_error) {
        first_error = out_write_above_bottom(STDOUT_FILENO, pending.bytes, pending.length);
        cut += first_error ? 0 : pending_left;
    }
    text_clear(&pending);
}

bool out_flush(void)
{
    if (!is_held || pending.length > HOLD_AT_MOST)
        out_write_pending();
    return first_error == 0;
}

void out_hold(bool held)
{
    is_held = held;
}

void out_draw(const char *bytes, size_t length)
{
    if (!first_error)
        first_error = out_write_all(STDOUT_FILENO, bytes, length);
}

void out_raw(const char *bytes, size_t length)
{
    lines_end(&pending);
    text_add(&pending, bytes, length);
    if (pending.length >= FLUSH_AT)
        out_flush();
}

void out_set_lines(void (*take)(const char *line, size_t length))
{
    if (take_line && unfinished.length > 0)
        take_line(text_string(&unfinished), unfinished.length);
    text_free(&unfinished);
    take_line = take;
}

static void out_give_lines(const char *bytes, size_t length)
{
    const char *end;
    while ((end = memchr(bytes, '\n', length))) {
        text_add(&unfinished, bytes, (size_t)(end - bytes));
        take_line(text_string(&unfinished), unfinished.length);
        text_clear(&unfinished);
        length -= (size_t)(end + 1 - bytes);
        bytes = end + 1;
    }
    text_add(&unfinished, bytes, length);
}

void out_write(const char *bytes, size_t length)
{
    if (take_line) {
        out_give_lines(bytes, length);
        return;
    }
    lines_add(&pending, bytes, length);
    if (pending.length >= FLUSH_AT)
        out_flush();
}

void out_print(const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&text, format, arguments);
    va_end(arguments);
    out_write(text_string(&text), text.length);
    text_free(&text);
}

size_t out_cut(void)
{
    return cut;
}

int out_error(void)
{
    return first_error;
}

void out_write_beside(const char *bytes, size_t length)
{
    out_write_all(STDOUT_FILENO, bytes, length);
}

void out_complain(const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&message, format, arguments);
    va_end(arguments);
    text_add(&message, "\n", 1);
    out_write_pending();
    out_write_above_bottom(STDERR_FILENO, message.bytes, message.length);
    text_free(&message);
}
