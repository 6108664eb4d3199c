// SPDX-License-Identifier: GPL-3.0-or-later
// Lines that begin with !cancel, for programs that drive forklab by --json: they are heeded while
// others run, ahead of their turn, and are done in their turn like all lines. Alone it ends the
// command in front and gives up the rest of its line; with %J... it ends jobs.
#ifndef FORKLAB_SHELL_CANCEL_LINE_H
#define FORKLAB_SHELL_CANCEL_LINE_H

// Heeds a line for which line_is_cancel() holds, with this number, ahead of its turn. Errors name
// `place`.
void cancel_line_ahead(const char *line, long number, const char *place);

// The line's turn has come: heeds it if that was not done ahead. Returns its status.
int cancel_line_in_turn(const char *line, long number, const char *place);

#endif
