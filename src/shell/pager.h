// SPDX-License-Identifier: GPL-3.0-or-later
// Long output, a screen at a time: where it was asked for at the prompt of a terminal, or by a
// lesson that is shown there. Everywhere else it is printed as it is.
#ifndef FORKLAB_SHELL_PAGER_H
#define FORKLAB_SHELL_PAGER_H

#include "base/text.h"
#include "shell/call.h"

// Prints `text`, which it empties and frees, and returns the status for run() to return: STATUS_OK,
// or STATUS_PENDING while there is more to show. Nothing may be printed for the call after it. The
// call has neither a state nor ops of its own then.
int pager_show(struct call *call, struct text *text);

#endif
