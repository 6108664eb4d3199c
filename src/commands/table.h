// SPDX-License-Identifier: GPL-3.0-or-later
// All commands.
#ifndef FORKLAB_COMMANDS_TABLE_H
#define FORKLAB_COMMANDS_TABLE_H

#include "shell/command.h"

extern const struct command command_spawn;
extern const struct command command_name;
extern const struct command command_kill;
extern const struct command command_daemon;
extern const struct command command_barrier;
extern const struct command command_pool;
extern const struct command command_jobs;
extern const struct command command_show;
extern const struct command command_tree;
extern const struct command command_watch;
extern const struct command command_timeline;
extern const struct command command_explain;
extern const struct command command_scale;
extern const struct command command_results;
extern const struct command command_export;
extern const struct command command_wait;
extern const struct command command_stop;
extern const struct command command_cont;
extern const struct command command_reap;
extern const struct command command_fg;
extern const struct command command_bg;
extern const struct command command_set;
extern const struct command command_record;
extern const struct command command_source;
extern const struct command command_repeat;
extern const struct command command_sleep;
extern const struct command command_echo;
extern const struct command command_history;
extern const struct command command_help_entry;
extern const struct command command_quit;

// In the order in which help lists them, group by group; ends in NULL.
extern const struct command *const command_table[];

#endif
