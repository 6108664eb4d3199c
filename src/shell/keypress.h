// SPDX-License-Identifier: GPL-3.0-or-later
// One key at a time from the terminal, for a command that waits for Return or a choice. At the
// prompt's terminal a key counts as it is pressed; in a script that runs on a terminal, with its
// Return.
#ifndef FORKLAB_SHELL_KEYPRESS_H
#define FORKLAB_SHELL_KEYPRESS_H

#include <stdbool.h>

// What is no plain character.
enum keypress { KEYPRESS_BACK = 256, KEYPRESS_ON, KEYPRESS_OTHER, KEYPRESS_GONE };

// Whether a key can be pressed: the session's input and output are a terminal, and commands do not
// come from there.
bool keypress_is_possible(void);

// Hands each key to `take(key, data)`: a character ('\n' for Return), KEYPRESS_BACK or _ON for an
// arrow, KEYPRESS_GONE once when the terminal has gone; until keypress_close(). Keys behind the one
// that makes it close stay for the next reader.
void keypress_open(void (*take)(int key, void *data), void *data);
void keypress_close(void);
bool keypress_is_open(void);

#endif
