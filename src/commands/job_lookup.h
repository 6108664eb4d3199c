// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that draw the event log have in common: finding the job in it.
#ifndef FORKLAB_COMMANDS_JOB_LOOKUP_H
#define FORKLAB_COMMANDS_JOB_LOOKUP_H

#include "shell/call.h"
#include "view/lanes.h"
#include "view/story.h"

// Finds the job that `word`, an ARG_JOB, means, or without one the last, and reads it as it is now;
// the caller frees it with lanes_free(). STATUS_OK, or a status after it told why not.
int job_lookup_lanes(struct call *call, const char *word, struct lanes **lanes);

// The same as a story, for story_free().
int job_lookup_story(struct call *call, const char *word, uint32_t *job, struct story *story);

#endif
