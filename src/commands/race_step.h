// SPDX-License-Identifier: GPL-3.0-or-later
// race --step: the user at the prompt is the scheduler.
#ifndef FORKLAB_COMMANDS_RACE_STEP_H
#define FORKLAB_COMMANDS_RACE_STEP_H

#include "commands/race_state.h"

// Asks which worker takes the next step, until the race is over. Steps of --replay come first.
void race_step_begin(struct race *race);

#endif
