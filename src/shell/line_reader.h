// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that do not come from a terminal: from a file, a pipe, or a text.
#ifndef FORKLAB_SHELL_LINE_READER_H
#define FORKLAB_SHELL_LINE_READER_H

#include <stdbool.h>

struct line_reader;

enum script_state {
    SCRIPT_LINE,
    SCRIPT_WAIT,     // nothing has come yet; line_reader_fd() will be readable
    SCRIPT_TOO_LONG, // a line of over LINE_LONGEST bytes was skipped
    SCRIPT_HAS_NUL,  // a line with a byte of 0 in it was skipped
    SCRIPT_END,
    SCRIPT_FAILED, // with errno
};

// Reads from `fd`, which is blocking or not and stays the caller's when `keep` is set. `name`
// stands in messages. line_reader_free() ends both kinds.
struct line_reader *line_reader_from_fd(int fd, bool keep, const char *name);
struct line_reader *line_reader_from_text(const char *text, const char *name);
void line_reader_free(struct line_reader *script);

// Takes the next line, valid until the next call. Reads at most once and only what is there, when
// it is called after line_reader_fd() was readable; `may_read` allows it. A byte order mark before
// the first is left out.
enum script_state line_reader_next(struct line_reader *script, bool may_read, const char **line);

// Looks at the lines that have come and whose turn has not: with `may_read`, when line_reader_fd()
// was readable, reads at most once; hands each whole line that was not looked at before to `each`,
// with its number. They stay where they are. False when there is no room for more, or nothing more
// will come that way.
typedef void line_reader_ahead_fn(const char *line, long number);
bool line_reader_look_ahead(struct line_reader *script, bool may_read, line_reader_ahead_fn *each);

// Returns the descriptor to wait for, or -1.
int line_reader_fd(const struct line_reader *script);

// Returns the name that stands in messages; it is the script's.
const char *line_reader_name(const struct line_reader *script);

// Returns the number of the line taken last, counted from 1.
long line_reader_line(const struct line_reader *script);

#endif
