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

// Jobs for one picture, each of them once, in the order in which they were asked for.
struct job_lookup {
    struct past **pasts;
    size_t count;
};

// Reads the jobs that `words` mean; without any the last one, or with `all` every one that the log
// knows. The caller frees them with job_lookup_free(), also when it fails. STATUS_OK, or a status
// after it told why not.
int job_lookup_each(struct call *call, const struct words *words, bool all,
                    struct job_lookup *found);
void job_lookup_free(struct job_lookup *found);

#endif
