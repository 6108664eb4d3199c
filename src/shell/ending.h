// SPDX-License-Identifier: GPL-3.0-or-later
// What the end of a session means for its jobs and workers.
#ifndef FORKLAB_SHELL_ENDING_H
#define FORKLAB_SHELL_ENDING_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// To be called before the first fork: notes whether there are children already, whom the end does not wait for.
void ending_note_foreign(void);

// Ends all workers of all jobs; called again, it kills them at once.
void ending_cancel_all(void);

// Ends the daemons, and returns how many there were.
size_t ending_dismiss_daemons(void);

// Continues those of the others who are stopped, as nobody else could any more: the end waits for all of
// them. Adds their names, the first few, and returns how many there are.
size_t ending_join(struct text *names);

// Whether all jobs are done.
bool ending_is_complete(void);

// Reaps what workers left behind; it was killed. Waits for it, but no longer than GRACE_NS, and not at all where
// children that are not ours can't be told from it.
void ending_await_orphans(void);

#endif
