// SPDX-License-Identifier: GPL-3.0-or-later
// One command from its words to its status, in front or in the background. call_finish() of call.h is here, too.
#ifndef FORKLAB_SHELL_RUN_H
#define FORKLAB_SHELL_RUN_H

#include "shell/call.h"
#include "shell/line.h"

// Finds the command that the words of `part` mean, and carries it out; takes over the words and the source.
void run_part(struct part *part);

// Tells what is wrong with the text taken last, which counts as a command that ended with `status`.
void run_refuse(const char *message, int status);

// The same for text that was left out: it is not understood, but what follows is run all the same.
void run_skip(const char *message);

// Returns the command in front, which all others wait for, or NULL.
struct call *run_front(void);

// Asks it to end soon; there must be one.
void run_interrupt(void);

// Sends it to the background, or says why it can't go.
void run_to_background(void);

// Brings one from the background to the front, in the place of the command that asks for it.
void run_to_front(struct call *call);

// Returns the worst status of all commands so far.
int run_worst(void);

// Frees the calls that have ended. Nothing may be running that still knows one.
void run_free_finished(void);

#endif
