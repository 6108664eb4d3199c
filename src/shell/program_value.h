// SPDX-License-Identifier: GPL-3.0-or-later
// The arguments of a command as they stand in a program.
#ifndef FORKLAB_SHELL_PROGRAM_VALUE_H
#define FORKLAB_SHELL_PROGRAM_VALUE_H

#include "base/text.h"
#include "shell/command.h"
#include "shell/program.h"

#include <stdbool.h>

// Whether an argument is another than when it is left out. `args` is from command_parse(). --for
// may come from `set for`.
bool program_value_is_given(const struct arg *arg, const void *args);

// Whether a word is a count, or was not given.
bool program_value_is_count(const struct arg *arg, const void *args);

// Whether a count is more than that.
bool program_value_exceeds(const struct arg *arg, const void *args, int64_t number);

// How a value is written: numbers and words as they are, strings as literals of the language; a
// string's pieces between commas, as several literals; or a word that is a count, without quotes.
enum program_form { PROGRAM_PLAIN, PROGRAM_LIST, PROGRAM_COUNT };

// Adds its value.
void program_value_add(const struct arg *arg, const void *args, enum program_language language,
                       enum program_form form, struct text *text);

#endif
