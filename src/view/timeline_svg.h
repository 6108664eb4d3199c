// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs' lanes as a picture for a slide.
#ifndef FORKLAB_VIEW_TIMELINE_SVG_H
#define FORKLAB_VIEW_TIMELINE_SVG_H

#include "base/text.h"
#include "log/past.h"

// Adds an SVG document, the jobs one below the other: no script, no fonts or files from elsewhere,
// light or dark as the viewer prefers.
void timeline_svg_write(struct past *const *pasts, size_t count, struct text *text);

#endif
