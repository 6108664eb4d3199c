// SPDX-License-Identifier: GPL-3.0-or-later
// Collects what happened to children (stopped, continued, dead), and reaps them.
#ifndef FORKLAB_JOBS_REAPER_H
#define FORKLAB_JOBS_REAPER_H

#include "jobs/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Collects the changes of all children: stopped, continued, dead. Calls ops->stopped and
// ops->ended. Not from within ops->frame.
void reaper_collect(void);

// The same for one child of which SIGCHLD came, and soon for all: signals of the same kind don't
// queue, so one may stand for the changes of many.
void reaper_child_changed(pid_t pid);

// Whether the dead are reaped at once. While they are not, they stay zombies until reaper_reap().
void reaper_set(bool reaping);

bool reaper_is_on(void);

// Reaps all zombies; `each` is called for each one, and may be NULL. Returns how many there were.
// Collects first, so not from within ops->frame.
size_t reaper_reap(void (*each)(struct worker *worker));

// Whether any child is left. Once all workers are reaped, these are processes that workers left
// behind; they were sent SIGKILL.
bool reaper_has_children(void);

// Kills every living worker and reaps it, without any callback: for when forklab ends early.
void reaper_kill_all(void);

#endif
