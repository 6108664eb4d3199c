// SPDX-License-Identifier: GPL-3.0-or-later
// The live table: every job with its workers, how far they are, and what they wait for.
#ifndef FORKLAB_VIEW_WATCH_H
#define FORKLAB_VIEW_WATCH_H

#include "base/text.h"
#include "log/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_view {
    const struct model *model;
    // Whether a worker is to be seen, for `wanted_data`; NULL for all that live, are zombies, or
    // ended after `since` (monotonic ns): of a pool only once it is done.
    bool (*wanted)(const void *data, uint32_t job, uint32_t worker);
    const void *wanted_data;
    int64_t since;
    size_t columns; // at most so wide
    size_t first;   // the line at the top
    size_t rows;    // lines that are written; 0 for all
};

// Returns how many lines there are in all.
size_t watch_count_lines(const struct watch_view *view);

// Writes those from `first` on, at most `rows`.
void watch_write(const struct watch_view *view, struct text *text);

// Writes one line that counts the workers by their states: "6 workers: 4 running, 2 zombies".
void watch_write_sum(const struct watch_view *view, struct text *text);

#endif
