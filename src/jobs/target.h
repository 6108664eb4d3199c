// SPDX-License-Identifier: GPL-3.0-or-later
// The workers and jobs that a command's words name: a worker by its name, its pid or %J.I, a job by
// %J, %% or %-.
#ifndef FORKLAB_JOBS_TARGET_H
#define FORKLAB_JOBS_TARGET_H

#include "base/text.h"
#include "jobs/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Workers without repetition. The caller owns the array, and calls targets_free().
struct targets {
    struct worker **workers;
    size_t count;
};

// The bytes of the longest %J.I, and its end.
#define TARGET_ROOM 24

// Adds the workers that `word` names. A living one is preferred to a dead one of the same name or
// pid, and a younger dead one to an older. With `living` a dead one is an error. False, with a
// message in `error`, when it names no worker or several living ones.
bool targets_add(struct targets *targets, const char *word, bool living, struct text *error);
void targets_free(struct targets *targets);

// Whether `word` could mean a job: %J, %% for the youngest, %- for the one before, or a bare
// number.
bool target_is_job(const char *word);

// Whether a word could name a job at all, there or not: "%3", "3", "%%" or "%-".
bool target_names_job(const char *word);

// Finds out which job that is, remembered or not. False, with a message in `error`, when there is
// no youngest one or none before it, or it is no job.
bool target_job_id(const char *word, uint32_t *id, struct text *error);

// Finds that job; NULL, with a message in `error`, when it is not remembered.
struct job *target_job(const char *word, struct text *error);

// Writes %J.I for a worker into `text`: I counts as its job's output and --which do.
void target_format(const struct worker *worker, char *text, size_t size);

// False when `name` could be mistaken for a pid, a %J or an option, or is empty or over 63 bytes
// long.
bool target_name_is_fit(const char *name);

#endif
