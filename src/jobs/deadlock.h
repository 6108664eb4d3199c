// SPDX-License-Identifier: GPL-3.0-or-later
// Watches the workers of a job for those that wait for each other in a circle, and logs that.
#ifndef FORKLAB_JOBS_DEADLOCK_H
#define FORKLAB_JOBS_DEADLOCK_H

#include "jobs/job.h"

#include <stddef.h>
#include <stdint.h>

struct deadlock_watch {
    struct job *job;
    // Called once for each circle, with its words: "p1 has lock A, waits for lock B; p2 ...".
    void (*found)(void *data, const char *words);
    void *data;
    int64_t circles; // that were found
    size_t longest;  // how many workers the longest one has
    // Its own.
    uint32_t *suspects; // workers whose waits closed a circle, to be looked at once more
    size_t count, room;
    struct timer *again;
};

// To be called after the wait of a worker was logged.
void deadlock_look(struct deadlock_watch *watch, uint32_t worker);

// Ends the watch.
void deadlock_stop(struct deadlock_watch *watch);

#endif
