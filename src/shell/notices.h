// SPDX-License-Identifier: GPL-3.0-or-later
// Notices of what happens without a command in front: a worker ended in the background, a job is
// done, a process was left behind.
#ifndef FORKLAB_SHELL_NOTICES_H
#define FORKLAB_SHELL_NOTICES_H

#include "log/events.h"

// Adds a notice, one line, unless the session is quiet.
void notices_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Adds the notice for an event, where it deserves one.
void notices_tell(const struct event *event);

#endif
