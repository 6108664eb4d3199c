// SPDX-License-Identifier: GPL-3.0-or-later
// What workers share, in a picture of lanes: the values of objects below the lanes, and arrows from
// a worker to the one that it woke.
#ifndef FORKLAB_VIEW_OBJECT_SVG_H
#define FORKLAB_VIEW_OBJECT_SVG_H

#include "base/text.h"
#include "log/past.h"
#include "view/values.h"

// Where lanes stand: px of their left and right end, of the first one's upper edge, from lane to
// lane, and of the letters; and the time at the left, and from there to the right, in ns.
struct object_area {
    double left, right, top, pitch, font, name_x;
    int64_t begin, span;
};

// Adds a lane for each series, from row `row` on: its name, a line that steps, its last value.
void object_svg_write_values(const struct past *past, const struct values *values, size_t count,
                             size_t row, const struct object_area *area, struct text *text);

// Adds the arrows of EVENT_WOKE, as long as they are not too many to be told apart.
void object_svg_write_wakes(const struct past *past, const struct object_area *area,
                            struct text *text);

#endif
