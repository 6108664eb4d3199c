// SPDX-License-Identifier: GPL-3.0-or-later
// What is written down while a lesson is played: homework as ndjson, and notes for the presenter.
#ifndef FORKLAB_SHELL_LESSON_LOG_H
#define FORKLAB_SHELL_LESSON_LOG_H

#include "base/text.h"

#include <stdbool.h>

struct lesson_log {
    int fd; // -1 for none
    char *path;
};

// Opens a plain file to add to it, or makes it. False with errno.
bool lesson_log_open(struct lesson_log *log, const char *path);

// Adds a line or an object; does nothing without a file. False with errno.
bool lesson_log_add(struct lesson_log *log, const struct text *text);
void lesson_log_close(struct lesson_log *log);

#endif
