// SPDX-License-Identifier: GPL-3.0-or-later
// The file in which typed lines outlive the session: $XDG_STATE_HOME/forklab/history, or
// ~/.local/state/forklab/history. It is private (0600 in a 0700 folder), and left alone when it is
// anything but a plain file of ours. Without it everything works, and nothing is remembered.
#ifndef FORKLAB_SHELL_HISTORY_H
#define FORKLAB_SHELL_HISTORY_H

// Hands the last lines of the file over, oldest first.
void history_load(void (*each)(const char *line));

// Appends one line; new lines in it become blanks.
void history_append(const char *line);

#endif
