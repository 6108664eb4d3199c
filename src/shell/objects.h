// SPDX-License-Identifier: GPL-3.0-or-later
// `--json`: all that forklab has to say as objects, one a line, on stdout. What is printed as plain
// text becomes an object of its own, line by line.
#ifndef FORKLAB_SHELL_OBJECTS_H
#define FORKLAB_SHELL_OBJECTS_H

#include "base/text.h"
#include "process/events.h"
#include "shell/call.h"

#include <stdbool.h>
#include <stdint.h>

// Begins and ends the reporting; nothing here does anything while it is off.
void objects_open(void);
void objects_close(void);
bool objects_is_on(void);

// Begins an object about a call (its command and job) or, with NULL, about the session, and returns
// where json_text() and the like add to it; NULL while reporting is off. objects_end() writes it.
struct text *objects_begin(const struct call *call, const char *type);
void objects_end(void);

// An event of the log, as it happens.
void objects_event(const struct event *event);

// An object that has only a text.
void objects_words(const struct call *call, const char *type, const char *words);

// What went wrong. `job` may be 0 and `command` NULL; `place` is as in struct call.
void objects_error(uint32_t job, const char *command, const char *place, const char *message);

// A command as typed, as it begins, and its status when it ends.
void objects_command(const struct call *call);
void objects_done(const struct call *call, int status);

// All results of a job, in objects of at most OBJECTS_BLOCK each. `gaps` (or NULL) tells which are
// missing: those are left out, and their objects begin and end beside them.
#define OBJECTS_BLOCK 8192
typedef bool objects_gap_fn(const void *data, int64_t index);
void objects_results(uint32_t job, const int64_t *results, int64_t count, objects_gap_fn *gap,
                     const void *data);

#endif
