// SPDX-License-Identifier: GPL-3.0-or-later
// repeat: runs a command several times.
#include "commands/table.h"

#include "shell/call.h"
#include "shell/context.h"
#include "shell/input_stack.h"
#include "shell/line.h"

#include <string.h>

struct repeat_args {
    int64_t count;
    struct words command;
};

static const struct arg repeat_args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .required = true,
     .field = offsetof(struct repeat_args, count),
     .max = 1000000,
     .help = "how often"},
    {.name = "COMMAND",
     .type = ARG_COMMAND,
     .required = true,
     .field = offsetof(struct repeat_args, command),
     .help = "the command with its arguments"},
    {0},
};

static int repeat_run(struct call *call)
{
    const struct repeat_args *args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    size_t first = strcmp(args->command.all[0], "!") == 0;
    if (call->meant_to_fail)
        status = call_misuse(call, "'!' belongs before the command that is repeated");
    else if (args->command.count == first)
        status = call_misuse(call, "a command must follow '!'");
    else if (!command_find(context_table(), args->command.all[first], &error))
        status = call_refuse(call, "%s", text_string(&error));
    else
        input_stack_push_repeat(args->count, line_behind_words(call->text, 2), call->background);
    text_free(&error);
    return status;
}

const struct command command_repeat = {
    .name = "repeat",
    .group = "Controlling",
    .summary = "runs a command N times, up to the first time that it fails",
    .details = "With a '&' each of them runs in the background.",
    .example = "repeat 3 spawn 2",
    .args = repeat_args,
    .args_size = sizeof(struct repeat_args),
    .background = true,
    .run = repeat_run,
};
