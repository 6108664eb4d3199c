// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that draw the event log have in common: finding the job in it.
#ifndef FORKLAB_COMMANDS_JOB_LOOKUP_H
#define FORKLAB_COMMANDS_JOB_LOOKUP_H

#include "log/past.h"
#include "shell/call.h"

// Finds the job that `word`, an ARG_JOB, means, or without one the last, and reads it as it is now;
// the caller frees it with past_free(). STATUS_OK, or a status after it told why not. The second
// fails, too, when the log has only system calls of it.
int job_lookup_past(struct call *call, const char *word, struct past **past);
int job_lookup_lanes(struct call *call, const char *word, struct past **past);

#endif
