// SPDX-License-Identifier: GPL-3.0-or-later
// `explain on`: tells what happens as it happens, above the line being typed.
#ifndef FORKLAB_SHELL_LIVE_EXPLAIN_H
#define FORKLAB_SHELL_LIVE_EXPLAIN_H

#include "log/events.h"

#include <stdbool.h>

// Begins or stops telling. A job that goes on already is told from now on.
void live_explain_set(bool on);

bool live_explain_is_on(void);

// Adds the lines of an event to the output; to be called while it is on.
void live_explain_event(const struct event *event);

#endif
