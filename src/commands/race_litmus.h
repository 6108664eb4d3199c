// SPDX-License-Identifier: GPL-3.0-or-later
// race litmus.
#ifndef FORKLAB_COMMANDS_RACE_LITMUS_H
#define FORKLAB_COMMANDS_RACE_LITMUS_H

#include "shell/call.h"

// Runs it for `for_ns` nanoseconds (a second if that is not above 0), with a fence between store
// and load or without; for run() to return.
int race_litmus_run(struct call *call, int64_t for_ns, bool fence, bool daemon);

#endif
