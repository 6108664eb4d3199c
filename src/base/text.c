// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include "base/die.h"
#include "base/must.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void text_reserve(struct text *text, size_t more)
{
    size_t need = text->length + more + 1;
    if (need <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    text->bytes = must_realloc(text->bytes, capacity, 1);
    text->capacity = capacity;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
    text_reserve(text, length);
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_vprint(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    BUG_IF(length < 0);
    text_reserve(text, (size_t)length);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void text_print(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vprint(text, format, arguments);
    va_end(arguments);
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

const char *text_string(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

// Returns how many bytes the character has that begins with this byte, or 0 where none does.
static size_t text_length_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

size_t text_decode(const char *bytes, size_t length, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)bytes;
    size_t size = text_length_by_first(byte[0]);
    if (size == 0 || size > length)
        return 0;
    *code = size == 1 ? byte[0] : byte[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (byte[i] & 0x3f);
    }
    bool is_surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code >= smallest[size] && *code <= 0x10ffff && !is_surrogate ? size : 0;
}

bool text_is_control(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x7f, 0x9f},     // control characters
        {0x61c, 0x61c},   // direction of writing
        {0x200b, 0x200b}, // a space without width
        {0x200e, 0x200f}, // direction
        {0x2028, 0x202e}, // ends of line and paragraph, direction
        {0x2060, 0x206f}, // invisible, direction
        {0xfeff, 0xfeff}, // byte order mark
    };
    if (code < 0x7f)
        return code < 0x20;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static bool always_utf8;

bool text_is_utf8(void)
{
    return always_utf8 || strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void text_set_utf8(void)
{
    always_utf8 = true;
}

// Returns the length of the UTF-8 character at `bytes`, or 0 where there is none, or one that moves
// the terminal.
static size_t text_safe_character(const char *bytes, size_t length)
{
    uint32_t code;
    size_t size = text_decode(bytes, length, &code);
    return size > 0 && !text_is_control(code) && (size == 1 || text_is_utf8()) ? size : 0;
}

void text_add_visible(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t size = text_safe_character(bytes + i, length - i);
        if (size > 0)
            text_add(text, bytes + i, size);
        else
            text_print(text, "\\x%02x", (unsigned char)bytes[i]);
        i += size > 0 ? size : 1;
    }
}

bool text_is_visible(const char *string)
{
    size_t length = strlen(string), i = 0, size = 1;
    for (; i < length && size > 0; i += size)
        size = text_safe_character(string + i, length - i);
    return size > 0;
}

const char *text_visible(const char *string)
{
    static char buffers[4][256];
    static unsigned turn;
    char *buffer = buffers[turn++ % 4];
    size_t length = strlen(string);
    struct text shown = {0};
    size_t i = 0;
    // Whole characters only; one takes at most 4 bytes, or 4 for each byte that is not shown as it
    // is.
    while (i < length && shown.length < 200) {
        size_t size = text_safe_character(string + i, length - i);
        size = size ? size : 1;
        text_add_visible(&shown, string + i, size);
        i += size;
    }
    snprintf(buffer, sizeof buffers[0], "%s%s", text_string(&shown), i < length ? "..." : "");
    text_free(&shown);
    return buffer;
}

// Returns the length of the first character, and its columns in `columns`; a byte that is no
// character takes one.
static size_t text_measure(const char *bytes, size_t length, mbstate_t *state, size_t *columns)
{
    wchar_t wide;
    size_t size = mbrtowc(&wide, bytes, length, state);
    if (size == (size_t)-1 || size == (size_t)-2 || size == 0) {
        *state = (mbstate_t){0};
        *columns = 1;
        return 1;
    }
    int width = wcwidth(wide);
    *columns = width > 0 ? (size_t)width : 0;
    return size;
}

static size_t text_columns_of(const char *bytes, size_t length)
{
    mbstate_t state = {0};
    size_t sum = 0, columns;
    for (size_t i = 0; i < length; sum += columns)
        i += text_measure(bytes + i, length - i, &state, &columns);
    return sum;
}

size_t text_columns(const char *string)
{
    return text_columns_of(string, strlen(string));
}

// Returns how many bytes of `string` fit into `columns`.
static size_t text_fitting(const char *string, size_t columns)
{
    mbstate_t state = {0};
    size_t length = strlen(string), fit = 0, used = 0;
    while (fit < length) {
        size_t more, size = text_measure(string + fit, length - fit, &state, &more);
        used += more;
        if (used > columns)
            break;
        fit += size;
    }
    // Where the locale knows no UTF-8, its characters stay whole all the same.
    while (fit > 0 && (string[fit] & 0xc0) == 0x80)
        fit--;
    return fit;
}

size_t text_add_cut(struct text *text, const char *string, size_t columns)
{
    size_t whole = text_columns(string);
    if (whole <= columns) {
        text_add_string(text, string);
        return whole;
    }
    if (columns == 0)
        return 0;
    size_t length = text_fitting(string, columns - 1);
    text_add(text, string, length);
    text_add(text, "~", 1);
    return text_columns_of(string, length) + 1;
}

size_t text_add_cut_middle(struct text *text, const char *string, size_t columns)
{
    mbstate_t state = {0};
    size_t rest = text_columns(string);
    if (rest <= columns)
        return text_add_cut(text, string, columns);
    size_t used = text_add_cut(text, string, (columns + 1) / 2), length = strlen(string);
    while (length > 0) {
        size_t more, size = text_measure(string, length, &state, &more);
        // Neither the rest of a character nor what belongs to the one before it begins the end.
        if (rest <= columns - used && more > 0 && (*string & 0xc0) != 0x80)
            break;
        string += size;
        length -= size;
        rest -= more;
    }
    text_add_string(text, string);
    return used + rest;
}

void text_add_wrapped_behind(struct text *text, const char *words, size_t used, const char *margin,
                             size_t columns)
{
    for (;;) {
        size_t length = strcspn(words, " \n");
        text_add(text, words, length);
        used += text_columns_of(words, length);
        words += length;
        if (*words == '\0')
            return;
        bool ends = *words++ == '\n';
        size_t next = text_columns_of(words, strcspn(words, " \n"));
        if (ends || used + 1 + next >= columns) {
            text_print(text, "\n%s", margin);
            used = text_columns(margin);
        } else {
            text_add(text, " ", 1);
            used++;
        }
    }
}

void text_add_wrapped(struct text *text, const char *words, size_t used, size_t indent,
                      size_t columns)
{
    struct text margin = {0};
    text_print(&margin, "%*s", (int)indent, "");
    text_add_wrapped_behind(text, words, used, text_string(&margin), columns);
    text_free(&margin);
}

static size_t text_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Not tolower(3), which follows the locale: in a Turkish one, i is no small I.
static int text_to_lower(int letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter;
}

bool text_begins_with(const char *text, const char *start)
{
    while (*start && text_to_lower(*text) == text_to_lower(*start)) {
        text++;
        start++;
    }
    return !*start;
}

bool text_is_same(const char *text, const char *other)
{
    return strlen(text) == strlen(other) && text_begins_with(text, other);
}

static bool text_is_same_one(char a, char b)
{
    return text_to_lower(a) == text_to_lower(b);
}

enum { LONGEST = 63 };

// One cell of the table of costs, from its neighbours above and to the left.
static size_t text_cost(size_t cost[LONGEST + 1][LONGEST + 1], const char *a, const char *b,
                        size_t i, size_t j)
{
    size_t least = text_least(cost[i - 1][j], cost[i][j - 1]) + 1;
    least = text_least(least, cost[i - 1][j - 1] + !text_is_same_one(a[i - 1], b[j - 1]));
    if (i > 1 && j > 1 && text_is_same_one(a[i - 1], b[j - 2]) &&
        text_is_same_one(a[i - 2], b[j - 1]))
        least = text_least(least, cost[i - 2][j - 2] + 1);
    return least;
}

size_t text_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST)
        return SIZE_MAX;
    size_t cost[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= rows; i++)
        for (size_t j = 1; j <= columns; j++)
            cost[i][j] = text_cost(cost, a, b, i, j);
    return cost[rows][columns];
}
