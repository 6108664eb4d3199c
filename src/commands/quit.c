// SPDX-License-Identifier: GPL-3.0-or-later
// quit: leaves forklab.
#include "commands/table.h"

#include "shell/quit.h"

struct quit_args {
    int64_t status;
};

static const struct arg quit_args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct quit_args, status),
     .max = 255,
     .standard = -1,
     .standard_is = "what its commands make it",
     .help = "the exit status of forklab"},
    {0},
};

static int quit_run(struct call *call)
{
    const struct quit_args *args = call->args;
    return quit_begin(call, (int)args->status);
}

const struct command command_quit = {
    .name = "quit",
    .group = "Controlling",
    .summary = "leaves forklab: daemon workers are terminated, the others are joined",
    .example = "quit",
    .args = quit_args,
    .args_size = sizeof(struct quit_args),
    .run = quit_run,
};
