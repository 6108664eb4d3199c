// SPDX-License-Identifier: GPL-3.0-or-later
// The workers that kill, stop and cont signal: of a job that is still being started, to all that it
// starts now.
#ifndef FORKLAB_COMMANDS_AIM_H
#define FORKLAB_COMMANDS_AIM_H

#include "jobs/target.h"
#include "shell/call.h"

#include <stdbool.h>

// Calls `go` once no job among the words is being started any more: at once, or in a later turn of
// the loop. Returns what `go` does, or STATUS_PENDING. Until then state and ops of the call are in
// use.
int aim_when_started(struct call *call, const struct words *words, int (*go)(struct call *call));

// Adds the living workers that the words mean. STATUS_OK, or a status after it told what is wrong.
int aim_find(struct call *call, const struct words *words, struct targets *targets);

// Says how many workers of the jobs among the words will follow, and how to end them; with `ends`
// those, too, that replace workers which the signal ends.
void aim_tell_following(const struct words *words, bool ends);

#endif
