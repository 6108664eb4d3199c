// SPDX-License-Identifier: GPL-3.0-or-later
// One sentence each about what people often get wrong, where it really happened: every one is found
// in the log, with the times that were measured.
#ifndef FORKLAB_VIEW_LESSONS_H
#define FORKLAB_VIEW_LESSONS_H

#include "base/text.h"
#include "log/past.h"

struct lesson {
    size_t event; // index into the past: the sentence belongs behind this event
    char *text;   // owned
};

struct lessons {
    struct lesson *all; // in the order of their events
    size_t count;
};

// Finds what there is to learn from a job; each thing once. The caller releases it with
// lessons_free().
struct lessons lessons_find(const struct past *past);
void lessons_free(struct lessons *lessons);

#endif
