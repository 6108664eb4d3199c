// SPDX-License-Identifier: GPL-3.0-or-later
// Prints the completion of forklab's command line for a shell, from the tables that feed --help and
// `help`. Run by the build. Usage: completion bash|zsh|fish.
#include "base/out.h"
#include "commands/table.h"
#include "shell/usage.h"

#include <string.h>

// Adds words within single quotes of a shell.
static void completion_add_quoted(struct text *text, const char *words)
{
    for (const char *c = words; *c; c++)
        text_add_string(text, *c == '\'' ? "'\\''" : (char[]){*c, '\0'});
}

static void completion_add_names(struct text *text)
{
    for (const struct command *const *entry = command_table; *entry; entry++)
        text_print(text, "%s%s", entry == command_table ? "" : " ", (*entry)->name);
}

static void completion_write_bash(struct text *text)
{
    text_add_string(text, "# Completion of forklab for bash.\n_forklab()\n{\n"
                          "    local word=${COMP_WORDS[COMP_CWORD]} "
                          "before=${COMP_WORDS[COMP_CWORD-1]}\n"
                          "    COMPREPLY=()\n"
                          "    case $before in\n    -c)\n        COMPREPLY=($(compgen -W '");
    completion_add_names(text);
    text_add_string(text, "' -- \"$word\"))\n        return ;;\n"
                          "    esac\n"
                          "    if [[ $before == --color || $before == = ]]; then\n"
                          "        COMPREPLY=($(compgen -W 'auto always never' -- \"${word#=}\"))\n"
                          "    elif [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (const struct usage_option *option = usage_options; option->letter || option->name;
         option++) {
        if (option->letter)
            text_print(text, "-%c ", option->letter);
        if (option->name)
            text_print(text, "--%s%s ", option->name, option->value ? "=" : "");
    }
    text_add_string(text, "' -- \"$word\"))\n"
                          "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
                          "    else\n        compopt -o filenames\n"
                          "        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n"
                          "complete -F _forklab forklab\n");
}

static void completion_write_zsh(struct text *text)
{
    text_add_string(text, "#compdef forklab\n# Completion of forklab for zsh.\n"
                          "local -a commands\ncommands=(\n");
    for (const struct command *const *entry = command_table; *entry; entry++) {
        text_print(text, "    '%s:", (*entry)->name);
        completion_add_quoted(text, (*entry)->summary);
        text_add_string(text, "'\n");
    }
    text_add_string(text, ")\n_arguments \\\n");
    for (const struct usage_option *option = usage_options; option->letter || option->name;
         option++) {
        const char *action = option->letter == 'c' ? ":command:{_describe command commands}"
                             : option->value       ? ":when:(auto always never)"
                                                   : "";
        if (option->letter) {
            text_print(text, "    '%s-%c[", option->letter == 'c' ? "*" : "", option->letter);
            completion_add_quoted(text, option->about);
            text_print(text, "]%s' \\\n", action);
        }
        if (option->name) {
            text_print(text, "    '--%s%s[", option->name, option->value ? "=" : "");
            completion_add_quoted(text, option->about);
            text_print(text, "]%s' \\\n", action);
        }
    }
    text_add_string(text, "    '1:script:_files'\n");
}

static void completion_write_fish(struct text *text)
{
    text_add_string(text, "# Completion of forklab for fish.\n");
    for (const struct usage_option *option = usage_options; option->letter || option->name;
         option++) {
        text_add_string(text, "complete -c forklab");
        if (option->letter)
            text_print(text, " -s %c", option->letter);
        if (option->name)
            text_print(text, " -l %s", option->name);
        if (option->letter == 'c') {
            text_add_string(text, " -x -a '");
            completion_add_names(text);
            text_add_string(text, "'");
        } else if (option->value) {
            text_add_string(text, " -x -a 'auto always never'");
        }
        text_add_string(text, " -d '");
        completion_add_quoted(text, option->about);
        text_add_string(text, "'\n");
    }
}

int main(int argc, char **argv)
{
    struct text text = {0};
    const char *shell = argc > 1 ? argv[1] : "";
    if (strcmp(shell, "bash") == 0)
        completion_write_bash(&text);
    else if (strcmp(shell, "zsh") == 0)
        completion_write_zsh(&text);
    else if (strcmp(shell, "fish") == 0)
        completion_write_fish(&text);
    bool known = text.length > 0;
    out_write(text_string(&text), text.length);
    text_free(&text);
    return known && out_flush() ? 0 : 1;
}
