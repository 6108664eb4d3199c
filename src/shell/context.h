// SPDX-License-Identifier: GPL-3.0-or-later
// What the whole session has in common: its options, its settings, and how things stand.
#ifndef FORKLAB_SHELL_CONTEXT_H
#define FORKLAB_SHELL_CONTEXT_H

#include "log/events.h"
#include "shell/command.h"
#include "shell/line_reader.h"

#include <stdbool.h>
#include <stddef.h>

struct session_options {
    const struct command *const *table; // ends in NULL
    struct line_reader *script;         // the session's; NULL for a terminal
    bool echo;                          // each command, before it runs
    bool keep_going;                    // after a command that failed
    bool quiet;                         // no summaries, no notices
    bool json;                          // objects on stdout, and nothing else
};

// What `set` can change.
struct settings {
    int64_t for_ns; // how long workers compute when a command does not say, or 0
    bool pages;     // what is longer than the screen is shown a page at a time
    bool hints;     // what to look at next is said after a command, the first time
    bool projector; // lessons are read from the last row of a class
};

// Sets the options and whether commands come from a terminal; once, before anything asks for them.
void context_set(const struct session_options *options, bool interactive);

// Notes that the end has begun with that exit status, unless it has already. Returns the first
// one's; 0 while there is none.
int context_leave(int status);

// Folds an event into how things stand; frees that.
void context_add_event(const struct event *event);
void context_free(void);

// Returns the options.
const struct session_options *context_options(void);

// Returns the table of all commands, which ends in NULL.
const struct command *const *context_table(void);

// Returns the settings, for `set` to change and others to read.
struct settings *context_settings(void);

// Whether summaries and notices are left out, whether commands follow one that failed, and whether
// they come from a terminal.
bool context_is_quiet(void);
bool context_keeps_going(void);
bool context_is_interactive(void);

// Whether a script, which is not read from the terminal, runs on one: Return can be pressed there.
bool context_has_audience(void);

// Whether a signal, or an output that failed, has begun the end.
bool context_is_leaving(void);

// Returns the width that sentences are to fit into, or 0: less on a projector.
size_t context_prose_columns(void);

// Returns the width that output is to fit into, or 0 when there is no limit.
size_t context_columns(void);

#endif
