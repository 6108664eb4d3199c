// SPDX-License-Identifier: GPL-3.0-or-later
// Ends the program: for a failure of the system that leaves no other way, and for a bug.
#ifndef FORKLAB_BASE_DIE_H
#define FORKLAB_BASE_DIE_H

// Ends forklab with "forklab: MESSAGE" on stderr and status 1, after the last-words function.
// For failures of the system that the caller can't handle.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Names the function that die() and BUG_IF() call first: it ends the workers and restores the
// terminal. It runs at most once.
void die_set_last_words(void (*function)(void));

// Reports a broken invariant and aborts; use BUG_IF().
_Noreturn void die_bug(const char *file, int line, const char *what);

#define BUG_IF(condition)                                                                          \
    do {                                                                                           \
        if (condition)                                                                             \
            die_bug(__FILE__, __LINE__, #condition);                                               \
    } while (0)

#endif
