// SPDX-License-Identifier: GPL-3.0-or-later
// A line of what to look at next, after a command that was typed at the prompt: the first time in a
// session.
#ifndef FORKLAB_SHELL_HINTS_H
#define FORKLAB_SHELL_HINTS_H

#include "shell/call.h"

// Tells it for a call that has just ended in front, well or, where that is a lesson, with a failure
// of its job; unless 'set hints off' or -q asked for none.
void hints_tell(const struct call *call, bool failed);

#endif
