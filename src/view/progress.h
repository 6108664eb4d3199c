// SPDX-License-Identifier: GPL-3.0-or-later
// A bar for what takes longer than a second.
#ifndef FORKLAB_VIEW_PROGRESS_H
#define FORKLAB_VIEW_PROGRESS_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *unit; // of what is counted, "tasks"; NULL when nothing is
    int64_t done, total;
    double part;     // done of everything, from 0 to 1; below 0 when that is not known
    int64_t elapsed; // ns, but for the time that it stood
    bool stands;     // all workers are stopped
};

// Writes the bar, with rate and time left, as at most `columns` columns of ASCII, without an end.
void progress_format(const struct progress *progress, const char *title, int columns,
                     struct text *text);

#endif
