// SPDX-License-Identifier: GPL-3.0-or-later
// All commands.
#ifndef FORKLAB_COMMANDS_TABLE_H
#define FORKLAB_COMMANDS_TABLE_H

#include "shell/command.h"

extern const struct command command_spawn, command_name, command_kill, command_daemon,
    command_barrier, command_pool;
extern const struct command command_jobs, command_explain, command_results;
extern const struct command command_wait, command_stop, command_cont, command_fg, command_bg,
    command_set, command_record, command_source, command_repeat, command_sleep, command_echo, command_history,
    command_help_entry, command_quit;

// In the order in which help lists them, group by group; ends in NULL.
extern const struct command *const command_table[];

#endif
