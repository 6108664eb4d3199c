// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal: the only user of readline. A prompt, what is printed above it, and one line below
// everything while a command runs in front.
#ifndef FORKLAB_SHELL_TERMINAL_H
#define FORKLAB_SHELL_TERMINAL_H

#include "shell/command.h"

#include <stdbool.h>

// Takes over the terminal on stdin and stdout, with completion for the commands of `table`.
void terminal_open(const struct command *const *table);

// Gives it back as it was. May be called at any time, and more than once.
void terminal_close(void);

// Shows the prompt and edits a line, or stops doing so and hides what is typed while a command
// runs.
void terminal_prompt(bool shown);

// Whether it is shown; keys that were there already may have ended it at once.
bool terminal_is_prompting(void);

// Returns the next whole line that was typed or pasted, for the caller to free; NULL when there is
// none yet.
char *terminal_line(void);

// Whether there is one already.
bool terminal_has_line(void);

// True once Ctrl-D was typed on an empty line, or the terminal has gone.
bool terminal_has_ended(void);

// Ctrl-C at the prompt, or between two commands: gives up the line typed so far, and lines that
// were pasted with it.
void terminal_abandon(void);

// After the window's size has changed, or forklab was stopped and goes on.
void terminal_resized(void);
void terminal_resumed(void);

// Gives the terminal back as it was, stops this process group as Ctrl-Z does, and takes the
// terminal over again once it was continued. While there is no prompt. False with errno when it
// could not be stopped.
bool terminal_suspend(void);

// Shows one line below everything, for as long as there is no prompt; "" takes it away.
void terminal_status(const char *line);

#endif
