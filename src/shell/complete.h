// SPDX-License-Identifier: GPL-3.0-or-later
// What the word being typed could become: commands, options, choices, workers and jobs, each with
// what it is.
#ifndef FORKLAB_SHELL_COMPLETE_H
#define FORKLAB_SHELL_COMPLETE_H

#include "shell/command.h"

#include <stdbool.h>
#include <stddef.h>

struct candidate {
    char *word;  // as it has to be typed
    char *about; // half a line of what it is, or ""
};

// All zero is its start; complete_free() releases it.
struct candidates {
    struct candidate *all;
    size_t count;
    const struct arg *arg; // what the word would be the value of; NULL where that is not known
    bool files;            // it could be a file's name, too, which is not looked up here
};

// Collects what bytes start..end of `line` could be completed to, with the quotes that it then
// needs, but for those that are open already.
void complete(const struct command *const *table, const char *line, size_t start, size_t end,
              struct candidates *candidates);
void complete_free(struct candidates *candidates);

#endif
