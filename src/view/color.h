// SPDX-License-Identifier: GPL-3.0-or-later
// Colours, where there are any. They only ever repeat what a word says.
#ifndef FORKLAB_VIEW_COLOR_H
#define FORKLAB_VIEW_COLOR_H

#include <stdbool.h>
#include <stdint.h>

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
    COLOR_WORKER, // the first of those that tell workers apart
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

// Whether colours are strong: to be seen from the last row, on a light or a dark ground. What is
// dim otherwise is plain then.
void color_set_strong(bool strong);
bool color_is_strong(void);

// Returns the colour of a worker, by its number, while they are strong; else COLOR_PLAIN. They
// repeat.
enum color color_of_worker(uint32_t number);

// The same, but COLOR_BOLD while they are not.
enum color color_of_heading(uint32_t number);

// Return what begins and ends that on stdout, or "".
const char *color_worker(uint32_t number);
const char *color_worker_end(void);

// Returns the colour for the state of a worker that begins with this word.
enum color color_of_state(const char *state);

#endif
