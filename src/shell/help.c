// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/help.h"

#include "base/number.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

// The word that stands for an option's value.
static const char *help_value_word(enum arg_type type)
{
    switch (type) {
    case ARG_FLAG:
        return "";
    case ARG_COUNT:
        return " N";
    case ARG_DURATION:
        return " T";
    case ARG_SIGNAL:
        return " SIGNAL";
    case ARG_CHOICE:
        return " WHAT";
    case ARG_NAME:
        return " NAME";
    case ARG_FILE:
        return " FILE";
    case ARG_WORD:
        return " WORD";
    case ARG_JOB:
    case ARG_LIVE_JOB:
        return " %J";
    case ARG_TARGETS:
    case ARG_ALL_TARGETS:
    case ARG_WORDS:
    case ARG_COMMAND:
        return "...";
    }
    return "";
}

void help_usage(const struct command *command, struct text *text)
{
    text_add_string(text, command->name);
    for (const struct arg *arg = command->args; arg && arg->name; arg++) {
        bool option = arg->name[0] == '-';
        const char *value = help_value_word(arg->type);
        bool list = strcmp(value, "...") == 0;
        text_print(text, arg->required ? " %s%s" : " [%s%s]", arg->name,
                   option || list ? value : "");
    }
}

static void help_add_range(const struct arg *arg, struct text *text)
{
    if (arg->type == ARG_COUNT)
        text_print(text, " (%" PRId64 " to %" PRId64 ")", arg->min, arg->max);
    if (arg->type == ARG_DURATION) {
        char low[32], high[32];
        number_format_duration(arg->min, low, sizeof low);
        number_format_duration(arg->max, high, sizeof high);
        text_print(text, " (%s to %s)", low, high);
    }
    if (arg->type == ARG_CHOICE) {
        for (const char *const *choice = arg->choices; *choice; choice++)
            text_print(text, "%s %s", choice == arg->choices ? ":" : ",", *choice);
    }
}

void help_argument(const struct arg *arg, struct text *title, struct text *about)
{
    text_print(title, "%s%s", arg->name, arg->name[0] == '-' ? help_value_word(arg->type) : "");
    text_add_string(about, arg->help);
    help_add_range(arg, about);
}

static void help_add_arg(const struct arg *arg, size_t columns, struct text *text)
{
    enum { INDENT = 18 };
    struct text title = {0}, about = {0};
    help_argument(arg, &title, &about);
    size_t used = 2 + title.length;
    text_print(text, "  %s%*s", text_string(&title), used < INDENT ? (int)(INDENT - used) : 1, "");
    text_add_wrapped(text, text_string(&about), used < INDENT ? INDENT : used + 1, INDENT, columns);
    text_add_string(text, "\n");
    text_free(&title);
    text_free(&about);
}

void help_command(const struct command *command, size_t columns, struct text *text)
{
    struct text usage = {0};
    help_usage(command, &usage);
    text_add_wrapped(text, text_string(&usage), 0, strlen(command->name) + 1, columns);
    text_add_string(text, "\n\n");
    text_add_wrapped(text, command->summary, 0, 0, columns);
    text_add_string(text, ".\n");
    if (command->details) {
        text_add_wrapped(text, command->details, 0, 0, columns);
        text_add_string(text, "\n");
    }
    if (command->args && command->args->name)
        text_add_string(text, "\n");
    for (const struct arg *arg = command->args; arg && arg->name; arg++)
        help_add_arg(arg, columns, text);
    text_print(text, "\nExample: %s\n", command->example);
    text_free(&usage);
}

// Returns the word by which a group is asked for: the last of its name.
static const char *help_group_word(const char *group)
{
    const char *blank = strrchr(group, ' ');
    return blank ? blank + 1 : group;
}

const char *help_group(const struct command *const *table, const char *word)
{
    for (; *table; table++)
        if (text_is_same(word, (*table)->group) ||
            text_is_same(word, help_group_word((*table)->group)))
            return (*table)->group;
    return NULL;
}

static void help_add_group(const char *before, const char *group, struct text *text)
{
    text_print(text, "%shelp ", before);
    for (const char *c = help_group_word(group); *c; c++)
        text_print(text, "%c", tolower((unsigned char)*c));
}

// Adds "help six, help looking or help controlling".
static void help_add_groups(const struct command *const *table, struct text *text)
{
    const char *before = "", *group = NULL;
    for (; *table; table++) {
        if (group && strcmp(group, (*table)->group) == 0)
            continue;
        if (group) {
            help_add_group(before, group, text);
            before = ", ";
        }
        group = (*table)->group;
    }
    if (group)
        help_add_group(*before ? " or " : "", group, text);
}

static void help_add_entry(const struct command *command, size_t columns, struct text *text)
{
    enum { INDENT = 12 };
    text_print(text, "  %-*s", INDENT - 2, command->name);
    text_add_wrapped(text, command->summary, INDENT, INDENT, columns);
    text_add_string(text, "\n");
}

void help_list(const struct command *const *table, const char *only, size_t columns,
               struct text *text)
{
    const char *group = "";
    struct text footer = {0};
    for (const struct command *const *entry = table; *entry; entry++) {
        if (only && strcmp(only, (*entry)->group) != 0)
            continue;
        if (strcmp(group, (*entry)->group) != 0)
            text_print(text, "%s%s\n", *group ? "\n" : "", (*entry)->group);
        group = (*entry)->group;
        help_add_entry(*entry, columns, text);
    }
    if (!only)
        text_add_string(&footer, "Behind a '&' a command runs in the background; ';' separates "
                                 "commands, '#' begins a comment. ");
    text_add_string(&footer, "help COMMAND tells all about one");
    if (!only) {
        text_add_string(&footer, "; ");
        help_add_groups(table, &footer);
        text_add_string(&footer, " lists a part");
    }
    text_add_string(&footer, ".");
    text_add_string(text, "\n");
    text_add_wrapped(text, text_string(&footer), 0, 0, columns);
    text_add_string(text, "\n");
    text_free(&footer);
}
