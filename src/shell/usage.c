// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/usage.h"

#include "shell/readline.h"

#include <gnu/libc-version.h>
#include <stddef.h>

#ifdef __clang__
#define USAGE_COMPILER ""
#else
#define USAGE_COMPILER "GCC"
#endif

const struct usage_option usage_options[] = {
    {'c', NULL, "COMMANDS", "runs these commands; may be given more than once"},
    {'x', NULL, NULL, "echoes each command before it runs, behind '+ '"},
    {'k', NULL, NULL, "keeps going after a command that failed"},
    {'q', NULL, NULL, "prints neither summaries nor notices"},
    {0, "json", NULL,
     "writes one JSON object a line to stdout, and nothing else; errors go to stderr, too. Without "
     "FILE or -c it reads stdin, unprompted"},
    {0, "color", "WHEN", "auto, always or never"},
    {'h', "help", NULL, "prints this"},
    {'V', "version", NULL, "prints the version, and what was built in"},
    {0},
};

const char *const usage_forms[] = {
    "[-c COMMANDS]... [-x] [-k] [-q] [--json] [--color=WHEN] [FILE | -]",
    "-h | --help | -V | --version",
    NULL,
};

const struct usage_status usage_statuses[] = {
    {"0", "every command succeeded, and all output was written"},
    {"1", "a command failed"},
    {"2", "a command or an option could not be understood"},
    {"3", "the output could not be written"},
    {"128+N", "signal N ended it"},
    {"N", "'quit N'"},
    {0},
};

const char usage_about[] =
    "A laboratory for processes: forks real workers and shows what becomes of them. On a terminal "
    "it prompts; otherwise it runs the commands of FILE, of -c, or of stdin. Type 'help' at the "
    "prompt for the commands.";

void usage_format_option(const struct usage_option *option, struct text *text)
{
    if (option->letter)
        text_print(text, "-%c", option->letter);
    if (option->letter && option->name)
        text_add_string(text, ", ");
    if (option->name)
        text_print(text, "--%s", option->name);
    if (option->value)
        text_print(text, "%s%s", option->name ? "=" : " ", option->value);
}

static void usage_add_entry(const char *title, const char *about, size_t columns, struct text *text)
{
    enum { INDENT = 17 };
    text_print(text, "  %-*s", INDENT - 2, title);
    text_add_wrapped(text, about, INDENT, INDENT, columns);
    text_add_string(text, "\n");
}

void usage_write(size_t columns, struct text *text)
{
    struct text title = {0};
    for (const char *const *form = usage_forms; *form; form++) {
        text_add_string(text, form == usage_forms ? "usage: forklab " : "       forklab ");
        text_add_wrapped(text, *form, 15, 15, columns);
        text_add_string(text, "\n");
    }
    text_add_string(text, "\n");
    text_add_wrapped(text, usage_about, 0, 0, columns);
    text_add_string(text, "\n\n");
    for (const struct usage_option *option = usage_options; option->letter || option->name;
         option++) {
        text_clear(&title);
        usage_format_option(option, &title);
        usage_add_entry(text_string(&title), option->about, columns, text);
    }
    text_add_string(text, "\nExit status:\n");
    for (const struct usage_status *status = usage_statuses; status->status; status++)
        usage_add_entry(status->status, status->meaning, columns, text);
    text_free(&title);
}

void usage_write_version(struct text *text)
{
    readline_load();
    text_print(text,
               "forklab " FORKLAB_VERSION "\n"
               "readline %s, glibc %s; built by " USAGE_COMPILER " " __VERSION__ "\n"
               "features: lessons race svg html trace csv ndjson json\n",
               rl_library_version, gnu_get_libc_version());
}
