// SPDX-License-Identifier: GPL-3.0-or-later
// What every picture for a slide is made of: its size, its paper, light or dark, its words and its
// signs.
#ifndef FORKLAB_VIEW_SVG_H
#define FORKLAB_VIEW_SVG_H

#include "base/text.h"

#include <stdbool.h>

// A slide, in px, and the size of letters on it: a name or a state beside a lane, everything else.
enum {
    SVG_WIDTH = 1280,
    SVG_HEIGHT = 720,
    SVG_MARGIN = 32,
    SVG_TITLE = 32,
    SVG_LANE = 22,
    SVG_SMALL = 20,
};

// The colours of light, by the classes ink, muted and bad for letters, on and over for those upon
// dark and light boxes, paper, and grid, line,
// edge and broken for strokes; those of dark stand in the style. All are presentation attributes,
// so that a program that knows no style, or no @media, has the light picture.
#define SVG_INK   "#1f2328"
#define SVG_MUTED "#59636e"
#define SVG_GRID  "#d1d9e0"
#define SVG_PAPER "#ffffff"
#define SVG_BAD   "#b31d28"

// Begins a document of that height with its paper, and a title and a description for those that
// read it aloud; and ends it.
void svg_begin(struct text *text, double height, const char *title, const char *description);
void svg_end(struct text *text);

// How words stand: `anchor` is "start" when it is NULL. With `room` px, longer ones are cut to end
// in an ellipsis; 0 is no limit. A halo keeps them apart from what they stand on.
struct svg_words {
    double x, y, size;
    const char *class, *anchor;
    bool bold, halo;
    double room;
};

// Writes words of any bytes, on one line.
void svg_write(struct text *text, const struct svg_words *how, const char *words);

// The same for what is only plain.
void svg_text(struct text *text, double x, double y, double size, const char *class,
              const char *words);

// How much wider bold letters are.
#define SVG_BOLDER 1.12

// Returns about how many px words take: nothing measures the letters of the one that will show it.
double svg_width(const char *words, double size);

// Adds the element that is shown when the pointer rests on the one around it.
void svg_tooltip(struct text *text, const char *words);

// Write a sign around (x, y), about twice `size` wide, with a tooltip: an arrow head that points
// down, a cross, and a question mark in a ring.
typedef void svg_shape_fn(struct text *text, double x, double y, double size, const char *tooltip);
svg_shape_fn svg_arrow_head;
svg_shape_fn svg_cross;
svg_shape_fn svg_question;

#endif
