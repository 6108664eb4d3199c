// SPDX-License-Identifier: GPL-3.0-or-later
// `explain on`: tells what happens as it happens, above the line being typed.
#ifndef FORKLAB_SHELL_NARRATE_H
#define FORKLAB_SHELL_NARRATE_H

#include "process/events.h"

#include <stdbool.h>

// Begins or stops telling. A job that goes on already is told from now on.
void narrate_set(bool on);

// Hears every event; adds its lines to the output while it is on.
void narrate_event(const struct event *event);

#endif
