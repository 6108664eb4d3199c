// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that forklab says goes out here: stdout through one buffer, stderr at once and after it.
// Nothing here uses stdio, so a fork can't double what is buffered.
#ifndef FORKLAB_BASE_OUT_H
#define FORKLAB_BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>

// Adds to what will be written to stdout.
void out_write(const char *bytes, size_t length);
void out_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Writes what is buffered, and waits while a slow reader makes room. False when stdout has failed;
// what is printed after a failure is dropped.
bool out_flush(void);

// Returns the errno of stdout's first failure, or 0.
int out_error(void);

// Flushes stdout, then writes one message to stderr; adds the new line.
void out_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// While `fd` is readable, a write that would have to wait gives up and drops its bytes, so that a
// signal can get through to us behind a reader that has stalled; after that nothing waits for this
// reader until it makes room again. -1 for never.
void out_set_give_up(int fd);

// How long a write waits for a reader before it gives up in the same way, in ms; -1, the start value,
// for as long as it takes.
void out_set_patience(int ms);

// What stands on the terminal's last line (a prompt, a progress bar) is hidden before anything is
// written and shown again afterwards. NULLs when there is nothing.
void out_set_bottom_line(void (*hide)(void), void (*show)(void));

#endif
