// SPDX-License-Identifier: GPL-3.0-or-later
// What workers share, in a picture of lanes: the values of objects below the lanes, what a worker
// has while it does something else, and arrows from the one that freed an object to the one that
// went on.
#ifndef FORKLAB_VIEW_OBJECT_SVG_H
#define FORKLAB_VIEW_OBJECT_SVG_H

#include "base/text.h"
#include "view/timeline_plan.h"

// Adds a lane for each series of values: its name, a line that steps, its last value.
void object_svg_write_values(const struct timeline_plan *plan, struct text *text);

// Adds a strip below a worker's bar for as long as it has an object, with its name where there is
// room: also while it waits for another one.
void object_svg_write_holdings(const struct timeline_plan *plan, struct text *text);

// Adds an arrow for each hand-over, as long as they are not too many to be told apart.
void object_svg_write_handovers(const struct timeline_plan *plan, struct text *text);

#endif
