// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/table.h"

// One a line, so that lines added side by side stay apart.
// clang-format off
const struct command *const command_table[] = {
    &command_spawn,
    &command_name,
    &command_kill,
    &command_daemon,
    &command_barrier,
    &command_pool,
    &command_jobs,
    &command_show,
    &command_tree,
    &command_watch,
    &command_timeline,
    &command_explain,
    &command_scale,
    &command_results,
    &command_export,
    &command_wait,
    &command_stop,
    &command_cont,
    &command_reap,
    &command_fg,
    &command_bg,
    &command_set,
    &command_record,
    &command_source,
    &command_repeat,
    &command_sleep,
    &command_echo,
    &command_history,
    &command_help_entry,
    &command_quit,
    NULL,
};
