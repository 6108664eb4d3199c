// SPDX-License-Identifier: GPL-3.0-or-later
// The end of a session: what it means for jobs and workers, and when it has come.
#ifndef FORKLAB_SHELL_QUIT_H
#define FORKLAB_SHELL_QUIT_H

#include "shell/call.h"
#include "jobs/terminate.h"

#include <stdbool.h>

// To be called before the first fork: notes whether there are children already, which the end does
// not wait for.
void quit_note_foreign(void);

// Ends all workers of all jobs; called again, it kills them at once.
void quit_cancel_all(void);

// Begins the end: daemon workers are terminated, and the others joined; says so. The exit status
// will be `status`, or what the commands made it if that is below 0. Returns STATUS_PENDING while
// `call` waits for them, or STATUS_OK when none is left; for run() to return.
int quit_begin(struct call *call, int status);

// The input has ended, which is `quit`.
void quit_at_end_of_input(void);

// Whether `quit` has done its work, and the status that it named, or -1.
bool quit_is_over(void);
int quit_status(void);

// Whether all jobs are done.
bool quit_is_complete(void);

// Reaps what workers left behind; it was killed. Waits for it, but no longer than GRACE_NS, and not
// at all where children that are not ours can't be told from it.
void quit_await_orphans(void);

#endif
