// SPDX-License-Identifier: GPL-3.0-or-later
// Programs outside forklab that do what one of its commands does, in Python or in C. They are made
// from the templates in src/code/, whose lines are copied but for these:
//     @for COMMAND CONDITION...    first: what the template is for
//     (a file called part-NAME has no such line: it is for @use)
//     @use NAME                    the part of that name, of the same language
//     @if CONDITION... @else @end  lines that depend on the arguments
// A condition is the name of an argument, as in help, that was given; NAME=VALUE; NAME>NUMBER; or
// NAME:count, a word that is a number or was not given. A '!' in front turns it round. Of several
// with '|' between them one must hold, and all of those with blanks between them.
// Within a line, @NAME@ is the argument's value, @NAME|ELSE@ that of the first that was given (or
// of the last, which may be plain text), @NAME:list@ its pieces between commas, and @NAME:count@
// a word that is a number. Durations are seconds in Python, and "SECONDS, NANOSECONDS" in C.
#ifndef FORKLAB_SHELL_PROGRAM_H
#define FORKLAB_SHELL_PROGRAM_H

#include "base/text.h"
#include "shell/command.h"

#include <stdbool.h>

enum program_language { PROGRAM_PYTHON, PROGRAM_C };

// Whether there is a program for a command at all.
bool program_is_for(const struct command *command);

// Adds the program that does what `command` does with `args`, from command_parse(), and names on
// top what of them it does not follow. `title` is the command as typed. False when there is none
// for such arguments.
bool program_write(const struct command *command, const void *args, const char *title,
                   enum program_language language, struct text *text);

#endif
