// SPDX-License-Identifier: GPL-3.0-or-later
// One command from its words to its status, in front or in the background. call_finish() of call.h
// is here, too.
#ifndef FORKLAB_SHELL_EXECUTE_H
#define FORKLAB_SHELL_EXECUTE_H

#include "shell/call.h"
#include "shell/line.h"

// Finds the command that the words of `part` mean, and carries it out; takes over the words and the
// source.
void execute_part(struct part *part);

// Tells what is wrong with the text taken last, which counts as a command that ended with `status`.
void execute_refuse(const char *message, int status);

// The same for text that was left out: it is not understood, but what follows is run all the same.
void execute_skip(const char *message);

#endif
