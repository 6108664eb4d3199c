// SPDX-License-Identifier: GPL-3.0-or-later
// Speed-up against the number of workers, drawn: what was measured, the ideal, and Amdahl's law.
#ifndef FORKLAB_VIEW_SPEEDUP_H
#define FORKLAB_VIEW_SPEEDUP_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct speedup {
    const char *title;     // without < and &
    const double *speedup; // with 1, 2, ... `count` workers; the first is 1
    size_t count;
    size_t cores;
    double serial; // of speedup_fit(), or below 0: Amdahl's law is left out
    bool busy;     // with other work: a picture says so in the law's place
};

// Returns the serial part, from 0 to 1, with which Amdahl's law, 1 / (s + (1 - s) / n), comes
// closest to the measured times: the least squares of time against one worker's. Only runs with at
// most one worker for each core count, as the law knows of no waiting for one. Below 0 when there
// are fewer than two.
double speedup_fit(const double *speedup, size_t count, size_t cores);

// What the law says for `workers`.
double speedup_amdahl(double serial, double workers);

// Writes it as lines of at most `columns` columns, coloured where stdout is; nothing for one worker
// alone.
void speedup_write(const struct speedup *plot, size_t columns, struct text *text);

// So many on the axis of speed-ups.
#define SPEEDUP_TICKS_MOST 6

// Where the axis of speed-ups ends: above all that was measured; the ideal is cut off there.
size_t speedup_top(const struct speedup *plot);

#endif
