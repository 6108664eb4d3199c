// SPDX-License-Identifier: GPL-3.0-or-later
// The named steps of steps.def, as an enum.
#ifndef FORKLAB_WORKER_STEPS_H
#define FORKLAB_WORKER_STEPS_H

enum step {
    STEP_NONE,
#define STEP(name, word, verb) STEP_##name,
#include "worker/steps.def"
#undef STEP
    STEP_END
};

// Returns a step's word for --at, and what a worker does in it: "loads". "" for STEP_NONE.
const char *steps_word(enum step step);
const char *steps_verb(enum step step);

// Returns the step of that word, or STEP_NONE.
enum step steps_named(const char *word);

#endif
