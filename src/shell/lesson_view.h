// SPDX-License-Identifier: GPL-3.0-or-later
// How a lesson looks: everything that is printed of its text, set to the width of the terminal.
#ifndef FORKLAB_SHELL_LESSON_VIEW_H
#define FORKLAB_SHELL_LESSON_VIEW_H

#include "shell/lesson_text.h"

// Puts figures in the place of their names: "{lost} of {orders}", "{before.wall}". Adds the text,
// and to `missing` the names that are no figures; those stay as they are.
void lesson_view_fill(const char *text, struct text *filled, struct text *missing);

void lesson_view_heading(const char *title);
void lesson_view_narrate(const struct lesson_step *step);

// Prints a question and its answers, numbered from 1.
void lesson_view_ask(const struct lesson_step *question);

// Prints what was answered, counted from 0 (SIZE_MAX: nothing), and what is right.
void lesson_view_reveal(const struct lesson_step *question, size_t answer);

// Prints a command behind a prompt, as if it had been typed.
void lesson_view_command(const char *command);

// Prints a remark of the lesson's own about itself.
void lesson_view_remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
