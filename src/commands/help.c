// SPDX-License-Identifier: GPL-3.0-or-later
// help: the commands, and all about one.
#include "commands/table.h"

#include "base/out.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/help.h"

struct help_args {
    const char *command;
};

static const struct arg help_args[] = {
    {"COMMAND", ARG_WORD, false, offsetof(struct help_args, command), 0, 0, 0, NULL,
     "the command; six, teaching, looking or controlling for the list of a group; lists all of them if left "
     "out"},
    {0},
};

// Lines longer than this are hard to read, however wide the terminal is.
enum { WIDEST = 80 };

static int help_run(struct call *call)
{
    const struct help_args *args = call->args;
    size_t columns = context_columns();
    struct text text = {0}, error = {0};
    int status = STATUS_OK;
    columns = columns == 0 || columns > WIDEST ? WIDEST : columns;
    const char *group = args->command ? help_group(context_table(), args->command) : NULL;
    const struct command *command =
        args->command && !group ? command_find(context_table(), args->command, &error) : NULL;
    if (command)
        help_command(command, columns, &text);
    else if (args->command && !group)
        status = call_misuse(call, "%s", text_string(&error));
    else
        help_list(context_table(), group, columns, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    text_free(&error);
    return status;
}

const struct command command_help = {
    .name = "help",
    .group = "Controlling",
    .summary = "lists the commands, or those of a group, or tells all about one",
    .example = "help pool",
    .args = help_args,
    .args_size = sizeof(struct help_args),
    .run = help_run,
};
