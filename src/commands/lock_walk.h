// SPDX-License-Identifier: GPL-3.0-or-later
// `lock` without N: what a lock answers to its owner and to a stranger, question by question.
#ifndef FORKLAB_COMMANDS_LOCK_WALK_H
#define FORKLAB_COMMANDS_LOCK_WALK_H

#include "commands/launch.h"

#include <stdbool.h>

// Carries it out; with `again` the lock may be taken again by its owner. Returns a status so far,
// as a command's run() does.
int lock_walk_run(struct call *call, const struct launch_args *args, bool again);

#endif
