// SPDX-License-Identifier: GPL-3.0-or-later
// How forklab is started: one table of options for --help, the manual page and the shells'
// completion.
#ifndef FORKLAB_SHELL_USAGE_H
#define FORKLAB_SHELL_USAGE_H

#include "base/text.h"

struct usage_option {
    char letter;       // or 0
    const char *name;  // of the long form, or NULL
    const char *value; // the word for its value, or NULL when it takes none
    const char *about; // half a sentence
};

// Ends in one with neither letter nor name.
extern const struct usage_option usage_options[];

// The forms of the command line: each a line, without the program's name; ends in NULL.
extern const char *const usage_forms[];

struct usage_status {
    const char *status;
    const char *meaning;
};

// Ends in one without a status.
extern const struct usage_status usage_statuses[];

// What forklab is, in a paragraph.
extern const char usage_about[];

// Writes an option as it is typed, "--color=WHEN" or "-h, --help".
void usage_format_option(const struct usage_option *option, struct text *text);

// Writes what `forklab --help` prints, as lines of at most `columns`.
void usage_write(size_t columns, struct text *text);

// Writes what `forklab --version` prints: the version, and what it was built with.
void usage_write_version(struct text *text);

#endif
