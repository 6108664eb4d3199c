// SPDX-License-Identifier: GPL-3.0-or-later
// A curve of speed-ups as a picture.
#ifndef FORKLAB_VIEW_SPEEDUP_SVG_H
#define FORKLAB_VIEW_SPEEDUP_SVG_H

#include "base/text.h"
#include "view/speedup.h"

// Writes it as a picture, light or dark as its reader's screen is.
void speedup_svg_write(const struct speedup *plot, struct text *text);

#endif
