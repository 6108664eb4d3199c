// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/help.h"

#include "base/number.h"
#include "shell/context.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

// Lines longer than this are hard to read, however wide the terminal is.
enum { WIDEST = 80 };

size_t help_columns(void)
{
    size_t columns = context_columns();
    return columns == 0 || columns > WIDEST ? WIDEST : columns;
}

// The word that stands for an option's value.
static const char *help_value_word(enum arg_type type)
{
    static const char *const words[] = {
        [ARG_FLAG] = "",          [ARG_COUNT] = " N",        [ARG_DURATION] = " T",
        [ARG_SIGNAL] = " SIGNAL", [ARG_CHOICE] = " WHAT",    [ARG_SWITCH] = " [WHAT]",
        [ARG_NAME] = " NAME",     [ARG_FILE] = " FILE",      [ARG_WORD] = " WORD",
        [ARG_JOB] = " %J",        [ARG_LIVE_JOB] = " %J",    [ARG_JOBS] = "...",
        [ARG_TARGETS] = "...",    [ARG_ALL_TARGETS] = "...", [ARG_WORDS] = "...",
        [ARG_COMMAND] = "...",
    };
    return words[type];
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

// Writes the value that a number has when it is left out; nothing when that is no value at all.
static void help_add_standard(const struct arg *arg, struct text *text)
{
    char duration[32];
    bool is_within = arg->standard >= arg->min && arg->standard <= arg->max;
    if (arg->required)
        return;
    if (arg->standard_is)
        text_print(text, ", default %s", arg->standard_is);
    else if (arg->type == ARG_COUNT && is_within)
        text_print(text, ", default %" PRId64, arg->standard);
    else if (arg->type == ARG_CHOICE && arg->standard >= 0)
        text_print(text, "; default %s", arg->choices[arg->standard]);
    else if (arg->type == ARG_DURATION && is_within) {
        number_format_duration(arg->standard, duration, sizeof duration);
        text_print(text, ", default %s", duration);
    }
}

// Adds what values there are, and the default, in brackets: " (1 to 100, default 2)".
static void help_add_range(const struct arg *arg, struct text *text)
{
    struct text range = {0};
    char low[32], high[32];
    if (arg->type == ARG_COUNT) {
        text_print(&range, ", %" PRId64 " to %" PRId64, arg->min, arg->max);
    } else if (arg->type == ARG_DURATION) {
        number_format_duration(arg->min, low, sizeof low);
        number_format_duration(arg->max, high, sizeof high);
        text_print(&range, ", %s to %s", low, high);
    } else if (arg->type == ARG_CHOICE || arg->type == ARG_SWITCH || arg->endings) {
        const char *const *words = arg->endings ? arg->endings : arg->choices;
        for (size_t i = 0; words[i]; i++)
            text_print(&range, ", %s", words[i]);
    }
    help_add_standard(arg, &range);
    if (range.length > 0)
        text_print(text, " (%s)", text_string(&range) + strlen(", "));
    text_free(&range);
}

// Adds `about` behind a `name`, both behind `margin` blanks.
static void help_add_entry(size_t margin, const char *name, const char *about, size_t indent,
                           size_t columns, struct text *text)
{
    size_t used = margin + text_columns(name);
    text_print(text, "%*s%s%*s", (int)margin, "", name, used < indent ? (int)(indent - used) : 1,
               "");
    text_add_wrapped(text, about, used < indent ? indent : used + 1, indent, columns);
    text_add_string(text, "\n");
}

void help_argument(const struct arg *arg, struct text *title, struct text *about)
{
    text_print(title, "%s%s", arg->name, arg->name[0] == '-' ? help_value_word(arg->type) : "");
    text_add_string(about, arg->help);
    help_add_range(arg, about);
}

static void help_add_arg(const struct arg *arg, size_t columns, struct text *text)
{
    enum { INDENT = 18, MEANING = 14 };
    struct text title = {0}, about = {0};
    help_argument(arg, &title, &about);
    help_add_entry(2, text_string(&title), text_string(&about), INDENT, columns, text);
    const char *const *words = arg->choices ? arg->choices : arg->endings;
    for (size_t i = 0; arg->meanings && words[i]; i++)
        help_add_entry(4, words[i], arg->meanings[i], MEANING, columns, text);
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

// Adds the names of the commands of a group, from `entry` on. Returns the first of the next group.
static const struct command *const *help_add_names(const struct command *const *entry,
                                                   size_t columns, struct text *text)
{
    enum { INDENT = 13 };
    const char *group = (*entry)->group;
    struct text names = {0};
    for (; *entry && strcmp((*entry)->group, group) == 0; entry++)
        text_print(&names, "%s%s", names.length > 0 ? " " : "", (*entry)->name);
    help_add_entry(0, group, text_string(&names), INDENT, columns, text);
    text_free(&names);
    return entry;
}

static void help_add_paragraph(const char *words, size_t columns, struct text *text)
{
    text_add_wrapped(text, words, 0, 0, columns);
    text_add_string(text, "\n");
}

void help_page(const struct command *const *table, size_t columns, struct text *text)
{
    struct text more = {0};
    for (const struct command *const *entry = table; *entry;)
        entry = help_add_names(entry, columns, text);
    text_add_string(text, "\n");
    text_add_string(&more, "help COMMAND tells all about one; ");
    help_add_groups(table, &more);
    text_add_string(&more, " what those of a group do, help all what each does.");
    help_add_paragraph(text_string(&more), columns, text);
    help_add_paragraph("Begin with 'spawn 6', then 'explain' and 'timeline'; or with a "
                       "lesson, 'lesson race'. Behind '&' a command "
                       "runs in the background; ';' separates commands; Tab completes, and says "
                       "what belongs there.",
                       columns, text);
    text_free(&more);
}

void help_list(const struct command *const *table, const char *only, size_t columns,
               struct text *text)
{
    enum { INDENT = 14 };
    const char *group = "";
    struct text footer = {0};
    for (const struct command *const *entry = table; *entry; entry++) {
        if (only && strcmp(only, (*entry)->group) != 0)
            continue;
        if (strcmp(group, (*entry)->group) != 0)
            text_print(text, "%s%s\n", *group ? "\n" : "", (*entry)->group);
        group = (*entry)->group;
        help_add_entry(2, (*entry)->name, (*entry)->summary, INDENT, columns, text);
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
