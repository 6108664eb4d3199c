// SPDX-License-Identifier: GPL-3.0-or-later
// Where a worker's time went: why was this not faster?
#ifndef FORKLAB_COMMANDS_SHARES_H
#define FORKLAB_COMMANDS_SHARES_H

#include "base/text.h"
#include "jobs/worker.h"
#include "log/past.h"

#include <stdbool.h>
#include <stdint.h>

// In ns. `ready` is time in which it could have computed and had no core, by the kernel's account;
// -1 when that is not known. `waiting` and `stopped` are what the log says, `sleeping` is the rest.
struct shares {
    int64_t lived, computing, ready, sleeping, waiting, stopped;
};

// Returns the shares of a worker until now, or until its death. `past` is its job's, or NULL when
// the log has dropped all about it: then nothing is waiting or stopped.
struct shares shares_of(const struct worker *worker, const struct past *past);

// The same for all workers of a job together.
struct shares shares_of_job(const struct job *job, const struct past *past);

// Writes "0.19 s computing, 12 ms ready, without a core, 1.2 s sleeping, 0.3 s waiting"; what it
// did not do is left out.
void shares_format(const struct shares *shares, struct text *text);

// Adds the fields lived_ns, computing_ns, ready_ns, ... to a JSON object.
void shares_add_json(const struct shares *shares, struct text *report);

#endif
