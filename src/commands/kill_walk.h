// SPDX-License-Identifier: GPL-3.0-or-later
// `kill` without a target: one worker's life and death, asked of the kernel at each step.
#ifndef FORKLAB_COMMANDS_KILL_WALK_H
#define FORKLAB_COMMANDS_KILL_WALK_H

#include "commands/launch.h"

#include <stdbool.h>
#include <stdint.h>

struct kill_args {
    struct words targets;
    int64_t signal; // -1 when it was not named
    bool ladder;
    bool graceful;
    int64_t after; // ns, or -1
    struct launch_args work;
};

// Returns the signal to be sent: SIGTERM if none was named.
int kill_walk_signal(const struct kill_args *kill_args);

// Carries out `call`, a kill without targets. Returns its status so far, as a command's run() does.
int kill_walk(struct call *call);

#endif
