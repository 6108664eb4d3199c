// SPDX-License-Identifier: GPL-3.0-or-later
// The line of the session's own input that is being carried out. It ends once all that it asked for
// has, what it repeats and the files that it reads included, but for what runs in the background;
// with --json a `done` tells so, one for each line.
#ifndef FORKLAB_SHELL_INPUT_LINE_H
#define FORKLAB_SHELL_INPUT_LINE_H

#include <stdbool.h>

// Begins a line: the one before has ended. `place` is "FILE:LINE: ", `text` what stands in it, or
// "" where that can't be told. Both are copied.
void input_line_begin(const char *place, const char *text);

// Whether a line has begun and not ended.
bool input_line_is_open(void);

// Notes the status of one of its commands, or of its text; the worst one counts.
void input_line_note(int status);

// Ends the line, if one is open. Hands its place, its text and its status to `tell`, if there is
// one.
void input_line_end(void (*tell)(const char *place, const char *text, int status));

#endif
