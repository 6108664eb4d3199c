// SPDX-License-Identifier: GPL-3.0-or-later
// What the end of a session means for its jobs and workers.
#ifndef FORKLAB_SHELL_ENDING_H
#define FORKLAB_SHELL_ENDING_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// Ends all workers of all jobs; called again, it kills them at once.
void ending_cancel_all(void);

// Ends the daemons, and returns how many there were.
size_t ending_dismiss_daemons(void);

// Adds the names of the others, whom the end waits for, and returns how many there are. Who is stopped
// is continued: nobody else could any more.
size_t ending_name_joined(struct text *names);

// Whether all jobs are done.
bool ending_is_complete(void);

// Reaps what workers left behind; it was killed. Waits for it, but no longer than GRACE_NS.
void ending_await_orphans(void);

#endif
