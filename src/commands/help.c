// SPDX-License-Identifier: GPL-3.0-or-later
// help: the commands, and all about one.
#include "commands/table.h"

#include "shell/call.h"
#include "shell/concepts.h"
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
     .help =
         "a command; a word of the field, as zombie or deadlock (help concepts lists them); six, "
         "sharing, teaching, looking or controlling for what the commands of a group do; all for "
         "what each does; alone it lists their names"},
    {0},
};

// A word may be a command's, or only the beginning of one, and mean something in the field as well.
static int help_tell_word(struct call *call, const struct command *command, const char *word,
                          const char *error, struct text *text)
{
    struct text concept = {0}, guess = {0};
    bool is_concept = concepts_tell(word, help_columns(), &concept);
    int status = STATUS_OK;
    if (command && (!is_concept || strcmp(command->name, word) == 0))
        help_command(command, help_columns(), text);
    if (is_concept)
        text_print(text, "%s%s", text->length > 0 ? "\n" : "", text_string(&concept));
    if (text->length == 0 && !strstr(error, "did you mean") && concepts_suggest(word, &guess))
        status = call_refuse(call, "%s: neither a command nor a word that help knows; %s",
                             text_visible(word), text_string(&guess));
    else if (text->length == 0)
        status = call_refuse(call, "%s", error);
    text_free(&concept);
    text_free(&guess);
    return status;
}

// Writes about a word. STATUS_MISUSE after it said that there is nothing to say.
static int help_tell(struct call *call, const char *word, struct text *text)
{
    struct text error = {0};
    int status = STATUS_OK;
    const char *group = help_group(context_table(), word);
    const struct command *command = group ? NULL : command_find(context_table(), word, &error);
    if (group || strcmp(word, "all") == 0)
        help_list(context_table(), group, help_columns(), text);
    else if (strcmp(word, "concepts") == 0)
        concepts_list(help_columns(), text);
    else
        status = help_tell_word(call, command, word, text_string(&error), text);
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
    .summary = "lists the commands, tells all about one, or explains a word",
    .details = "'COMMAND --help' tells the same about a command.",
    .example = "help pool",
    .args = help_args,
    .args_size = sizeof(struct help_args),
    .run = help_run,
};
