// SPDX-License-Identifier: GPL-3.0-or-later
// race sigchld.
#ifndef FORKLAB_COMMANDS_RACE_SIGCHLD_H
#define FORKLAB_COMMANDS_RACE_SIGCHLD_H

#include "shell/call.h"

// Runs both orders, without and with SIGCHLD blocked; for run() to return.
int race_sigchld_run(struct call *call, bool daemon);

#endif
