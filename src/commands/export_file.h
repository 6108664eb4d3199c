// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that write files have in common.
#ifndef FORKLAB_COMMANDS_EXPORT_FILE_H
#define FORKLAB_COMMANDS_EXPORT_FILE_H

#include "base/text.h"
#include "shell/call.h"

#include <stdbool.h>

// Whether `file` has a name before `ending`, ".svg" and the like.
bool export_file_ends_in(const char *file, const char *ending);

// Says why if `file` can't be written, before anybody works for what is to be in it. STATUS_OK or
// STATUS_FAILED.
int export_file_try(struct call *call, const char *file);

// Writes `content` to `file`, as a whole or not at all, and tells its size as a summary. STATUS_OK,
// or STATUS_FAILED after it said why not.
int export_file_write(struct call *call, const char *file, const struct text *content);

#endif
