// SPDX-License-Identifier: GPL-3.0-or-later
// The one way in which something that went wrong is told.
#ifndef FORKLAB_SHELL_ERROR_H
#define FORKLAB_SHELL_ERROR_H

#include <stdint.h>

// Writes "PLACEerror: COMMAND: MESSAGE" to stderr, broken between words if that is a terminal, and
// with --json an object, too; below it "usage: USAGE", unless that is NULL. `job` is 0 and
// `command` NULL where there is none; `place` is as in struct call.
void error_tell(uint32_t job, const char *command, const char *place, const char *message,
                const char *usage);

// The same for what is no failure, with "warning:" in place of "error:".
void error_warn(uint32_t job, const char *command, const char *place, const char *message);

#endif
