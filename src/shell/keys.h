// SPDX-License-Identifier: GPL-3.0-or-later
// What is typed at the terminal: the one place where it is read, for the prompt and for every view.
// Only whole characters come through, and none that would move the terminal when it is echoed: of
// C1 (U+0080 to U+009F), marks that turn the writing direction, what can't be seen, and bytes that
// are no character of the locale are left out. A key is never made up: what fails is noted with its
// errno.
#ifndef FORKLAB_SHELL_KEYS_H
#define FORKLAB_SHELL_KEYS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// What is no byte.
enum { KEYS_NONE = -1, KEYS_GONE = -2 };

// Takes the next byte that was typed; KEYS_NONE when there is none yet, KEYS_GONE when the terminal
// has gone, or can't be read. Never waits.
int keys_take(void);

// Whether keys_take() has one: KEYS_NONE, KEYS_GONE, or the byte, which stays.
int keys_peek(void);

// Whether bytes lie here that poll(2) no longer knows of.
bool keys_are_held(void);

// Gives bytes back that were taken: they come first again.
void keys_give_back(const char *bytes, size_t length);

// Notes that a call of the terminal failed with errno: nothing is read any more.
void keys_fail(const char *call);

// Returns the first call that failed, and its errno in `error`; NULL when none has.
const char *keys_failed_call(int *error);

// Waits, stopped as the kernel would stop us, until the shell that started us gives us the
// terminal. False when a signal asks forklab to end, or no process is left that could give it.
bool keys_await_foreground(void);

// Adds a line that comes from outside, as one from the history, without what keys_take() leaves
// out.
void keys_add_line(struct text *text, const char *line);

#endif
