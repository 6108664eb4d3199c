// SPDX-License-Identifier: GPL-3.0-or-later
// The session: takes one command after another from where they come from, carries each out in front
// or in the background, and answers signals.
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

// Whether summaries and notices are left out, and whether commands come from a terminal.
bool session_is_quiet(void);
bool session_is_interactive(void);

// How things stand, by all that the event log was told.
const struct state *session_state(void);

// Returns the width that output is to fit into, or 0 when there is no limit.
size_t session_columns(void);

// Adds a notice, unless the session is quiet.
void session_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

// How many files, repetitions and typed lines run each other just now.
size_t session_depth(void);

// Puts commands in front of all others: a file's (false, with errno, when it can't be opened), or the
// same text `count` times.
bool session_source(const char *path);
void session_repeat(int64_t count, const char *text, bool background);

// Moves a call from the background to the front.
void session_to_front(struct call *call);

// Begins the end: daemon workers are terminated, and `call`, which stays pending, is finished when
// all jobs are done. The exit status is `status`, or what the commands made it if that is below 0.
void session_quit(struct call *call, int status);

// For call_finish().
void session_call_finished(struct call *call, int status);

// The commands typed so far, oldest first, each with its `number`, counted from 1. NULL behind the last;
// only the last 500 are kept.
const char *session_history(size_t index, size_t *number);

#endif
