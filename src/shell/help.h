// SPDX-License-Identifier: GPL-3.0-or-later
// Commands explained, from the table that they are in.
#ifndef FORKLAB_SHELL_HELP_H
#define FORKLAB_SHELL_HELP_H

#include "shell/command.h"

// Returns the width that help is written for: the terminal's, or 80 where it is wider or none.
size_t help_columns(void);

// Writes "spawn N [SIZE] [--for T] ..." into `text`.
void help_usage(const struct command *command, struct text *text);

// Writes all that there is to say about a command, as lines of at most `columns`.
void help_command(const struct command *command, size_t columns, struct text *text);

// Writes the first page: the names of all commands by groups, and how to ask for more. It fits a
// terminal of 24 rows.
void help_page(const struct command *const *table, size_t columns, struct text *text);

// Writes one line a command, by groups; of the group `only`, or of all when that is NULL.
void help_list(const struct command *const *table, const char *only, size_t columns,
               struct text *text);

// Returns the group that `word` means, its name or the last word of that, whatever the capitals;
// NULL for none.
const char *help_group(const struct command *const *table, const char *word);

// Writes one argument as it is typed, "--for T", and what it means, with the range that is allowed.
void help_argument(const struct arg *arg, struct text *title, struct text *about);

#endif
