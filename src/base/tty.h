// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal behind stdout, as far as printing needs it.
#ifndef FORKLAB_BASE_TTY_H
#define FORKLAB_BASE_TTY_H

#include <stdbool.h>

// Return how wide and how high it is, in characters; 80 and 24 where the kernel does not say.
int tty_columns(void);
int tty_rows(void);

// Whether `fd` is no terminal that another process group has now: only in the foreground may its
// settings be changed, or keys be read. SIGTTIN and SIGTTOU should be blocked: each call that
// touches the terminal asks first.
bool tty_is_ours(int fd);

// Whether it may be written to: in the background not where `stty tostop` forbids it.
bool tty_takes_output(int fd);

// Stops our process group by `number` (SIGTTIN or SIGTTOU), as the kernel stops one in the
// background that touches the terminal; returns after SIGCONT. False when it can't be stopped, as
// its shell has gone.
bool tty_stop_us(int number);

#endif
