// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that write files have in common.
#ifndef FORKLAB_COMMANDS_EXPORT_FILE_H
#define FORKLAB_COMMANDS_EXPORT_FILE_H

#include "base/text.h"
#include "shell/call.h"

#include <stdbool.h>

// Whether `file` has a name before `ending`, ".svg" and the like, in either case.
bool export_file_ends_in(const char *file, const char *ending);

// The option of a command that writes files; `owner`, its struct, has a
// bool `overwrite`.
#define EXPORT_FILE_OVERWRITE(owner)                                                               \
    {                                                                                              \
        .name = "--overwrite", .type = ARG_FLAG, .field = offsetof(owner, overwrite),              \
        .help = "even if the file is there already"                                                \
    }

// What to say of a plain file that is there; with the file's name.
#define EXPORT_FILE_IS_THERE "%s is there already; --overwrite replaces a plain file"

// Says why if `file` can't be written, or is there and `overwrite` is false, before there is work
// for what is to be in it. STATUS_OK or STATUS_FAILED.
int export_file_try(struct call *call, const char *file, bool overwrite);

// Writes `content` to `file`, as a whole or not at all, and tells its size as a summary; a plain
// file that is there is replaced with `overwrite` alone. STATUS_OK, or STATUS_FAILED after it said
// why not.
int export_file_write(struct call *call, const char *file, bool overwrite,
                      const struct text *content);

#endif
