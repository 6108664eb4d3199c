// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps what is typed as a script that forklab runs again.
#ifndef FORKLAB_SHELL_RECORDING_H
#define FORKLAB_SHELL_RECORDING_H

#include "shell/call.h"

#include <stdbool.h>

// Begins to write to `path`, which must not be there yet or, with `overwrite`, must be a plain
// file. False with errno, and the failed call's name in `failed_call`; NULL there means that it is
// no plain file, and ETXTBSY that it is in use (base/file.h). What is running now is not part of
// it. Not while another recording goes on.
bool recording_open(const char *path, bool overwrite, const char **failed_call);

// Returns the file being written to, or NULL, and how many commands are in it.
const char *recording_path(void);
size_t recording_count(void);

// Appends a command that was understood, while there is a recording. False when that failed, which
// is told, and ends the recording.
bool recording_command(const struct call *call);

// Ends the recording, if there is one.
void recording_close(void);

#endif
