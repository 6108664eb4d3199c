// SPDX-License-Identifier: GPL-3.0-or-later
// The moment in the past, event by event: what happened then, and how things stood.
#ifndef FORKLAB_COMMANDS_REWIND_STEP_H
#define FORKLAB_COMMANDS_REWIND_STEP_H

#include "log/past.h"
#include "shell/call.h"

// Returns the time of the last event of a job that can be stepped to.
int64_t rewind_step_last(const struct past *past);

// Whether there is a terminal for rewind_step_begin(). That steps through the moment's job by the
// arrow keys until another key is pressed; returns what run() is to return. The call must have
// neither a state nor ops.
bool rewind_step_is_possible(void);
int rewind_step_begin(struct call *call);

// Prints where the view is, and what happened last before that.
void rewind_step_tell(void);

#endif
