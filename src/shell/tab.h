// SPDX-License-Identifier: GPL-3.0-or-later
// Tab at the prompt, between readline and complete.h: completes words, lists what they could
// become, each with what it is, and says what an argument is where there is nothing to list.
#ifndef FORKLAB_SHELL_TAB_H
#define FORKLAB_SHELL_TAB_H

#include "shell/command.h"

// Makes Tab know the commands of `table`, which ends in NULL and stays the caller's. Before
// rl_initialize().
void tab_open(const struct command *const *table);

#endif
