// SPDX-License-Identifier: GPL-3.0-or-later
// help: the commands, and all about one.
#include "commands/table.h"

#include "shell/call.h"
#include "shell/context.h"
#include "shell/help.h"
#include "shell/pager.h"

#include <string.h>

struct help_args {
    const char *word;
};

static const struct arg help_args[] = {
    {.name = "WORD",
     .type = ARG_WORD,
     .field = offsetof(struct help_args, word),
     .help = "a command; six, looking or controlling for what the commands of a group do; all for "
             "what each does; their names if left out"},
    {0},
};

// Writes about a word. STATUS_MISUSE after it said that there is nothing to say.
static int help_tell(struct call *call, const char *word, struct text *text)
{
    struct text error = {0};
    int status = STATUS_OK;
    const char *group = help_group(context_table(), word);
    const struct command *command = group ? NULL : command_find(context_table(), word, &error);
    if (group || strcmp(word, "all") == 0)
        help_list(context_table(), group, help_columns(), text);
    else if (command)
        help_command(command, help_columns(), text);
    else
        status = call_refuse(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

static int help_run(struct call *call)
{
    const struct help_args *args = call->args;
    struct text text = {0};
    int status = STATUS_OK;
    if (args->word)
        status = help_tell(call, args->word, &text);
    else
        help_page(context_table(), help_columns(), &text);
    if (status == STATUS_OK)
        return pager_show(call, &text);
    text_free(&text);
    return status;
}

const struct command command_help = {
    .name = "help",
    .group = "Controlling",
    .summary = "lists the commands, or those of a group, or tells all about one",
    .details = "'COMMAND --help' tells the same about a command.",
    .example = "help pool",
    .args = help_args,
    .args_size = sizeof(struct help_args),
    .run = help_run,
};
