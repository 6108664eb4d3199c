// SPDX-License-Identifier: GPL-3.0-or-later
// All commands. Each stands in the file of its name.
#ifndef FORKLAB_COMMANDS_TABLE_H
#define FORKLAB_COMMANDS_TABLE_H

#include "shell/command.h"

#define COMMAND(name) extern const struct command command_##name;
#include "commands/commands.def"
#undef COMMAND

// In the order of commands.def; ends in NULL.
extern const struct command *const command_table[];

#endif
