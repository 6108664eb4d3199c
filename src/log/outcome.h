// SPDX-License-Identifier: GPL-3.0-or-later
// How a job ended, in one word everywhere.
#ifndef FORKLAB_LOG_OUTCOME_H
#define FORKLAB_LOG_OUTCOME_H

#include <stdint.h>

enum outcome {
    OUTCOME_DONE,
    OUTCOME_FAILED,
    OUTCOME_CANCELLED, // as a whole, by `cancel`, Ctrl-C or the end of the session
    OUTCOME_KILLED,    // a worker was ended by `kill` before its work was done
};

// Returns "done", "failed", "cancelled" or "killed", for tables and JSON.
const char *outcome_word(int64_t outcome);

// Returns the same as what a sentence says of a job: "is done", "has failed", ...
const char *outcome_predicate(int64_t outcome);

#endif
