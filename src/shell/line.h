// SPDX-License-Identifier: GPL-3.0-or-later
// A line as typed becomes commands, and each command words.
#ifndef FORKLAB_SHELL_LINE_H
#define FORKLAB_SHELL_LINE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// The longest line that is read, in bytes without its end.
#define LINE_LONGEST 65536

// One command of a line.
struct part {
    char **words; // without their quotes, and a NULL behind the last
    size_t count;
    char *source; // as typed, without the '&'
    bool background;
};

struct line {
    struct part *parts;
    size_t count;
};

// Splits `text` at ';' and '&' into commands, and those at blanks into words. Words are quoted by
// '...', "..." and a backslash; a '#' that begins a word begins a comment. Commands without a word
// are left out. False, with a message in `error` and nothing in `line`, when a quote is not closed
// or a '&' has no command. The caller frees `line` with line_free().
bool line_parse(const char *text, struct line *line, struct text *error);
void line_free(struct line *line);

// Frees what one command of a line holds.
void line_free_part(struct part *part);

// Returns what stands behind the first `count` words of a part's source, as typed.
const char *line_behind_words(const char *source, size_t count);

// Whether a line is for cancel_line.h.
#define LINE_CANCEL "!cancel"
bool line_is_cancel(const char *line);

#endif
