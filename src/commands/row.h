// SPDX-License-Identifier: GPL-3.0-or-later
// A row of a table as an object, with --json.
#ifndef FORKLAB_COMMANDS_ROW_H
#define FORKLAB_COMMANDS_ROW_H

#include "shell/json_output.h"

// Begins an object of that type about a worker: job, worker, target, name, pid. NULL while --json
// is off; json_output_end() writes it.
struct text *row_begin(const struct call *call, const char *type, const struct worker *worker);

// Adds how it is: state (one word: "running", "exited"), exit_code and signal_name once it is dead.
void row_add_state(struct text *row, const struct worker *worker);

#endif
