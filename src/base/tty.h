// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal behind stdout, as far as printing needs it.
#ifndef FORKLAB_BASE_TTY_H
#define FORKLAB_BASE_TTY_H

// Return how wide and how high it is, in characters; 80 and 24 where the kernel does not say.
int tty_columns(void);
int tty_rows(void);

#endif
