// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the manual page, mdoc(7), from the tables that feed --help and `help`. Run by the build.
// Usage: manual DATE, as "November 25, 2026".
#include "base/out.h"
#include "commands/table.h"
#include "shell/help.h"
#include "shell/usage.h"

#include <string.h>

// Adds words so that roff takes none of them for its own.
static void manual_add(struct text *text, const char *words)
{
    for (const char *c = words; *c; c++) {
        if (*c == '\\')
            text_add_string(text, "\\e");
        else if (*c == '-')
            text_add_string(text, "\\-");
        else if (*c == '"')
            text_add_string(text, "\\(dq");
        else
            text_add(text, c, 1);
    }
}

// Adds a word to the line that is `used` bytes long already, or to the next one. Returns the new
// length of the line.
static size_t manual_add_word(struct text *text, const char *word, size_t length, size_t used)
{
    bool fits = used > 0 && used + 1 + length < 78;
    if (used > 0)
        text_add_string(text, fits ? " " : "\n");
    if (!fits && (*word == '.' || *word == '\''))
        text_add_string(text, "\\&");
    text_add(text, word, length);
    return (fits ? used + 1 : 0) + length;
}

// Adds a paragraph: roff wants each sentence to begin a line, and no line longer than 80 bytes.
static void manual_add_prose(struct text *text, const char *words)
{
    struct text escaped = {0};
    manual_add(&escaped, words);
    size_t used = 0, length;
    for (const char *word = text_string(&escaped); *word; word += length + (word[length] != '\0')) {
        length = strcspn(word, " \n");
        used = manual_add_word(text, word, length, used);
        bool ends = length > 0 && strchr(".:;?!", word[length - 1]) && word[length] == ' ';
        if (ends || word[length] == '\n') {
            text_add_string(text, "\n");
            used = 0;
        }
    }
    text_add_string(text, used > 0 ? "\n" : "");
    text_free(&escaped);
}

static void manual_add_item(struct text *text, const char *macro, const char *title)
{
    text_print(text, ".It %s \"%s", macro, *title == '%' ? "\\&" : "");
    manual_add(text, title);
    text_add_string(text, "\"\n");
}

static void manual_add_options(struct text *text)
{
    struct text title = {0};
    text_add_string(text, ".Bl -tag -width Ds\n");
    for (const struct usage_option *option = usage_options; option->letter || option->name;
         option++) {
        text_clear(&title);
        usage_format_option(option, &title);
        manual_add_item(text, "Sy", text_string(&title));
        manual_add_prose(text, option->about);
    }
    text_add_string(text, ".El\n");
    text_free(&title);
}

static void manual_add_arguments(const struct command *command, struct text *text)
{
    if (!command->args || !command->args->name)
        return;
    text_add_string(text, ".Bl -tag -width Ds -compact\n");
    for (const struct arg *arg = command->args; arg->name; arg++) {
        struct text title = {0}, about = {0};
        help_argument(arg, &title, &about);
        manual_add_item(text, "Sy", text_string(&title));
        manual_add_prose(text, text_string(&about));
        text_free(&title);
        text_free(&about);
    }
    text_add_string(text, ".El\n");
}

static void manual_add_command(const struct command *command, struct text *text)
{
    struct text usage = {0};
    help_usage(command, &usage);
    manual_add_item(text, "Ic", text_string(&usage));
    manual_add_prose(text, command->summary);
    if (command->details) {
        text_add_string(text, ".Pp\n");
        manual_add_prose(text, command->details);
    }
    manual_add_arguments(command, text);
    text_add_string(text, ".Pp\nExample:\n.Dl \"");
    manual_add(text, command->example);
    text_add_string(text, "\"\n");
    text_free(&usage);
}

static void manual_add_commands(struct text *text)
{
    const char *group = "";
    for (const struct command *const *entry = command_table; *entry; entry++) {
        if (strcmp(group, (*entry)->group) != 0)
            text_print(text, "%s.Ss %s\n.Bl -tag -width Ds\n", *group ? ".El\n" : "",
                       (*entry)->group);
        group = (*entry)->group;
        manual_add_command(*entry, text);
    }
    text_add_string(text, ".El\n");
}

static void manual_add_statuses(struct text *text)
{
    text_add_string(text, ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n");
    for (const struct usage_status *status = usage_statuses; status->status; status++) {
        manual_add_item(text, "", status->status);
        manual_add_prose(text, status->meaning);
    }
    text_add_string(text, ".El\n");
}

int main(int argc, char **argv)
{
    struct text text = {0};
    text_print(&text, ".Dd %s\n.Dt FORKLAB 1\n.Os\n", argc > 1 ? argv[1] : "");
    text_add_string(&text, ".Sh NAME\n.Nm forklab\n.Nd a laboratory for processes\n.Sh SYNOPSIS\n");
    for (const char *const *form = usage_forms; *form; form++) {
        text_add_string(&text, ".Nm\n.No \"");
        manual_add(&text, *form);
        text_add_string(&text, "\"\n");
    }
    text_add_string(&text, ".Sh DESCRIPTION\n");
    manual_add_prose(&text, usage_about);
    manual_add_options(&text);
    text_add_string(&text, ".Sh COMMANDS\n");
    manual_add_commands(&text);
    text_add_string(&text, ".Sh FILES\n.Bl -tag -width Ds\n"
                           ".It Pa ~/.local/state/forklab/history\n"
                           "What was typed at the prompt; below\n.Ev XDG_STATE_HOME\n"
                           "where that is set.\n.El\n");
    manual_add_statuses(&text);
    text_add_string(&text, ".Sh SEE ALSO\n.Xr fork 2 ,\n.Xr waitpid 2 ,\n.Xr pipe 7 ,\n"
                           ".Xr signal 7\n");
    out_write(text.bytes, text.length);
    text_free(&text);
    return out_flush() ? 0 : 1;
}
