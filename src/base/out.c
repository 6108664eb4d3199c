// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/out.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

static struct text pending;
static int first_error;
static int give_up_fd = -1;
static void (*hide_bottom)(void);
static void (*show_bottom)(void);
static void (*take_line)(const char *line, size_t length);
static struct text unfinished; // a line for take_line() that has no end yet

void out_set_give_up(int fd)
{
    give_up_fd = fd;
}

void out_set_bottom_line(void (*hide)(void), void (*show)(void))
{
    hide_bottom = hide;
    show_bottom = show;
}

// Waits until `fd` takes at least PIPE_BUF bytes without blocking. O_NONBLOCK would be simpler, but
// it is shared with whoever gave us the descriptor.
static bool wait_for_room(int fd)
{
    for (;;) {
        struct pollfd polled[2] = {{.fd = fd, .events = POLLOUT},
                                   {.fd = give_up_fd, .events = POLLIN}};
        if (poll(polled, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return true;
        }
        if (polled[0].revents)
            return true;
        if (polled[1].revents)
            return false;
    }
}

// Returns 0, or the errno of a write that failed.
static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0 && wait_for_room(fd)) {
        ssize_t written = write(fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return 0;
}

static int write_above_bottom(int fd, const char *bytes, size_t length)
{
    if (hide_bottom)
        hide_bottom();
    int error = write_all(fd, bytes, length);
    if (show_bottom)
        show_bottom();
    return error;
}

bool out_flush(void)
{
    if (pending.length > 0) {
        if (!first_error)
            first_error = write_above_bottom(STDOUT_FILENO, pending.bytes, pending.length);
        text_clear(&pending);
    }
    return first_error == 0;
}

void out_raw(const char *bytes, size_t length)
{
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

static void give_lines(const char *bytes, size_t length)
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
    if (take_line)
        give_lines(bytes, length);
    else
        out_raw(bytes, length);
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

int out_error(void)
{
    return first_error;
}

void out_complain(const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&message, format, arguments);
    va_end(arguments);
    text_add(&message, "\n", 1);
    out_flush();
    write_above_bottom(STDERR_FILENO, message.bytes, message.length);
    text_free(&message);
}
