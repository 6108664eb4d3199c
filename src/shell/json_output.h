// SPDX-License-Identifier: GPL-3.0-or-later
// `--json`: all that forklab has to say as objects, one a line, on stdout. What is printed as plain
// text becomes an object of its own, line by line.
#ifndef FORKLAB_SHELL_JSON_OUTPUT_H
#define FORKLAB_SHELL_JSON_OUTPUT_H

#include "base/text.h"
#include "log/events.h"
#include "shell/call.h"

#include <stdbool.h>
#include <stdint.h>

// Begins and ends the reporting; nothing here does anything while it is off.
void json_output_open(void);
void json_output_close(void);
bool json_output_is_on(void);

// Begins an object about a call (its command and job) or, with NULL, about the session, and returns
// where json_text() and the like add to it; NULL while reporting is off. json_output_end() writes
// it.
struct text *json_output_begin(const struct call *call, const char *type);
void json_output_end(void);

// Returns a monotonic time as `time_ns` has it: since the session began.
int64_t json_output_time(int64_t monotonic);

// An event of the log, as it happens.
void json_output_event(const struct event *event);

// An object that has only a text.
void json_output_words(const struct call *call, const char *type, const char *words);

// What went wrong; `kind` is "error" or "warning". `job` may be 0 and `command` NULL; `place` is as
// in struct call.
void json_output_error(const char *kind, uint32_t job, const char *command, const char *place,
                       const char *message);

// A command as typed, as it begins, and its status when it ends.
void json_output_command(const struct call *call);
void json_output_ended(const struct call *call, int status);

// The end of a line of the session's own input; `place` is as in struct call.
void json_output_done(const char *place, const char *text, int status);

// All results of a job, in objects of at most JSON_OUTPUT_BLOCK each. `gap` (or NULL) returns why
// one is missing, or NULL: those stand in objects of their own, with the reason.
#define JSON_OUTPUT_BLOCK 8192
typedef const char *json_output_gap_fn(const void *data, int64_t index);
void json_output_results(uint32_t job, const int64_t *results, int64_t count,
                         json_output_gap_fn *gap, const void *data);

#endif
