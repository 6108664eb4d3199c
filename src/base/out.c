// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/out.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

static struct text pending;
static int first_error;
static int give_up_fd = -1;
static int patience = -1;               // ms; -1 for as long as it takes
static bool stalled[STDERR_FILENO + 1]; // its reader was given up, and has taken nothing since
static void (*hide_bottom)(void);
static void (*show_bottom)(void);

void out_set_give_up(int fd)
{
    give_up_fd = fd;
}

void out_set_patience(int ms)
{
    patience = ms;
}

void out_set_bottom_line(void (*hide)(void), void (*show)(void))
{
    hide_bottom = hide;
    show_bottom = show;
}

// False when that was given up. Waits until `fd` takes at least PIPE_BUF bytes without blocking. O_NONBLOCK would be simpler, but
// it is shared with whoever gave us the descriptor.
static bool wait_for_room(int fd)
{
    for (;;) {
        struct pollfd polled[2] = {{.fd = fd, .events = POLLOUT},
                                   {.fd = give_up_fd, .events = POLLIN}};
        int ready = poll(polled, 2, stalled[fd] ? 0 : patience);
        if (ready < 0 && errno == EINTR)
            continue;
        stalled[fd] = ready >= 0 && !polled[0].revents;
        return !stalled[fd];
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

void out_write(const char *bytes, size_t length)
{
    text_add(&pending, bytes, length);
    if (pending.length >= FLUSH_AT)
        out_flush();
}

void out_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&pending, format, arguments);
    va_end(arguments);
    if (pending.length >= FLUSH_AT)
        out_flush();
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
