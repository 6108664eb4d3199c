// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of this session, as typed.
#ifndef FORKLAB_SHELL_HISTORY_H
#define FORKLAB_SHELL_HISTORY_H

#include "shell/line.h"

#include <stddef.h>

// Adds a command to those of this session.
void history_remember(const struct part *part);

// Returns the commands of this session, oldest first, each with its `number`, counted from 1. NULL
// behind the last; only the last 500 are kept.
const char *history_command(size_t index, size_t *number);

// Forgets the commands of this session.
void history_free(void);

#endif
