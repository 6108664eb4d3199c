// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernel has to say about children: stopped, continued, dead; and reaping them.
#ifndef FORKLAB_JOBS_REAPER_H
#define FORKLAB_JOBS_REAPER_H

#include "jobs/job.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Hears what the kernel has to say about all children: stopped, continued, dead. Calls ops->ended.
// Not from within ops->frame.
void reaper_collect(void);

// The same for one child of which SIGCHLD came, and soon for all: signals of the same kind don't
// queue, so one may stand for the changes of many.
void reaper_child_changed(pid_t pid);

// Whether the dead are reaped at once. While they are not, they stay zombies until reaper_reap().
void reaper_set(bool reaping);

bool reaper_is_on(void);

// Reaps all zombies; `each` hears of every one, and may be NULL. Returns how many there were.
// Collects first, so not from within ops->frame.
size_t reaper_reap(void (*each)(struct worker *worker));

// Whether any child is left. Once all workers are reaped, these are processes that workers left
// behind: killed, and on their way.
bool reaper_has_children(void);

// Kills every living worker and reaps it, without a call to anybody: for when forklab ends early.
void reaper_kill_all(void);

#endif
