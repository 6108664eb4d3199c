// SPDX-License-Identifier: GPL-3.0-or-later
// The looks of a worker's time in a picture: a colour that those can tell apart that see few, and a
// shape, so that no colour is needed.
#ifndef FORKLAB_VIEW_LOOK_SVG_H
#define FORKLAB_VIEW_LOOK_SVG_H

#include "base/text.h"
#include "view/looks.h"

#include <stdbool.h>

// A box from `from` to `to` px, whose middle lies at `y`; `height` is that of a whole bar. `share`
// is what it had of a core, from 0 to 1: so far it is filled, if it is work.
struct look_svg_box {
    double from, to, y, height, share;
};

// Adds the box, with a tooltip if that is not NULL.
void look_svg_write(enum look look, const struct look_svg_box *box, const char *tooltip,
                    struct text *text);

// Returns the one that a look has in pictures: chunks are told apart by their edges.
enum look look_svg_of(const struct past *past, const struct slice *slice);

// Whether it is work, and so filled by its share.
bool look_svg_is_work(enum look look);

#endif
