// SPDX-License-Identifier: GPL-3.0-or-later
// What happened at one moment, in a picture of lanes.
#ifndef FORKLAB_VIEW_TIMELINE_SIGNS_H
#define FORKLAB_VIEW_TIMELINE_SIGNS_H

#include "base/text.h"
#include "log/schema.h"
#include "view/svg.h"
#include "view/timeline_plan.h"

// Above so many releases none is drawn.
enum { TIMELINE_SIGNS_RELEASES_MOST = 100 };

// Adds what goes behind the lanes: a line for each round that was released and each break, with
// their numbers above; those that come too close share one label.
void timeline_signs_write_releases(const struct timeline_plan *plan, struct text *text);

// Adds what lies upon the lanes: signals by name, deaths, losses.
void timeline_signs_write(const struct timeline_plan *plan, struct text *text);

// What a worker's sign looks like, and means; `write` is NULL for an event that has none there.
struct timeline_sign {
    svg_shape_fn *write;
    double below; // the middle of the lane, in sizes
    const char *meaning;
};
extern const struct timeline_sign timeline_signs[SIGN_WAKE + 1];

#endif
