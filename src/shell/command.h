// SPDX-License-Identifier: GPL-3.0-or-later
// Commands as data: the entries of a table feed look-up, the checking of arguments, help and
// completion.
#ifndef FORKLAB_SHELL_COMMAND_H
#define FORKLAB_SHELL_COMMAND_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

// What a value is, and the type of the field that it is kept in.
enum arg_type {
    ARG_FLAG,     // bool: given or not
    ARG_COUNT,    // int64_t, from min to max
    ARG_DURATION, // int64_t, ns, from min to max
    ARG_SIGNAL, // int64_t: a signal's number; an option of this type may be written as -SIGNAL, too
    ARG_CHOICE, // int64_t: index into `choices`
    ARG_SWITCH, // int64_t: 0 when left out, 1 alone, 2 and more with one of the `choices` behind it
    ARG_NAME,   // const char *: a worker's new name
    ARG_FILE,   // const char *. Its `choices` are what Tab offers besides files.
    // const char *. Its `choices` are only what Tab offers; without any, Tab offers the commands.
    ARG_WORD,
    ARG_JOB,         // const char *: %J, J, %% or %-, or one of the `choices` if there are any
    ARG_LIVE_JOB,    // the same; Tab leaves out jobs that are done
    ARG_JOBS,        // struct words: jobs as above; as many as there are
    ARG_TARGETS,     // struct words: names, pids, %J, %J.I; as many as there are
    ARG_ALL_TARGETS, // the same; Tab offers ended workers and done jobs, too
    ARG_WORDS,       // struct words: all the rest, options too
    ARG_COMMAND,     // the same, when it is a command with its arguments
};

// The words of a list; they belong to the call.
struct words {
    char **all;
    size_t count;
};

// One argument: an option when its name begins with '-', else taken by its place.
struct arg {
    const char *name;
    enum arg_type type;
    bool required;
    size_t field; // where in the command's own struct: offsetof
    int64_t min, max;
    int64_t standard;           // what a number is when it is left out
    const char *const *choices; // ends in NULL, or is NULL when there are none
    const char *help;
    const char *standard_is;     // what it is when it is left out, where `standard` can't say it
    const char *const *meanings; // what each of the choices, or endings, means; or NULL
    const char *const *endings;  // of a file, ".svg" and the like, that Tab offers; or NULL
};

struct command {
    const char *name;
    const char *group;
    const char *summary; // half a line
    const char *details; // some lines, or NULL
    const char *example;
    const struct arg *args; // ends in one without a name; or NULL
    size_t args_size;       // of the command's own struct
    // What Tab offers behind the word `before` for the next place: ends in NULL. NULL, or no such
    // function: what the table of arguments says.
    const char *const *(*offer)(const char *before);
    bool background; // it may run behind a '&'
    bool acts;       // it starts, signals or reaps workers: the view returns to now first
    bool unrecorded; // no recording keeps it
    // Does it. Returns a status, or STATUS_PENDING when call_finish() will tell it.
    int (*run)(struct call *call);
};

enum status { STATUS_PENDING = -1, STATUS_OK, STATUS_FAILED, STATUS_MISUSE, STATUS_OUTPUT };

// Whether the words behind a command's name ask what it is: --help or -h among its arguments.
bool command_asks_help(const struct command *command, char **words, size_t count);

// Finds the command that `word` names or begins, or that it is another word for (exit, ?), in a
// table that ends in NULL. NULL, with a message in `error` that lists the candidates or suggests
// one, when there is none or more than one.
const struct command *command_find(const struct command *const *table, const char *word,
                                   struct text *error);

// Checks the words behind a command's name and fills its struct. Returns that, all zero but for the
// standard values, which the caller frees with free(); NULL with a message in `error`.
void *command_parse(const struct command *command, char **words, size_t count, struct text *error);

#endif
