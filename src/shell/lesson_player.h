// SPDX-License-Identifier: GPL-3.0-or-later
// Plays a lesson: it is a source of commands that tells, asks and waits in between.
#ifndef FORKLAB_SHELL_LESSON_PLAYER_H
#define FORKLAB_SHELL_LESSON_PLAYER_H

#include "shell/lesson_log.h"
#include "shell/lesson_text.h"

#include <stdbool.h>

struct lesson_plan {
    const char *name;        // for messages
    struct lesson_text text; // the player's from then on, like the two logs
    struct lesson_log grade, notes;
    bool check; // rehearses: only commands and checks, and all must hold
};

// Begins to play: what it has comes before all other commands.
void lesson_player_begin(struct lesson_plan *plan);

// Goes on with a lesson that the prompt was taken from. False when there is none.
bool lesson_player_resume(void);

// Whether a lesson is being played, or waits for `resume`.
bool lesson_player_is_playing(void);

// Whether one is being played to an audience that presses keys; not while the prompt is taken.
bool lesson_player_is_shown(void);

#endif
