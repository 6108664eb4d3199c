// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/keys.h"

#include "base/die.h"
#include "base/tty.h"
#include "os/loop.h"
#include "shell/context.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHARACTER_MOST = 4 };

static struct text ready; // bytes of whole characters, to be taken
static size_t taken;      // of those
static char begun[CHARACTER_MOST];
static size_t begun_count; // bytes of a character that has not come whole
static const char *failed_call;
static int failed_errno;

void keys_fail(const char *call)
{
    if (failed_call)
        return;
    failed_errno = errno;
    failed_call = call;
}

const char *keys_failed_call(int *error)
{
    *error = failed_errno;
    return failed_call;
}

// Returns how many bytes a character of UTF-8 has that begins so; 0 when none does.
static size_t keys_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// Whether a whole character may be shown. ASCII may: readline shows its control characters as ^[.
static bool keys_is_safe(const char *bytes, size_t length)
{
    uint32_t code;
    return (unsigned char)bytes[0] < 0x80 ||
           (text_decode(bytes, length, &code) == length && !text_is_control(code));
}

// Adds a byte to the character that has begun; `text` gets that once it is whole and safe.
static void keys_add(struct text *text, unsigned char byte)
{
    if (!text_is_utf8()) { // each byte is a character, or of another world
        if (byte < 0x80 || isprint(byte))
            text_add(text, &(char){(char)byte}, 1);
        return;
    }
    if (begun_count > 0 && (byte & 0xc0) != 0x80)
        begun_count = 0; // it was torn; this begins the next one
    begun[begun_count++] = (char)byte;
    size_t length = keys_length((unsigned char)begun[0]);
    if (begun_count < length)
        return;
    if (begun_count == length && keys_is_safe(begun, length))
        text_add(text, begun, length);
    begun_count = 0;
}

void keys_add_line(struct text *text, const char *line)
{
    BUG_IF(begun_count > 0);
    for (; *line; line++)
        keys_add(text, (unsigned char)*line);
    begun_count = 0;
}

// Returns what poll(2) says of the terminal now, or -1 when that failed.
static int keys_poll(void)
{
    struct pollfd polled = {.fd = STDIN_FILENO, .events = POLLIN};
    int count;
    do
        count = poll(&polled, 1, 0);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        keys_fail("poll");
    return count < 0 ? -1 : polled.revents;
}

// Nothing was read although something was there: either Ctrl-C has taken it away, or that is the
// end.
static int keys_nothing(void)
{
    if (!context_is_interactive())
        return KEYS_GONE; // Ctrl-D in a terminal with its own editing
    int events = keys_poll();
    return events < 0 || events & (POLLHUP | POLLERR | POLLNVAL) ? KEYS_GONE : KEYS_NONE;
}

// read(2) has failed, with errno; `events` are what poll(2) said before.
static int keys_read_failed(int events)
{
    if (errno == EINTR || errno == EAGAIN)
        return KEYS_NONE;
    if (events & POLLHUP)
        return keys_nothing();
    keys_fail("read");
    return KEYS_GONE;
}

static int keys_read(void)
{
    char byte;
    int events = keys_poll();
    if (events == 0)
        return KEYS_NONE;
    if (events < 0 || !(events & POLLIN))
        return KEYS_GONE;
    if (!tty_is_ours(STDIN_FILENO) && !keys_await_foreground())
        return failed_call ? KEYS_GONE : KEYS_NONE;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got == 1)
        return (unsigned char)byte;
    return got < 0 ? keys_read_failed(events) : keys_nothing();
}

int keys_peek(void)
{
    while (!keys_are_held()) {
        int byte = failed_call ? KEYS_GONE : keys_read();
        if (byte < 0)
            return byte;
        keys_add(&ready, (unsigned char)byte);
    }
    return (unsigned char)ready.bytes[taken];
}

int keys_take(void)
{
    int byte = keys_peek();
    if (byte < 0 || ++taken < ready.length)
        return byte;
    text_clear(&ready);
    taken = 0;
    return byte;
}

bool keys_are_held(void)
{
    return taken < ready.length;
}

void keys_give_back(const char *bytes, size_t length)
{
    struct text all = {0};
    text_add(&all, bytes, length);
    if (keys_are_held())
        text_add(&all, ready.bytes + taken, ready.length - taken);
    text_free(&ready);
    ready = all;
    taken = 0;
}

static bool keys_is_asked_to_leave(void)
{
    struct pollfd polled = {.fd = loop_leave_fd(), .events = POLLIN};
    return context_is_leaving() || poll(&polled, 1, 0) > 0;
}

bool keys_await_foreground(void)
{
    while (!tty_is_ours(STDIN_FILENO)) {
        if (keys_is_asked_to_leave())
            return false;
        if (!tty_stop_us(SIGTTIN)) {
            errno = EIO; // as read(2) would say to an orphan
            keys_fail("read");
            return false;
        }
    }
    return true;
}
