// SPDX-License-Identifier: GPL-3.0-or-later
// The moment that views tell of: now, or with `rewind` an earlier one of a job that has ended.
#ifndef FORKLAB_SHELL_MOMENT_H
#define FORKLAB_SHELL_MOMENT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

// Sets the moment: a job, and a monotonic time in ns; `origin` is when the job began. The second
// returns to now; false when it was now already.
void moment_set(uint32_t job, int64_t time, int64_t origin);
bool moment_clear(void);

// Whether it is in the past.
bool moment_is_past(void);

// Return what was set. Only in the past.
uint32_t moment_job(void);
int64_t moment_time(void);

// Adds "%2 at 0.120000 s", with the time as explain and timeline have it; in the past only.
void moment_describe(struct text *text);

// Adds the moment to an object of --json: moment_ns, since the job began, to a
// microsecond. Nothing when it is now.
void moment_add_json(struct text *object);

// Returns what stands before a command that is typed: "forklab> ", or with the moment in it. Valid
// until the moment changes.
const char *moment_prompt(void);

#endif
