// SPDX-License-Identifier: GPL-3.0-or-later
// resume: goes on with a lesson that the prompt was taken from.
#include "commands/table.h"

#include "shell/call.h"
#include "shell/lesson_player.h"

struct resume_args {
    bool none;
};

static int resume_run(struct call *call)
{
    if (lesson_player_resume())
        return STATUS_OK;
    return call_fail(call, "no lesson waits; in one, ':' gives the prompt");
}

const struct command command_resume = {
    .name = "resume",
    .group = "Teaching",
    .summary = "goes on with the lesson, after ':' gave the prompt",
    .example = "resume",
    .args_size = sizeof(struct resume_args),
    .run = resume_run,
};
