// SPDX-License-Identifier: GPL-3.0-or-later
// A set of hashes: of orders that were tried, of states that were met.
#ifndef FORKLAB_JOBS_SEEN_H
#define FORKLAB_JOBS_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// All zero is the empty set; seen_free() empties it.
struct seen {
    uint64_t *all; // 0 for a free place
    size_t count, room;
};

// Adds a hash. False if it was in the set.
bool seen_add(struct seen *seen, uint64_t hash);
void seen_free(struct seen *seen);

#endif
