// SPDX-License-Identifier: GPL-3.0-or-later
// All output: stdout through one buffer, stderr at once and behind it. Nothing here uses stdio, so
// a fork can't double what is buffered.
#ifndef FORKLAB_BASE_OUT_H
#define FORKLAB_BASE_OUT_H

#include <stdbool.h>
#include <stddef.h>

// Adds to what will be written to stdout.
void out_write(const char *bytes, size_t length);
void out_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

// From now on every line of the two above is handed to `take`, without its end, instead of to
// stdout; out_raw() is then the way there. NULL ends that.
void out_set_lines(void (*take)(const char *line, size_t length));
void out_raw(const char *bytes, size_t length);

// Writes what is buffered, and waits while a slow reader makes room. False when stdout has failed;
// what is printed after a failure is dropped.
bool out_flush(void);

// Writes to stdout now, past the buffer: for drawing the bottom line. A failure here does not count
// as stdout's, since no printed output is lost by it.
void out_write_beside(const char *bytes, size_t length);

// Returns the errno of stdout's first failure, or 0.
int out_error(void);

// Returns how many bytes of stdout were given up, as out_set_give_up() and out_hurry() have it.
size_t out_cut(void);

// Flushes stdout, then writes one message to stderr; adds the new line.
void out_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

// While `fd` is readable, a write that would have to wait gives up and drops its bytes, so that a
// signal can get through to us behind a reader that has stalled. So that no write blocks, pipes and
// terminals behind stdout and stderr are opened once more until -1, which means never, is given.
void out_set_give_up(int fd);

// From now on, waits at most 0.5 s in total for a stalled reader: the program is ending.
void out_hurry(void);

// What stands on the terminal's last line (a prompt, a progress bar) is hidden before anything is
// written and shown again afterwards. NULLs when there is nothing.
void out_set_bottom_line(void (*hide)(void), void (*show)(void));

// While it is held, stdout only gathers, up to a megabyte, so that nothing but out_draw() reaches
// the screen; messages to stderr still go out, and what was gathered before them.
void out_hold(bool held);

// Writes to stdout at once, past what is gathered. What fails is a failure of stdout's.
void out_draw(const char *bytes, size_t length);

#endif
