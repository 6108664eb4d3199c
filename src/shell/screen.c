// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/screen.h"

#include "base/die.h"
#include "base/out.h"
#include "base/text.h"
#include "os/loop.h"
#include "shell/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

// The second screen of the terminal, and no cursor (xterm's control sequences).
#define ENTER "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
#define LEAVE "\x1b[?25h\x1b[?1049l"

static bool is_open;
static struct text shown; // as it was drawn last
static void (*key_handler)(enum screen_key key, void *data);
static void *key_data;
static char typed[16]; // the beginning of a key that has not come whole
static size_t typed_count;
static struct text last; // the last whole key

bool screen_is_possible(void)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0;
}

bool screen_is_open(void)
{
    return is_open;
}

static const struct {
    const char *bytes;
    enum screen_key key;
} keys[] = {
    {"\x1b[A", KEY_UP},     {"\x1bOA", KEY_UP},       {"k", KEY_UP},
    {"\x1b[B", KEY_DOWN},   {"\x1bOB", KEY_DOWN},     {"j", KEY_DOWN},
    {"\x1b[D", KEY_LEFT},   {"\x1bOD", KEY_LEFT},     {"\x1b[C", KEY_RIGHT},
    {"\x1bOC", KEY_RIGHT},  {"\x1b[5~", KEY_PAGE_UP}, {"\x1b[6~", KEY_PAGE_DOWN},
    {"\x1b[H", KEY_TOP},    {"\x1bOH", KEY_TOP},      {"\x1b[1~", KEY_TOP},
    {"\x1b[F", KEY_BOTTOM}, {"\x1bOF", KEY_BOTTOM},   {"\x1b[4~", KEY_BOTTOM},
};

// Whether `typed` is a whole key: a character, or what begins with escape (ECMA-48, 5.4) and has
// its end.
static bool screen_is_whole(void)
{
    mbstate_t start = {0};
    char end = typed[typed_count - 1];
    if (typed_count == sizeof typed)
        return true;
    if (typed[0] != '\x1b')
        return mbrlen(typed, typed_count, &start) != (size_t)-2;
    if (typed_count < 3)
        return typed_count == 2 && end != '[' && end != 'O';
    if (typed_count == 3 && end == '[') // a function key of the Linux console
        return false;
    return end >= '@' && end <= '~';
}

static enum screen_key screen_meaning(void)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i].bytes) == typed_count && memcmp(keys[i].bytes, typed, typed_count) == 0)
            return keys[i].key;
    return KEY_OTHER;
}

static bool screen_is_more_there(void)
{
    return keys_peek() != KEYS_NONE;
}

// Takes one key at a time, byte by byte: what is typed behind the one that ends the view stays for
// the prompt.
static void screen_read_keys(void *data)
{
    (void)data;
    do {
        int byte = keys_take();
        if (byte == KEYS_NONE)
            return;
        if (byte == KEYS_GONE) {
            // The prompt will find out for itself.
            loop_unwatch(STDIN_FILENO);
            text_clear(&last);
            key_handler(KEY_OTHER, key_data);
            return;
        }
        typed[typed_count++] = (char)byte;
        // Escape alone is a key, too: it looks like the beginning of a sequence, but nothing
        // follows.
        if (!screen_is_whole() && (typed_count > 1 || typed[0] != '\x1b' || screen_is_more_there()))
            continue;
        enum screen_key key = screen_meaning();
        text_clear(&last);
        text_add(&last, typed, typed_count);
        typed_count = 0;
        key_handler(key, key_data);
    } while (is_open && screen_is_more_there());
}

void screen_give_key_back(void)
{
    const char *key = text_string(&last);
    bool types = (unsigned char)key[0] > ' ' && key[0] != 0x7f;
    if (types && (strcmp(key, "q") != 0 || screen_is_more_there()))
        keys_give_back(key, last.length);
}

void screen_open(void (*on_key)(enum screen_key key, void *data), void *data)
{
    out_flush();
    out_hold(true);
    key_handler = on_key;
    key_data = data;
    typed_count = 0;
    is_open = true;
    out_draw(ENTER, sizeof ENTER - 1);
    if (!loop_watch_urgent(STDIN_FILENO, screen_read_keys, NULL))
        die("epoll_ctl: %s", strerror(errno));
}

void screen_close(void)
{
    if (!is_open)
        return;
    is_open = false;
    loop_unwatch(STDIN_FILENO);
    out_draw(LEAVE, sizeof LEAVE - 1);
    out_hold(false);
    text_free(&shown);
    text_free(&last);
}

static void screen_draw_all(void)
{
    struct text frame = {0};
    text_add_string(&frame, "\x1b[H");
    for (const char *line = text_string(&shown); *line;) {
        size_t length = strcspn(line, "\n");
        text_add(&frame, line, length);
        line += length;
        // The last line has no end, which would scroll.
        bool more = line[0] == '\n' && line[1] != '\0';
        text_add_string(&frame, more ? "\x1b[K\n" : "\x1b[K");
        line += *line == '\n';
    }
    text_add_string(&frame, "\x1b[J");
    out_draw(frame.bytes, frame.length);
    text_free(&frame);
}

void screen_draw(const char *text)
{
    if (!is_open || strcmp(text, text_string(&shown)) == 0)
        return;
    text_clear(&shown);
    text_add_string(&shown, text);
    screen_draw_all();
}

void screen_hide(void)
{
    out_draw(LEAVE, sizeof LEAVE - 1);
}

void screen_show(void)
{
    out_draw(ENTER, sizeof ENTER - 1);
    screen_draw_all();
}
