// SPDX-License-Identifier: GPL-3.0-or-later
// code: the program that does what a command does, in Python or in C.
#include "commands/table.h"

#include "base/die.h"
#include "base/json.h"
#include "base/must.h"
#include "commands/export_file.h"
#include "commands/job_lookup.h"
#include "jobs/job.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/json_output.h"
#include "shell/line.h"
#include "shell/pager.h"
#include "shell/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct code_args {
    struct words what;
    bool python, c;
    const char *file;
    bool overwrite;
};

static const struct arg args[] = {
    {.name = "--python",
     .type = ARG_FLAG,
     .field = offsetof(struct code_args, python),
     .help = "in Python, with its multiprocessing (that is how it is if nothing else is said)"},
    {.name = "--c",
     .type = ARG_FLAG,
     .field = offsetof(struct code_args, c),
     .help = "in C, with the calls of POSIX"},
    {.name = "--save",
     .type = ARG_FILE,
     .field = offsetof(struct code_args, file),
     .help = "writes it to a new file; one that ends in .c is in C"},
    EXPORT_FILE_OVERWRITE(struct code_args),
    {.name = "COMMAND",
     .type = ARG_COMMAND,
     .field = offsetof(struct code_args, what),
     .standard_is = "the last command that started workers",
     .help = "a command with its arguments, which is not run, or a job, %J"},
    {0},
};

// The command that a program is asked for.
struct code_subject {
    struct line line;  // the words of a job's title
    struct text title; // as typed
    char **words;
    size_t count;
};

static bool code_is_save(const char *word)
{
    size_t length = strlen("--save");
    return strncmp(word, "--save", length) == 0 && (word[length] == '\0' || word[length] == '=');
}

// Takes an option from behind COMMAND. False when it is none of ours.
static bool code_take_flag(struct code_args *code_args, const char *word)
{
    bool *flag = strcmp(word, "--python") == 0      ? &code_args->python
                 : strcmp(word, "--c") == 0         ? &code_args->c
                 : strcmp(word, "--overwrite") == 0 ? &code_args->overwrite
                                                    : NULL;
    if (flag)
        *flag = true;
    return flag != NULL;
}

// Takes the options behind COMMAND; what is left are the words of the subject. They are ours: no
// command that starts workers has such. STATUS_OK, or STATUS_MISUSE after it said what is wrong.
static int code_take_words(struct call *call, struct code_args *code_args,
                           struct code_subject *subject)
{
    const struct words *what = &code_args->what;
    subject->words = must_calloc(what->count + 1, sizeof *subject->words);
    for (size_t i = 0; i < what->count; i++) {
        char *word = what->all[i];
        if (code_take_flag(code_args, word))
            continue;
        if (!code_is_save(word)) {
            subject->words[subject->count++] = word;
            continue;
        }
        if (code_args->file)
            return call_misuse(call, "--save is given twice");
        code_args->file = word[strlen("--save")] == '=' ? word + strlen("--save=")
                          : i + 1 < what->count         ? what->all[++i]
                                                        : "";
        if (*code_args->file == '\0')
            return call_misuse(call, "--save has no value: it must be given");
    }
    return STATUS_OK;
}

// The title of a command that was given as words: those with blanks in quotes.
static void code_join_words(struct code_subject *subject)
{
    for (size_t i = 0; i < subject->count; i++) {
        const char *word = subject->words[i];
        const char *quote = strchr(word, '\'') ? "\"" : *word && !strpbrk(word, " \t") ? "" : "'";
        text_print(&subject->title, "%s%s%s%s", i > 0 ? " " : "", quote, word, quote);
    }
}

// Makes a job's command the subject; `word` means it, or is NULL for the last.
static int code_take_job(struct call *call, const char *word, struct code_subject *subject)
{
    struct past *past = NULL;
    struct text error = {0};
    int status = job_lookup_past(call, word, &past);
    if (status != STATUS_OK)
        return status;
    text_add_string(&subject->title, past->job->title);
    past_free(past);
    bool good = line_parse(text_string(&subject->title), &subject->line, &error);
    text_free(&error);
    // It was understood before.
    BUG_IF(!good || subject->line.count == 0);
    subject->count = subject->line.parts[0].count;
    free(subject->words);
    subject->words = must_calloc(subject->count + 1, sizeof *subject->words);
    memcpy(subject->words, subject->line.parts[0].words, subject->count * sizeof *subject->words);
    return STATUS_OK;
}

static int code_find_subject(struct call *call, struct code_args *code_args,
                             struct code_subject *subject)
{
    int status = code_take_words(call, code_args, subject);
    if (status != STATUS_OK)
        return status;
    const char *first = subject->count > 0 ? subject->words[0] : NULL;
    if (first && !target_names_job(first)) {
        code_join_words(subject);
        return STATUS_OK;
    }
    if (subject->count > 1)
        return call_misuse(call, "unexpected argument '%s' behind a job",
                           text_visible(subject->words[1]));
    return code_take_job(call, first, subject);
}

static void code_free_subject(struct code_subject *subject)
{
    free(subject->words);
    line_free(&subject->line);
    text_free(&subject->title);
}

// Checks the subject's arguments, as it would itself. NULL after it said what is wrong.
static void *code_parse(struct call *call, const struct command *command, char **words,
                        size_t count)
{
    struct text error = {0};
    void *parsed = command_parse(command, words, count, &error);
    if (!parsed) {
        const struct command *own = call->command;
        call->command = command; // its name and its usage
        call_misuse(call, "%s", text_string(&error));
        call->command = own;
    }
    text_free(&error);
    return parsed;
}

static const char *const code_languages[] = {"python", "c"};

// Writes the program. STATUS_OK, or a status after it said why not.
static int code_write(struct call *call, const struct code_subject *subject,
                      enum program_language language, struct text *text)
{
    struct text error = {0};
    size_t marks = subject->count > 1 && strcmp(subject->words[0], "!") == 0;
    const char *title = line_behind_words(text_string(&subject->title), marks);
    const struct command *command = command_find(context_table(), subject->words[marks], &error);
    int status = STATUS_MISUSE;
    if (!command)
        call_refuse(call, "%s", text_string(&error));
    else if (!program_is_for(command))
        call_refuse(call, "%s starts no workers, so there is no program for it", command->name);
    text_free(&error);
    if (!command || !program_is_for(command))
        return status;
    void *parsed =
        code_parse(call, command, subject->words + marks + 1, subject->count - marks - 1);
    if (!parsed)
        return status;
    status = STATUS_OK;
    if (!program_write(command, parsed, title, language, text))
        status = call_fail(call, "there is no program in %s for '%s'",
                           language == PROGRAM_C ? "C" : "Python", text_visible(title));
    free(parsed);
    return status;
}

// Shows it, and frees the text.
static int code_show(struct call *call, const char *title, enum program_language language,
                     struct text *text)
{
    if (!json_output_is_on())
        return pager_show(call, text);
    struct text *report = json_output_begin(NULL, "code");
    json_text(report, "command", title);
    json_text(report, "language", code_languages[language]);
    json_text(report, "text", text_string(text));
    json_output_end();
    text_free(text);
    return STATUS_OK;
}

static enum program_language code_language(const struct code_args *code_args)
{
    bool is_c = code_args->file && export_file_ends_in(code_args->file, ".c");
    return code_args->c || (is_c && !code_args->python) ? PROGRAM_C : PROGRAM_PYTHON;
}

static int code_tell(struct call *call, const struct code_args *code_args,
                     const struct code_subject *subject)
{
    struct text text = {0};
    enum program_language language = code_language(code_args);
    if (code_args->python && code_args->c)
        return call_misuse(call, "either --python or --c");
    if (code_args->overwrite && !code_args->file)
        return call_misuse(call, "--overwrite needs --save FILE");
    int status = code_write(call, subject, language, &text);
    if (status == STATUS_OK && !code_args->file)
        return code_show(call, text_string(&subject->title), language, &text);
    if (status == STATUS_OK)
        status = export_file_write(call, code_args->file, code_args->overwrite, &text);
    text_free(&text);
    return status;
}

static int code_run(struct call *call)
{
    struct code_subject subject = {0};
    int status = code_find_subject(call, call->args, &subject);
    if (status == STATUS_OK)
        status = code_tell(call, call->args, &subject);
    code_free_subject(&subject);
    return status;
}

// What Tab offers for COMMAND: the commands that have a program, and the youngest jobs.
static const char *const *code_offer(const char *before)
{
    enum { MOST = 64, JOBS = 16 };
    static const char *offers[MOST + JOBS + 1];
    static char jobs[JOBS][16];
    size_t count = 0, jobs_count = 0;
    (void)before;
    for (const struct command *const *entry = context_table(); *entry && count < MOST; entry++)
        if (program_is_for(*entry))
            offers[count++] = (*entry)->name;
    for (const struct job *job = jobs_first(); job; job = job->next) {
        char *word = jobs[jobs_count++ % JOBS];
        snprintf(word, sizeof *jobs, "%%%u", job->id);
    }
    for (size_t i = 0; i < jobs_count && i < JOBS; i++)
        offers[count++] = jobs[i];
    offers[count] = NULL;
    return offers;
}

const struct command command_code = {
    .name = "code",
    .group = "Teaching",
    .summary = "shows the shortest program that does what a command did, in Python or in C",
    .details = "It is complete, and runs without forklab. Comments in it say where Python or POSIX "
               "hang, lie or lose something that forklab does not, and which options of the "
               "command it does not follow. Its own options may also stand behind COMMAND.",
    .example = "code pool 4 10 --c",
    .args = args,
    .args_size = sizeof(struct code_args),
    .offer = code_offer,
    .run = code_run,
};
