// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/keypress.h"

#include "base/die.h"
#include "os/loop.h"
#include "shell/context.h"
#include "shell/keys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_open;
static void (*taker)(int key, void *data);
static void *taker_data;
static char typed[16]; // the beginning of a key that has not come whole
static size_t typed_count;

bool keypress_is_possible(void)
{
    return context_is_interactive() || context_has_audience();
}

bool keypress_is_open(void)
{
    return is_open;
}

static bool keypress_is_more_there(void)
{
    return keys_peek() >= 0;
}

// Whether `typed` has its end: a character, or what begins with escape (ECMA-48, 5.4).
static bool keypress_is_whole(void)
{
    char last = typed[typed_count - 1];
    if (typed_count == sizeof typed)
        return true;
    if (typed[0] != '\x1b')
        return true;
    if (typed_count < 3)
        return typed_count == 2 && last != '[' && last != 'O';
    return last >= '@' && last <= '~';
}

static int keypress_meaning(void)
{
    static const struct {
        const char *bytes;
        int key;
    } keys[] = {{"\x1b[C", KEYPRESS_ON},   {"\x1bOC", KEYPRESS_ON},   {"\x1b[B", KEYPRESS_ON},
                {"\x1bOB", KEYPRESS_ON},   {"\x1b[D", KEYPRESS_BACK}, {"\x1bOD", KEYPRESS_BACK},
                {"\x1b[A", KEYPRESS_BACK}, {"\x1bOA", KEYPRESS_BACK}, {"\x1b[6~", KEYPRESS_ON},
                {"\x1b[5~", KEYPRESS_BACK}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i].bytes) == typed_count && memcmp(keys[i].bytes, typed, typed_count) == 0)
            return keys[i].key;
    if (typed_count > 1)
        return KEYPRESS_OTHER;
    return typed[0] == '\r' ? '\n' : (unsigned char)typed[0];
}

// A line that was typed in a terminal with its own editing counts as its first key.
static void keypress_drop_line(int key)
{
    while (key != '\n' && keys_peek() >= 0)
        key = keys_take();
}

static void keypress_gone(void)
{
    keypress_close();
    taker(KEYPRESS_GONE, taker_data);
}

// Takes one key, byte by byte: what is typed behind it stays.
static void keypress_read(void *data)
{
    (void)data;
    do {
        int byte = keys_take();
        if (byte == KEYS_NONE)
            return;
        if (byte == KEYS_GONE) {
            keypress_gone();
            return;
        }
        typed[typed_count++] = (char)byte;
        // Escape alone is a key, too: it looks like the beginning of a sequence, but nothing
        // follows.
        if (!keypress_is_whole() && (typed_count > 1 || keypress_is_more_there()))
            continue;
        int key = keypress_meaning();
        typed_count = 0;
        if (!context_is_interactive())
            keypress_drop_line(key);
        taker(key, taker_data);
    } while (is_open && keypress_is_more_there());
}

void keypress_open(void (*take)(int key, void *data), void *data)
{
    BUG_IF(is_open);
    taker = take;
    taker_data = data;
    typed_count = 0;
    is_open = true;
    if (!loop_watch_urgent(STDIN_FILENO, keypress_read, NULL))
        die("epoll_ctl: %s", strerror(errno));
}

void keypress_close(void)
{
    if (!is_open)
        return;
    is_open = false;
    loop_unwatch(STDIN_FILENO);
}
