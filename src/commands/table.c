// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/table.h"

#include <stddef.h>

const struct command *const command_table[] = {
#define COMMAND(name) &command_##name,
#include "commands/commands.def"
#undef COMMAND
    NULL,
};
