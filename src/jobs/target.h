// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a command means: a worker by its name or pid, a job by %J.
#ifndef FORKLAB_JOBS_TARGET_H
#define FORKLAB_JOBS_TARGET_H

#include "base/text.h"
#include "jobs/job.h"

#include <stdbool.h>
#include <stddef.h>

// Workers without repetition. The array is the caller's, who calls targets_free().
struct targets {
    struct worker **workers;
    size_t count;
};

// Adds whom `word` means: who lives comes before who has ended, and of those the last one. With
// `living` a dead one is an error. False, with a message in `error`, when it means nobody or
// several who live.
bool targets_add(struct targets *targets, const char *word, bool living, struct text *error);
void targets_free(struct targets *targets);

// Finds the job that %J means; NULL, with a message in `error`, when there is none.
struct job *target_job(const char *word, struct text *error);

// False when `name` could be mistaken for a pid, a %J or an option, or is empty or over 63 bytes
// long.
bool target_name_is_fit(const char *name);

#endif
