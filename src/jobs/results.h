// SPDX-License-Identifier: GPL-3.0-or-later
// The results that pools leave behind, as long as their jobs are remembered. The memory for them is
// bounded: the oldest are forgotten.
#ifndef FORKLAB_JOBS_RESULTS_H
#define FORKLAB_JOBS_RESULTS_H

#include "jobs/scheduler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes that are kept in all: whole pages of results, and what goes with them. One job's may be
// more, until the next comes.
#define KEPT_MOST ((size_t)256 << 20)

// results_put() takes ownership of all but `job`.
struct kept {
    uint32_t job;
    int64_t *results; // mapped memory
    size_t size;      // of that, bytes
    int64_t count;
    struct scheduler *deal; // knows which are missing; NULL when none is
    struct kept *next;
};

// Forgets the oldest results until `size` more bytes fit, or none are left.
void results_make_room(size_t size);

// Keeps a job's results.
void results_put(struct kept kept);

// Drops a job's results, if there are any, and that there were some once: for when the job is
// forgotten.
void results_drop(uint32_t job);

// Returns how many bytes are kept.
size_t results_total(void);

// Returns a job's results, or NULL. results_is_forgotten() tells whether there were some once.
const struct kept *results_find(uint32_t job);
bool results_is_forgotten(uint32_t job);

// Returns why result `index` is missing, as scheduler_gap_word() has it; NULL when it is there.
// `data` is a struct kept, untyped so that this can be a callback of what prints results.
const char *results_gap(const void *data, int64_t index);

// Gives all of it back, at the end of the session.
void results_free(void);

#endif
