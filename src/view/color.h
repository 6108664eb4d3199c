// SPDX-License-Identifier: GPL-3.0-or-later
// Colours, where there are any. They only ever repeat what a word says.
#ifndef FORKLAB_VIEW_COLOR_H
#define FORKLAB_VIEW_COLOR_H

#include <stdbool.h>

enum color {
    COLOR_PLAIN,
    COLOR_RED,
    COLOR_GREEN,
    COLOR_YELLOW,
    COLOR_BLUE,
    COLOR_MAGENTA,
    COLOR_CYAN,
    COLOR_DIM,
    COLOR_BOLD,
};

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern const char *const color_when_names[]; // ends in NULL

// Decides for stdout and stderr: "auto" colours a terminal, unless NO_COLOR is set or TERM is dumb.
// The second returns what was decided; before that it is "auto", and nothing is coloured.
void color_set(enum color_when when);
enum color_when color_when(void);

// Return the escape sequence that begins a colour on stdout or stderr (COLOR_PLAIN ends it), or "".
const char *color(enum color color);
const char *color_error(enum color color);

// Returns the colour for the state of a worker that begins with this word.
enum color color_of_state(const char *state);

#endif
