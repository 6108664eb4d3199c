// SPDX-License-Identifier: GPL-3.0-or-later
// What a picture of lanes is made of: its colours, light or dark, its words and its signs.
#ifndef FORKLAB_VIEW_SVG_H
#define FORKLAB_VIEW_SVG_H

#include "base/text.h"

// The colours of light; those of dark are in the style, by class: paper, ink, muted, and for
// strokes grid, line and edge.
#define SVG_INK   "#1f2328"
#define SVG_MUTED "#59636e"
#define SVG_GRID  "#d1d9e0"
#define SVG_PAPER "#ffffff"
#define SVG_RED   "#dc2626"

// The element that goes before all others.
extern const char svg_style[];

// Writes words of any bytes, whose first one begins at `x` on the line `y`, in px; `class` is "ink"
// or "muted".
void svg_text(struct text *text, double x, double y, double size, const char *class,
              const char *words);

// Write a sign around (x, y), about twice `size` wide: an arrow head that points down, a cross, and
// a question mark in a ring.
typedef void svg_shape_fn(struct text *text, double x, double y, double size);
svg_shape_fn svg_arrow_head;
svg_shape_fn svg_cross;
svg_shape_fn svg_question;

#endif
