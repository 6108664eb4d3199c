// SPDX-License-Identifier: GPL-3.0-or-later
// The session: takes one command after another from where they come from, waits for what happens, and
// answers signals.
#ifndef FORKLAB_SHELL_SESSION_H
#define FORKLAB_SHELL_SESSION_H

#include "shell/call.h"
#include "shell/script.h"
#include "view/state.h"

#include <stdbool.h>
#include <stddef.h>

struct session_options {
    const struct command *const *table; // ends in NULL
    struct script *script;              // the session's; NULL for a terminal
    bool echo;                          // each command, before it runs
    bool keep_going;                    // after a command that failed
    bool quiet;                         // no summaries, no notices
    bool json;                          // objects on stdout, and nothing else
};

// What `set` can change.
struct settings {
    int64_t for_ns; // how long workers compute when a command does not say, or 0
};

// Runs the session to its end. Returns the exit status.
int session_run(const struct session_options *asked);

// Returns the table of all commands, which ends in NULL.
const struct command *const *session_table(void);

// Returns the settings, for `set` to change and others to read.
struct settings *session_settings(void);

// Whether summaries and notices are left out, whether commands follow one that failed, and whether they
// come from a terminal.
bool session_is_quiet(void);
bool session_keeps_going(void);
bool session_is_interactive(void);

// Whether a signal, or an output that failed, has begun the end.
bool session_is_leaving(void);

// How things stand, by all that the event log was told.
const struct state *session_state(void);

// Returns the width that output is to fit into, or 0 when there is no limit.
size_t session_columns(void);

#endif
