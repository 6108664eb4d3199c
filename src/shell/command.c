// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command.h"

#include "base/die.h"
#include "base/must.h"
#include "base/number.h"
#include "base/signal.h"
#include "jobs/target.h"
#include "shell/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Commands of shells and other tools that are typed out of habit.
static const char *command_synonym(const char *word)
{
    static const char *const synonyms[][2] = {
        {"exit", "quit"}, {"bye", "quit"},    {"logout", "quit"}, {"ps", "jobs"},
        {"ls", "jobs"},   {"pstree", "tree"}, {"top", "watch"},   {"strace", "explain"},
    };
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (text_is_same(word, synonyms[i][0]))
            return synonyms[i][1];
    return NULL;
}

static void command_suggest(const struct command *const *table, const char *word,
                            struct text *error)
{
    struct suggestion suggestion = {.word = command_synonym(word) ? command_synonym(word) : word};
    for (; *table; table++)
        suggest_consider(&suggestion, (*table)->name);
    text_print(error, "%s: no such command; ", text_visible(word));
    if (!suggest_end(&suggestion, error))
        text_print(error, "'help' lists them");
}

// Words that are commands, too, under another name.
static const char *command_alias(const char *word)
{
    return strcmp(word, "exit") == 0 ? "quit" : strcmp(word, "?") == 0 ? "help" : word;
}

const struct command *command_find(const struct command *const *table, const char *word,
                                   struct text *error)
{
    const struct command *found = NULL;
    word = command_alias(word);
    size_t length = strlen(word), fits = 0;
    for (const struct command *const *entry = table; *entry; entry++) {
        if (strcmp((*entry)->name, word) == 0)
            return *entry;
        if (length > 0 && strncmp((*entry)->name, word, length) == 0) {
            found = *entry;
            fits++;
        }
    }
    if (fits == 1)
        return found;
    if (fits == 0) {
        command_suggest(table, word, error);
        return NULL;
    }
    text_print(error, "%s: could be any of", text_visible(word));
    for (const struct command *const *entry = table; *entry; entry++)
        if (strncmp((*entry)->name, word, length) == 0)
            text_print(error, " %s", (*entry)->name);
    return NULL;
}

static bool command_is_option(const struct arg *arg)
{
    return arg->name[0] == '-';
}

// Adds " on", " on, off" or " on, off or solo"; with `more`, something comes behind the last.
static void command_add_choices(const struct arg *arg, bool more, struct text *text)
{
    for (size_t i = 0; arg->choices && arg->choices[i]; i++) {
        bool is_last = !arg->choices[i + 1] && !more;
        text_print(text, "%s %s", i == 0 ? "" : is_last ? " or" : ",", arg->choices[i]);
    }
}

// What a wrong value should have been: "must be a count from 1 to 10000".
static void command_say_allowed(const struct arg *arg, struct text *text)
{
    char low[32], high[32];
    switch (arg->type) {
    case ARG_COUNT:
        text_print(text, "must be a count from %" PRId64 " to %" PRId64, arg->min, arg->max);
        break;
    case ARG_DURATION:
        number_format_duration(arg->min, low, sizeof low);
        number_format_duration(arg->max, high, sizeof high);
        text_print(text, "must be a duration from %s to %s, as in 250ms, 1.5s or 1m", low, high);
        break;
    case ARG_SIGNAL:
        text_print(text, "must be a signal, by name or from 1 to %d", SIGNAL_LAST);
        break;
    case ARG_CHOICE:
    case ARG_SWITCH:
        text_add_string(text, "must be");
        command_add_choices(arg, false, text);
        break;
    case ARG_NAME:
        text_add_string(text,
                        "must be a name of 1 to 63 bytes that is no number and does not begin "
                        "with '%' or '-'");
        break;
    case ARG_JOB:
    case ARG_LIVE_JOB:
    case ARG_JOBS:
        text_add_string(text, "must be");
        command_add_choices(arg, true, text);
        text_print(text, "%s a job: %%1, %%2, ..., %%%% or %%-", arg->choices ? " or" : "");
        break;
    case ARG_FLAG:
    case ARG_FILE:
    case ARG_WORD:
    case ARG_TARGETS:
    case ARG_ALL_TARGETS:
    case ARG_WORDS:
    case ARG_COMMAND:
        text_add_string(text, "must be given");
        break;
    }
}

static bool command_find_choice(const struct arg *arg, const char *word, int64_t *index)
{
    for (size_t i = 0; arg->choices && arg->choices[i]; i++) {
        if (strcmp(arg->choices[i], word) == 0) {
            *index = (int64_t)i;
            return true;
        }
    }
    return false;
}

// Puts one word where it belongs. False when it does not fit the argument.
static bool command_set_value(const struct arg *arg, char *args, const char *word)
{
    int64_t *number = (int64_t *)(void *)(args + arg->field);
    const char **string = (const char **)(void *)(args + arg->field);
    int64_t ignored;
    switch (arg->type) {
    case ARG_FLAG:
        *(bool *)(args + arg->field) = true;
        return true;
    case ARG_COUNT:
        return number_parse_count(word, arg->min, arg->max, number);
    case ARG_DURATION:
        return number_parse_duration(word, arg->min, arg->max, number);
    case ARG_SIGNAL:
        *number = signal_number(word);
        return *number > 0;
    case ARG_CHOICE:
        return command_find_choice(arg, word, number);
    case ARG_SWITCH:
        if (word && !command_find_choice(arg, word, number))
            return false;
        *number = word ? *number + 2 : 1;
        return true;
    case ARG_NAME:
        *string = word;
        return target_name_is_fit(word);
    case ARG_JOB:
    case ARG_LIVE_JOB:
        *string = word;
        return command_find_choice(arg, word, &ignored) || target_is_job(word);
    case ARG_JOBS:
        return target_is_job(word);
    case ARG_FILE:
    case ARG_WORD:
        *string = word;
        return word[0] != '\0';
    case ARG_TARGETS:
    case ARG_ALL_TARGETS:
    case ARG_WORDS:
    case ARG_COMMAND:
        break;
    }
    return false;
}

// Whether it takes as many words as there are, between options, too.
static bool command_takes_targets(const struct arg *arg)
{
    return arg->type == ARG_TARGETS || arg->type == ARG_ALL_TARGETS || arg->type == ARG_JOBS;
}

// Whether it takes all the words that are left.
static bool command_takes_rest(const struct arg *arg)
{
    return arg->type == ARG_WORDS || arg->type == ARG_COMMAND;
}

// One run over the words of a call.
struct parse {
    const struct command *command;
    char **words;
    size_t count;
    size_t next;
    char *args;
    bool given[32]; // by index of the argument
    struct text *error;
};

static bool command_refuse_value(struct parse *parse, const struct arg *arg, const char *word)
{
    text_print(parse->error, "%s %s", arg->name, word ? "" : "has no value: it ");
    command_say_allowed(arg, parse->error);
    if (word)
        text_print(parse->error, ", not '%s'", text_visible(word));
    return false;
}

static bool command_take(struct parse *parse, const struct arg *arg, const char *word)
{
    size_t index = (size_t)(arg - parse->command->args);
    BUG_IF(index >= sizeof parse->given);
    if (parse->given[index]) {
        text_print(parse->error, "%s is given twice", arg->name);
        return false;
    }
    parse->given[index] = true;
    if (!word && arg->type != ARG_FLAG && arg->type != ARG_SWITCH)
        return command_refuse_value(parse, arg, NULL);
    return command_set_value(arg, parse->args, word) || command_refuse_value(parse, arg, word);
}

static const struct arg *command_find_option(const struct command *command, const char *word,
                                             size_t length)
{
    for (const struct arg *arg = command->args; arg && arg->name; arg++)
        if (command_is_option(arg) && strlen(arg->name) == length &&
            strncmp(arg->name, word, length) == 0)
            return arg;
    return NULL;
}

// Returns the option whose value may stand in its place, as -KILL or -9; NULL if there is none.
static const struct arg *command_signal_option(const struct command *command)
{
    for (const struct arg *arg = command->args; arg && arg->name; arg++)
        if (command_is_option(arg) && arg->type == ARG_SIGNAL)
            return arg;
    return NULL;
}

static bool command_refuse_option(struct parse *parse, const char *word, size_t length)
{
    const struct command *command = parse->command;
    const struct arg *signal = command_signal_option(command);
    char *name = must_strndup(word, length);
    struct suggestion suggestion = {.word = name};
    // -FOO is rather meant to be a signal than --for.
    bool is_signal = signal && word[1] != '-';
    if (is_signal && word[1] >= '0' && word[1] <= '9') {
        text_print(parse->error, "%s is no signal: it ", text_visible(word));
        command_say_allowed(signal, parse->error);
    } else {
        for (const struct arg *arg = command->args; arg && arg->name && !is_signal; arg++)
            if (command_is_option(arg))
                suggest_consider(&suggestion, arg->name);
        text_print(parse->error, "%s: no such option; ", text_visible(word));
        if (!suggest_end(&suggestion, parse->error))
            text_print(parse->error, "'help %s' lists them", command->name);
    }
    free(name);
    return false;
}

// Takes the next word as the value of an option, or returns NULL: there is none, or it is none of
// the choices of an option that need not have one.
static const char *command_next_value(struct parse *parse, const struct arg *arg)
{
    int64_t ignored;
    if (parse->next == parse->count)
        return NULL;
    const char *word = parse->words[parse->next];
    if (arg->type == ARG_SWITCH && !command_find_choice(arg, word, &ignored))
        return NULL;
    parse->next++;
    return word;
}

// Takes an option: --name, --name VALUE, --name=VALUE or -SIGNAL.
static bool command_parse_option(struct parse *parse, const char *word)
{
    size_t length = strcspn(word, "=");
    const struct arg *arg = command_find_option(parse->command, word, length);
    if (!arg) {
        arg = command_signal_option(parse->command);
        return arg && signal_number(word + 1) > 0 ? command_take(parse, arg, word + 1)
                                                  : command_refuse_option(parse, word, length);
    }
    if (arg->type == ARG_FLAG) {
        if (word[length] == '=') {
            text_print(parse->error, "%s takes no value", arg->name);
            return false;
        }
        return command_take(parse, arg, NULL);
    }
    if (word[length] == '=')
        return command_take(parse, arg, word + length + 1);
    return command_take(parse, arg, command_next_value(parse, arg));
}

// True for what is an option, and not a negative number in the place of a count.
static bool command_looks_like_option(const struct parse *parse, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    return word[1] < '0' || word[1] > '9' || command_signal_option(parse->command);
}

static const struct arg *command_next_place(const struct arg *arg)
{
    while (arg && arg->name && command_is_option(arg))
        arg++;
    return arg && arg->name ? arg : NULL;
}

static void command_add_to_list(const struct arg *arg, char *args, char **word)
{
    struct words *list = (struct words *)(void *)(args + arg->field);
    list->all = list->all ? list->all : word;
    list->count++;
}

// Moves word `from` to place `to`, so that the words of a list stand side by side behind options.
static void command_move_word(char **words, size_t from, size_t to)
{
    char *word = words[from];
    memmove(words + to + 1, words + to, (from - to) * sizeof *words);
    words[to] = word;
}

// Says what the command takes instead: "unexpected argument '5': spawn takes N and SIZE".
static bool command_refuse_place(struct parse *parse, const char *word)
{
    const struct command *command = parse->command;
    const struct arg *last = NULL;
    const char *before = " ";
    text_print(parse->error, "unexpected argument '%s': %s takes", text_visible(word),
               command->name);
    for (const struct arg *arg = command_next_place(command->args); arg;
         arg = command_next_place(arg + 1)) {
        if (last)
            text_print(parse->error, "%s%s", before, last->name);
        before = last ? ", " : " ";
        last = arg;
    }
    if (last)
        text_print(parse->error, "%s%s", *before == ',' ? " and " : before, last->name);
    else
        text_add_string(parse->error,
                        command->args && command->args->name ? " only options" : " none");
    return false;
}

static bool command_parse_place(struct parse *parse, const struct arg **place, size_t *list_end)
{
    size_t index = parse->next++;
    const struct arg *arg = *place;
    if (!arg)
        return command_refuse_place(parse, parse->words[index]);
    if (arg->type == ARG_JOBS && !target_is_job(parse->words[index]))
        return command_refuse_value(parse, arg, parse->words[index]);
    parse->given[arg - parse->command->args] |=
        command_takes_targets(arg) || command_takes_rest(arg);
    if (command_takes_targets(arg)) {
        if (*list_end != SIZE_MAX && *list_end != index)
            command_move_word(parse->words, index, *list_end);
        else if (*list_end == SIZE_MAX)
            *list_end = index;
        command_add_to_list(arg, parse->args, &parse->words[*list_end]);
        ++*list_end;
        return true;
    }
    *place = command_next_place(arg + 1);
    return command_take(parse, arg, parse->words[index]);
}

static bool command_parse_words(struct parse *parse)
{
    const struct arg *place = command_next_place(parse->command->args);
    size_t list_end = SIZE_MAX;
    while (parse->next < parse->count) {
        const char *word = parse->words[parse->next];
        if (place && command_takes_rest(place)) {
            parse->given[place - parse->command->args] = true;
            while (parse->next < parse->count)
                command_add_to_list(place, parse->args, &parse->words[parse->next++]);
        } else if (command_looks_like_option(parse, word)) {
            parse->next++;
            if (!command_parse_option(parse, word))
                return false;
        } else if (!command_parse_place(parse, &place, &list_end)) {
            return false;
        }
    }
    return true;
}

static bool command_is_number(const struct arg *arg)
{
    return arg->type == ARG_COUNT || arg->type == ARG_DURATION || arg->type == ARG_SIGNAL ||
           arg->type == ARG_CHOICE || arg->type == ARG_SWITCH;
}

// "N is missing: it must be a count from 1 to 10000"
static void command_say_missing(const struct arg *arg, struct text *text)
{
    bool is_bounded = !command_takes_rest(arg) && !command_takes_targets(arg) &&
                      arg->type != ARG_FILE && arg->type != ARG_WORD;
    text_print(text, "%s is missing%s", arg->name, is_bounded ? ": it " : "");
    if (is_bounded)
        command_say_allowed(arg, text);
}

// Puts the standard values in, and finds out what is missing.
static bool command_complete_args(struct parse *parse)
{
    for (const struct arg *arg = parse->command->args; arg && arg->name; arg++) {
        if (parse->given[arg - parse->command->args])
            continue;
        if (arg->required) {
            command_say_missing(arg, parse->error);
            return false;
        }
        if (command_is_number(arg))
            *(int64_t *)(void *)(parse->args + arg->field) = arg->standard;
    }
    return true;
}

// Returns how many places come before the one that takes all the rest.
static size_t command_places(const struct command *command)
{
    size_t places = 0;
    for (const struct arg *arg = command_next_place(command->args); arg;
         arg = command_next_place(arg + 1), places++)
        if (command_takes_rest(arg))
            return places;
    return SIZE_MAX;
}

bool command_asks_help(const struct command *command, char **words, size_t count)
{
    size_t places = command_places(command);
    for (size_t i = 0; i < count && i < places; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

void *command_parse(const struct command *command, char **words, size_t count, struct text *error)
{
    struct parse parse = {.command = command,
                          .words = words,
                          .count = count,
                          .args = must_calloc(1, command->args_size),
                          .error = error};
    if (command_parse_words(&parse) && command_complete_args(&parse))
        return parse.args;
    free(parse.args);
    return NULL;
}
