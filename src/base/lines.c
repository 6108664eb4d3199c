// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lines.h"

#include <string.h>

// Later lines of one that was broken begin so far in.
enum { INDENT = 2 };

static int (*width)(void);
static char mark[32];
static struct text word; // with the blanks before it
static size_t column;    // where it is to stand
static bool is_within;   // a line has begun

void lines_set_width(int (*columns)(void))
{
    width = columns;
}

void lines_set_mark(const char *new_mark)
{
    size_t length = strlen(new_mark);
    length = length < sizeof mark ? length : sizeof mark - 1;
    memcpy(mark, new_mark, length);
    mark[length] = '\0';
}

// Columns of a word; what sets its colour (ECMA-48's CSI ... m) takes none.
static size_t lines_columns(const char *string)
{
    struct text bare = {0};
    while (*string) {
        size_t plain = strcspn(string, "\x1b");
        text_add(&bare, string, plain);
        string += plain;
        if (*string)
            string += strcspn(string, "m") + (strchr(string, 'm') != NULL);
    }
    size_t columns = text_columns(text_string(&bare));
    text_free(&bare);
    return columns;
}

static void lines_end_word(struct text *out)
{
    const char *bytes = text_string(&word);
    size_t blanks = strspn(bytes, " "), columns = lines_columns(bytes);
    bool breaks =
        width && column > 0 && blanks > 0 && bytes[blanks] && column + columns > (size_t)width();
    if (breaks) {
        text_print(out, "\n%*s", INDENT, "");
        bytes += blanks;
        columns += INDENT - blanks;
        column = 0;
    }
    text_add_string(out, bytes);
    column += columns;
    text_clear(&word);
}

void lines_end(struct text *out)
{
    if (word.length > 0)
        lines_end_word(out);
}

// Begins a line with what stands in front of it, unless it does already.
static void lines_begin(struct text *out, const char *bytes, size_t length)
{
    size_t marked = strlen(mark);
    is_within = true;
    column = 0;
    if (length >= marked && memcmp(bytes, mark, marked) == 0)
        return;
    text_add(out, mark, marked);
    column = marked;
}

// Adds the rest of one line, or a part of it, without its end.
static void lines_add_part(struct text *out, const char *bytes, size_t length)
{
    if (!width) {
        text_add(out, bytes, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == ' ' && word.length > 0 && word.bytes[word.length - 1] != ' ')
            lines_end_word(out);
        text_add(&word, bytes + i, 1);
    }
}

void lines_add(struct text *out, const char *bytes, size_t length)
{
    while (length > 0) {
        if (!is_within && *bytes != '\n')
            lines_begin(out, bytes, length);
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        lines_add_part(out, bytes, part);
        if (end) {
            lines_end(out);
            text_add(out, "\n", 1);
            is_within = false;
            column = 0;
        }
        part += end != NULL;
        bytes += part;
        length -= part;
    }
}
