// SPDX-License-Identifier: GPL-3.0-or-later
// A job's lanes as a picture for a slide.
#ifndef FORKLAB_VIEW_TIMELINE_SVG_H
#define FORKLAB_VIEW_TIMELINE_SVG_H

#include "base/text.h"
#include "log/past.h"

// Adds an SVG document: no script, no fonts or files from elsewhere, light or dark as the viewer
// prefers.
void timeline_svg_write(const struct past *past, struct text *text);

#endif
