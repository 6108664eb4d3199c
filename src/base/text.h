// SPDX-License-Identifier: GPL-3.0-or-later
// A growing text, and the ways in which foreign bytes become safe to show.
#ifndef FORKLAB_BASE_TEXT_H
#define FORKLAB_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// `bytes` always ends in a NUL that `length` does not count, except while the text is all zero (its
// start value), when it is NULL. text_free() releases it.
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

// Each of these adds something at the end, and dies when there is no memory for it: bytes, a
// string, or what printf(3) would print.
void text_add(struct text *text, const char *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprint(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

// Whether text is shown as UTF-8: the locale says so, or text_set_utf8() did, for output that
// always is. Otherwise only ASCII is shown as it is.
bool text_is_utf8(void);
void text_set_utf8(void);

// Adds `bytes` so that a terminal shows them and does nothing else: control characters, and bytes
// that are not UTF-8 or not of the locale, become \x1b and the like.
void text_add_visible(struct text *text, const char *bytes, size_t length);

// Whether `string` is shown as it is.
bool text_is_visible(const char *string);

// Adds `words`, broken between them so that lines end before column `columns`, as far as words
// allow; a new line in them stays. Later lines begin `indent` blanks in. The text's last line is
// `used` columns long already.
void text_add_wrapped(struct text *text, const char *words, size_t used, size_t indent,
                      size_t columns);

// The same, but later lines begin with `margin`.
void text_add_wrapped_behind(struct text *text, const char *words, size_t used, const char *margin,
                             size_t columns);

// Decodes the character at `bytes`, of at least one byte, into `code`. Returns its length, or 0
// where there is no UTF-8 (RFC 3629).
size_t text_decode(const char *bytes, size_t length, uint32_t *code);

// Whether the character moves the terminal or is not to be seen there: a control character of C0 or
// C1, a separator of lines, a mark that turns the writing direction, or one without width that
// joins nothing.
bool text_is_control(uint32_t code);

// Empties the text and keeps its memory.
void text_clear(struct text *text);
void text_free(struct text *text);

// The content as a string, "" when there is none; valid until the text changes.
const char *text_string(const struct text *text);

// Returns `string` as text_add_visible() shows it, in one of a few static buffers that are used in
// turn, cut to some 200 bytes: for messages.
const char *text_visible(const char *string);

// Columns that `string` takes on a terminal. Follows the locale, like wcwidth(3).
size_t text_columns(const char *string);

// Adds at most `columns` columns of `string`, whole characters only; where some are left out, the
// last one shown is a '~'. Returns how many columns were added.
size_t text_add_cut(struct text *text, const char *string, size_t columns);

// The same, but the '~' stands in the middle, and the end of `string` behind it.
size_t text_add_cut_middle(struct text *text, const char *string, size_t columns);

// Whether a text begins with `start`, or is the same as another, where capitals are the same as
// small letters: those of ASCII, in every locale.
bool text_begins_with(const char *text, const char *start);
bool text_is_same(const char *text, const char *other);

// Levenshtein's distance with swaps of neighbours counted as one, and capitals like small letters,
// for "did you mean"; words of over 63 bytes are infinitely far from everything.
size_t text_distance(const char *a, const char *b);

#endif
