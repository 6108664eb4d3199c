// SPDX-License-Identifier: GPL-3.0-or-later
// The file in which typed lines outlive the session: $XDG_STATE_HOME/forklab/history, or
// ~/.local/state/forklab/history. It is made private (0600; the folders made for it 0700), and left alone
// when it is anything but a plain file of ours. Without it everything works, and nothing is remembered.
#ifndef FORKLAB_SHELL_HISTORY_H
#define FORKLAB_SHELL_HISTORY_H

// Hands the last lines of the file over, oldest first; each is valid during its call.
void history_load(void (*each)(const char *line));

// Appends one line, which has no new line in it. When that fails it is only not remembered.
void history_append(const char *line);

#endif
