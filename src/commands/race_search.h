// SPDX-License-Identifier: GPL-3.0-or-later
// `race` as a scenario of jobs/search: its shared memory, what makes an order wrong, and its end.
#ifndef FORKLAB_COMMANDS_RACE_SEARCH_H
#define FORKLAB_COMMANDS_RACE_SEARCH_H

#include "commands/race_state.h"

// Maps what the workers share and makes the search, for the call's job. False with errno;
// race_search_free() frees what was made, in both cases.
bool race_search_new(struct race *race);
void race_search_free(struct race *race);

// Ends the workers, and then the job, with that status.
void race_search_end(struct race *race, int status);

// True if the search failed or was interrupted: the error is printed, and the race ends.
bool race_search_failed(struct race *race);

#endif
