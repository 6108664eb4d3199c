// SPDX-License-Identifier: GPL-3.0-or-later
// The file in which typed lines outlive their session. That is $XDG_STATE_HOME/forklab/history, or
// ~/.local/state/forklab/history; it is made private (0600; the folders made for it 0700), and left
// alone when it is anything but a plain file of ours. Without it everything works, and no line
// outlives its session.
#ifndef FORKLAB_SHELL_HISTORY_FILE_H
#define FORKLAB_SHELL_HISTORY_FILE_H

#include <stdbool.h>

// Hands the last lines of the file over, oldest first; each is valid during its call. A file that
// has become long is cut to those. False when there is something that can't be read.
bool history_file_load(void (*each)(const char *line));

// Appends one line, which has no new line in it. False when the file takes no more: then it is as
// it was, and the line is only not remembered. Where neither XDG_STATE_HOME nor HOME tells the
// file's place, that is no failure.
bool history_file_append(const char *line);

// Returns what failed, in words, after one of the two has.
const char *history_file_error(void);

#endif
