// SPDX-License-Identifier: GPL-3.0-or-later
// What was typed: the commands of this session, and the file in which lines outlive it. That is
// $XDG_STATE_HOME/forklab/history, or ~/.local/state/forklab/history; it is made private (0600; the folders
// made for it 0700), and left alone when it is anything but a plain file of ours. Without it everything works,
// and no line outlives its session.
#ifndef FORKLAB_SHELL_HISTORY_H
#define FORKLAB_SHELL_HISTORY_H

#include "shell/line.h"

#include <stdbool.h>
#include <stddef.h>

// Hands the last lines of the file over, oldest first; each is valid during its call.
void history_load(void (*each)(const char *line));

// Appends one line, which has no new line in it. False with errno when the file takes no more: then it is as it
// was, and the line is only not remembered. Where there can't be a file at all, that is no failure.
bool history_append(const char *line);

// Adds a command to those of this session.
void history_remember(const struct part *part);

// Returns the commands of this session, oldest first, each with its `number`, counted from 1. NULL behind the
// last; only the last 500 are kept.
const char *history_command(size_t index, size_t *number);

// Forgets the commands of this session.
void history_free(void);

#endif
