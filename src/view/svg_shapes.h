// SPDX-License-Identifier: GPL-3.0-or-later
// What a picture of lanes is made of: its colours, light or dark, its words and its signs.
#ifndef FORKLAB_VIEW_SVG_SHAPES_H
#define FORKLAB_VIEW_SVG_SHAPES_H

#include "base/text.h"

// The colours of light; those of dark are in the style, by class: paper, ink, muted, and for strokes
// grid, line and edge.
#define SHAPE_INK   "#1f2328"
#define SHAPE_MUTED "#59636e"
#define SHAPE_GRID  "#d1d9e0"
#define SHAPE_PAPER "#ffffff"
#define SHAPE_RED   "#dc2626"

// The element that goes before all others.
extern const char shapes_style[];

// Writes words of any bytes, whose first one begins at `x` on the line `y`, in px; `class` is "ink" or
// "muted".
void shape_text(struct text *text, double x, double y, double size, const char *class,
                const char *words);

// Write a sign around (x, y), about twice `size` wide: an arrow head that points down, a cross, and a
// question mark in a ring.
typedef void shape_fn(struct text *text, double x, double y, double size);
shape_fn shape_arrow_head;
shape_fn shape_cross;
shape_fn shape_question;

#endif
