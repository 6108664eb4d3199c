// SPDX-License-Identifier: GPL-3.0-or-later
// Finds workers that wait for each other in a circle, over any mix of objects: a deadlock.
#ifndef FORKLAB_LOG_WAITS_H
#define FORKLAB_LOG_WAITS_H

#include "base/text.h"
#include "log/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The workers of a circle, from the lowest number on: each waits for an object that the next one
// has, the last one for an object of the first one.
struct waits_circle {
    uint32_t *workers;
    size_t count, room;
};

// Finds the circle that keeps a worker waiting. False when a worker that could let it go on does
// not wait, or is not in a circle itself. Looks only at workers between which there are waits. For
// waits_free_circle() if true. To be asked when a worker begins to wait, and of those that wait for
// an object when it is let go, or a worker that has it dies. As reports come through several pipes,
// a worker may have gone on already though that is not known yet: a circle is sure once it is found
// again a moment later.
bool waits_find_circle(const struct model_job *job, uint32_t worker, struct waits_circle *circle);
void waits_free_circle(struct waits_circle *circle);

// Adds the circle in words: "p1 has lock A, waits for lock B; p2 has lock B, waits for lock A".
void waits_describe_circle(const struct model_job *job, const struct waits_circle *circle,
                           struct text *text);

// Returns why a worker may never let go what it has: ", which is stopped", ", which is dead"; or
// "".
const char *waits_hindrance(const struct model_worker *holder);

// Adds what a waiting worker waits for, and which worker keeps it from that: "lock A, which p2
// has", "lock A, which p2 has, which is dead"; and since when, at time `now`: ", for 0.52 s".
void waits_describe(const struct model_job *job, const struct model_worker *worker, int64_t now,
                    struct text *text);

#endif
