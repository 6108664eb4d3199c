// SPDX-License-Identifier: GPL-3.0-or-later
// What the word being typed could become: commands, options, choices, workers and jobs.
#ifndef FORKLAB_SHELL_COMPLETE_H
#define FORKLAB_SHELL_COMPLETE_H

#include "shell/command.h"

#include <stdbool.h>
#include <stddef.h>

// Collects what bytes start..end of `line` could be completed to, with the quotes that it then
// needs, but for those that are open already; complete_free() releases the list. True when it could
// be a file's name, too, which is not looked up here.
bool complete(const struct command *const *table, const char *line, size_t start, size_t end,
              struct words *candidates);
void complete_free(struct words *candidates);

#endif
