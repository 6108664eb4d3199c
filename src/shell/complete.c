// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/complete.h"

#include "base/must.h"
#include "base/signal.h"
#include "jobs/job.h"
#include "jobs/target.h"
#include "shell/line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void complete_offer(struct candidates *candidates, const char *word, const char *about,
                           const char *typed)
{
    if (strncmp(word, typed, strlen(typed)) != 0 || !text_is_visible(word))
        return;
    candidates->all = must_realloc(candidates->all, candidates->count + 1, sizeof *candidates->all);
    candidates->all[candidates->count++] =
        (struct candidate){must_strdup(word), must_strdup(about ? about : "")};
}

void complete_free(struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        free(candidates->all[i].word);
        free(candidates->all[i].about);
    }
    free(candidates->all);
    *candidates = (struct candidates){0};
}

static void complete_offer_commands(const struct command *const *table, const char *typed,
                                    struct candidates *candidates)
{
    for (; *table; table++)
        complete_offer(candidates, (*table)->name, (*table)->summary, typed);
    if (typed[0] == 'e') // the other name of quit
        complete_offer(candidates, "exit", "leaves forklab, as quit does", typed);
}

// `meanings` says what each of them is, or is NULL.
static void complete_offer_choices(const char *const *choices, const char *const *meanings,
                                   const char *typed, struct candidates *candidates)
{
    for (size_t i = 0; choices && choices[i]; i++)
        complete_offer(candidates, choices[i], meanings ? meanings[i] : NULL, typed);
}

// %% and %-, once it is clear that a job is meant.
static void complete_offer_youngest(const char *typed, struct candidates *candidates)
{
    static const char *const words[] = {"%%", "%-"};
    for (size_t i = 0; i < 2 && typed[0] == '%'; i++) {
        struct text error = {0};
        const struct job *job = target_job(words[i], &error);
        if (job)
            complete_offer(candidates, words[i], text_visible(job->title), typed);
        text_free(&error);
    }
}

static void complete_offer_jobs(bool done_too, const char *typed, struct candidates *candidates)
{
    for (struct job *job = jobs_first(); job; job = job->next) {
        char word[16];
        snprintf(word, sizeof word, "%%%u", job->id);
        if (done_too || !job->done)
            complete_offer(candidates, word, text_visible(job->title), typed);
    }
    complete_offer_youngest(typed, candidates);
}

static bool complete_suits(const struct worker *worker, bool ended_too)
{
    return ended_too || worker_lives(worker);
}

static void complete_offer_workers(bool ended_too, const char *typed, struct candidates *candidates)
{
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++) {
            char target[TARGET_ROOM], state[64], about[128];
            if (!complete_suits(job->workers[i], ended_too))
                continue;
            target_format(job->workers[i], target, sizeof target);
            worker_state(job->workers[i], state, sizeof state);
            snprintf(about, sizeof about, "%s, %s", target, state);
            complete_offer(candidates, job->workers[i]->name, about, typed);
        }
    }
}

// %J.I, once %J is typed.
static void complete_offer_workers_of(const struct job *job, bool ended_too, const char *typed,
                                      struct candidates *candidates)
{
    size_t length = strcspn(typed, ".");
    for (size_t i = 0; i < job->count; i++) {
        char target[TARGET_ROOM], word[2 * TARGET_ROOM], state[64], about[192];
        if (!complete_suits(job->workers[i], ended_too))
            continue;
        target_format(job->workers[i], target, sizeof target);
        worker_state(job->workers[i], state, sizeof state);
        snprintf(word, sizeof word, "%.*s%s", (int)length, typed, strchr(target, '.'));
        snprintf(about, sizeof about, "%s, %s", job->workers[i]->name, state);
        complete_offer(candidates, word, about, typed);
    }
}

static void complete_offer_targets(bool ended_too, const char *typed, struct candidates *candidates)
{
    complete_offer_workers(ended_too, typed, candidates);
    complete_offer_jobs(ended_too, typed, candidates);
    struct text error = {0};
    size_t length = strcspn(typed, ".");
    char *word = must_strndup(typed, length);
    const struct job *job = typed[0] == '%' && length < TARGET_ROOM && target_is_job(word)
                                ? target_job(word, &error)
                                : NULL;
    if (job)
        complete_offer_workers_of(job, ended_too, typed, candidates);
    free(word);
    text_free(&error);
}

static const struct arg *complete_arg_named(const struct command *command, const char *name)
{
    for (const struct arg *arg = command->args; arg && arg->name; arg++)
        if (strcmp(arg->name, name) == 0)
            return arg;
    return NULL;
}

// Whether the value of an option with an optional one may be this word.
static bool complete_is_value(const char *word)
{
    return word[0] != '-' && !isdigit((unsigned char)word[0]);
}

// How many of the words are no options, and no values of options.
static size_t complete_count_places(const struct command *command, char **words, size_t count)
{
    size_t places = 0;
    for (size_t i = 0; i < count; i++) {
        // --option, --option VALUE, --option=VALUE or -SIGNAL.
        const struct arg *option =
            words[i][0] == '-' ? complete_arg_named(command, words[i]) : NULL;
        if (words[i][0] != '-')
            places++;
        else if (option && option->type == ARG_SWITCH)
            i += i + 1 < count && complete_is_value(words[i + 1]);
        else if (option && option->type != ARG_FLAG)
            i++;
    }
    return places;
}

static bool complete_takes_all(const struct arg *arg)
{
    return arg->type == ARG_TARGETS || arg->type == ARG_ALL_TARGETS || arg->type == ARG_JOBS ||
           arg->type == ARG_WORDS || arg->type == ARG_COMMAND;
}

// Returns the argument at the place behind so many others, or NULL.
static const struct arg *complete_place(const struct command *command, size_t places)
{
    for (const struct arg *arg = command->args; arg && arg->name; arg++) {
        if (arg->name[0] == '-')
            continue;
        if (places == 0 || complete_takes_all(arg))
            return arg;
        places--;
    }
    return NULL;
}

// Returns the argument that the word behind `words` is for: the value of the option just before, or
// the next place.
static const struct arg *complete_arg_at(const struct command *command, char **words, size_t count)
{
    const struct arg *before = count > 0 ? complete_arg_named(command, words[count - 1]) : NULL;
    if (before && before->name[0] == '-' && before->type != ARG_FLAG)
        return before;
    return complete_place(command, complete_count_places(command, words, count));
}

// Signals, with or without SIG, behind `prefix`.
static void complete_offer_signals(const char *prefix, const char *typed,
                                   struct candidates *candidates)
{
    size_t length = strlen(prefix);
    bool whole = strncmp(typed + length, "SIG", 3) == 0;
    for (int number = 1; number <= SIGNAL_LAST; number++) {
        char word[32];
        snprintf(word, sizeof word, "%s%s", prefix, signal_name(number) + (whole ? 0 : 3));
        char about[16];
        snprintf(about, sizeof about, "%d", number);
        complete_offer(candidates, word, about, typed);
    }
}

// -SIGNAL is offered once its first letter says that no option is meant.
static void complete_offer_options(const struct command *command, const char *typed,
                                   struct candidates *candidates)
{
    for (const struct arg *arg = command->args; arg && arg->name; arg++) {
        if (arg->name[0] != '-')
            continue;
        complete_offer(candidates, arg->name, arg->help, typed);
        if (arg->type == ARG_SIGNAL && typed[1] >= 'A' && typed[1] <= 'Z')
            complete_offer_signals("-", typed, candidates);
    }
    complete_offer(candidates, "--help", "tells all about the command", typed);
}

// How much of an ending is there already, from its dot on.
static size_t complete_begun(const char *const *endings, const char *dot)
{
    for (; *endings; endings++)
        if (strncasecmp(*endings, dot, strlen(dot)) == 0)
            return strlen(dot);
    return 0;
}

// A file's name with what it may end in, in either case, once there is something of a name.
static void complete_offer_endings(const struct arg *arg, const char *typed,
                                   struct candidates *candidates)
{
    const char *slash = strrchr(typed, '/'), *name = slash ? slash + 1 : typed;
    const char *dot = strrchr(name, '.');
    size_t begun = dot && dot > name ? complete_begun(arg->endings, dot) : 0;
    for (size_t i = 0; *name && arg->endings[i]; i++) {
        struct text word = {0};
        if (begun > 0 && strncasecmp(arg->endings[i], dot, begun) != 0)
            continue;
        text_print(&word, "%s%s", typed, arg->endings[i] + begun);
        complete_offer(candidates, text_string(&word), arg->meanings ? arg->meanings[i] : NULL,
                       typed);
        text_free(&word);
    }
}

static void complete_offer_values(const struct command *const *table, const struct arg *arg,
                                  const char *typed, struct candidates *candidates)
{
    switch (arg->type) {
    case ARG_CHOICE:
    case ARG_SWITCH:
        complete_offer_choices(arg->choices, arg->meanings, typed, candidates);
        break;
    case ARG_TARGETS:
    case ARG_ALL_TARGETS:
        complete_offer_targets(arg->type == ARG_ALL_TARGETS, typed, candidates);
        break;
    case ARG_JOB:
    case ARG_JOBS:
    case ARG_LIVE_JOB:
        complete_offer_choices(arg->choices, arg->meanings, typed, candidates);
        complete_offer_jobs(arg->type != ARG_LIVE_JOB, typed, candidates);
        break;
    case ARG_FILE:
        complete_offer_choices(arg->choices, arg->meanings, typed, candidates);
        if (arg->endings)
            complete_offer_endings(arg, typed, candidates);
        candidates->files = true;
        break;
    case ARG_WORD:
        complete_offer_choices(arg->choices, arg->meanings, typed, candidates);
        if (!arg->choices)
            complete_offer_commands(table, typed, candidates);
        break;
    case ARG_COMMAND:
        complete_offer_commands(table, typed, candidates);
        break;
    case ARG_SIGNAL:
        complete_offer_signals("", typed, candidates);
        break;
    case ARG_FLAG:
    case ARG_COUNT:
    case ARG_DURATION:
    case ARG_NAME:
    case ARG_WORDS:
        break;
    }
}

// What --option=VALUE could become: the option stays in front of each of its values.
static void complete_offer_assignments(const struct command *const *table,
                                       const struct command *command, const char *typed,
                                       struct candidates *candidates)
{
    struct candidates values = {0};
    int length = (int)strcspn(typed, "=");
    for (const struct arg *arg = command->args; arg && arg->name; arg++)
        if ((int)strlen(arg->name) == length && strncmp(arg->name, typed, (size_t)length) == 0)
            complete_offer_values(table, arg, typed + length + 1, &values);
    for (size_t i = 0; i < values.count; i++) {
        struct text word = {0};
        text_print(&word, "%.*s=%s", length, typed, values.all[i].word);
        complete_offer(candidates, text_string(&word), values.all[i].about, typed);
        text_free(&word);
    }
    complete_free(&values);
}

static void complete_offer_for(const struct command *const *table, char **words, size_t count,
                               const char *typed, struct candidates *candidates)
{
    struct text error = {0};
    if (strcmp(words[0], "!") == 0) {
        if (count == 1)
            complete_offer_commands(table, typed, candidates);
        else
            complete_offer_for(table, words + 1, count - 1, typed, candidates);
        return;
    }
    const struct command *command = command_find(table, words[0], &error);
    text_free(&error);
    if (!command)
        return;
    const struct arg *arg = complete_arg_at(command, words + 1, count - 1);
    // Behind `repeat N` stands a command of its own.
    if (arg && arg->type == ARG_COMMAND && count > 2) {
        complete_offer_for(table, words + 2, count - 2, typed, candidates);
        return;
    }
    if (typed[0] == '-' && strchr(typed, '='))
        complete_offer_assignments(table, command, typed, candidates);
    else if (typed[0] == '-')
        complete_offer_options(command, typed, candidates);
    if (!arg || typed[0] == '-')
        return;
    candidates->arg = arg;
    const char *const *choices =
        arg->name[0] != '-' && command->offer ? command->offer(words[count - 1]) : NULL;
    complete_offer_choices(choices, NULL, typed, candidates);
    candidates->files |= choices && arg->type == ARG_FILE;
    if (!choices)
        complete_offer_values(table, arg, typed, candidates);
}

// Adds a word for within double quotes, between two of `mark`.
static void complete_add_escaped(struct text *text, const char *word, const char *mark)
{
    text_add_string(text, mark);
    for (; *word; word++)
        text_print(text, "%s%c", strchr("\"\\", *word) ? "\\" : "", *word);
    text_add_string(text, mark);
}

// Writes a word as it has to be typed, behind the quote that `quote` is or, when it is a NUL,
// behind none. NULL when that can't be. An opened quote is closed by readline.
static char *complete_quote_word(const char *word, char quote)
{
    if (quote == '\'')
        return strchr(word, quote) ? NULL : must_strdup(word);
    if (quote == '\0' && !strpbrk(word, " \t\r\n;&'\"\\#"))
        return must_strdup(word);
    struct text text = {0};
    if (quote == '\0' && !strchr(word, '\''))
        text_print(&text, "'%s'", word);
    else
        complete_add_escaped(&text, word, quote ? "" : "\"");
    return text.bytes;
}

static void complete_quote_all(struct candidates *candidates, char quote)
{
    size_t kept = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        struct candidate *candidate = &candidates->all[i];
        char *word = complete_quote_word(candidate->word, quote);
        free(candidate->word);
        if (word)
            candidates->all[kept++] = (struct candidate){word, candidate->about};
        else
            free(candidate->about);
    }
    candidates->count = kept;
}

void complete(const struct command *const *table, const char *line, size_t start, size_t end,
              struct candidates *candidates)
{
    char quote = '\0'; // the one that is open
    if (start > 0 && strchr("'\"", line[start - 1]))
        quote = line[start - 1];
    char *typed = must_strndup(line + start, end - start);
    char *before = must_strndup(line, start - (quote != '\0'));
    struct line parsed = {0};
    struct text error = {0};
    if (line_parse(before, &parsed, &error)) {
        // Behind a ';' or '&' a new command begins.
        size_t length = strlen(before);
        while (length > 0 && before[length - 1] == ' ')
            length--;
        bool begins = length == 0 || before[length - 1] == ';' || before[length - 1] == '&';
        if (begins || parsed.count == 0)
            complete_offer_commands(table, typed, candidates);
        else
            complete_offer_for(table, parsed.parts[parsed.count - 1].words,
                               parsed.parts[parsed.count - 1].count, typed, candidates);
    }
    complete_quote_all(candidates, quote);
    line_free(&parsed);
    text_free(&error);
    free(before);
    free(typed);
}
