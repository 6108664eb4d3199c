// SPDX-License-Identifier: GPL-3.0-or-later
// The session: takes one command after another from where they come from, waits for what happens,
// and answers signals.
#ifndef FORKLAB_SHELL_SESSION_H
#define FORKLAB_SHELL_SESSION_H

#include "shell/call.h"
#include "shell/context.h"

// Runs the session to its end. Returns the exit status.
int session_run(const struct session_options *asked);

#endif
