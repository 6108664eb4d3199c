// SPDX-License-Identifier: GPL-3.0-or-later
// race with so many additions that orders are beyond counting: a table of four ways to add. And a
// shared array.
#ifndef FORKLAB_COMMANDS_RACE_TABLE_H
#define FORKLAB_COMMANDS_RACE_TABLE_H

#include "shell/call.h"

#include <stdint.h>

// Lets `workers` workers add 1 so many times each: without care, with a lock, in one step, to
// memory of their own. Returns a status, STATUS_PENDING while they run.
int race_table_run(struct call *call, int64_t workers, int64_t times);

// Lets a worker change an array and a value that are shared, and a copy of each that is not. As
// above.
int race_table_array(struct call *call);

#endif
