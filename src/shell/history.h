// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of this session, as typed.
#ifndef FORKLAB_SHELL_HISTORY_H
#define FORKLAB_SHELL_HISTORY_H

#include "base/text.h"
#include "shell/line.h"

#include <stdbool.h>
#include <stddef.h>

// Adds a command to those of this session.
void history_remember(const struct part *part);

// Returns the commands of this session, oldest first, each with its `number`, counted from 1. NULL
// behind the last; only the last 500 are kept.
const char *history_command(size_t index, size_t *number);

// Replaces !N, or !! for the last one, by that command of this session. False, with a message, when
// there is none; any other command stays as it is. `recalled` tells whether it was replaced.
bool history_recall(struct part *part, bool *recalled, struct text *error);

// Forgets the commands of this session.
void history_free(void);

#endif
