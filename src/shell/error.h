// SPDX-License-Identifier: GPL-3.0-or-later
// The one way in which something that went wrong is told.
#ifndef FORKLAB_SHELL_ERROR_H
#define FORKLAB_SHELL_ERROR_H

// Writes "PLACEerror: COMMAND: MESSAGE" to stderr, broken between words on a terminal, and with --json an
// object, too. `command` is NULL where there is none; `place` is as in struct call.
void error_tell(const char *command, const char *place, const char *message);

#endif
