// SPDX-License-Identifier: GPL-3.0-or-later
// What to do when something can't go on: the machine's failure, or our own mistake.
#ifndef FORKLAB_BASE_DIE_H
#define FORKLAB_BASE_DIE_H

// Ends forklab with "forklab: MESSAGE" on stderr and status 1, after the last-words function.
// For failures of the machine that leave nothing to fall back to.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Names the function that die() and BUG_IF() call first: it ends the workers and restores the
// terminal. It runs at most once.
void die_set_last_words(void (*function)(void));

// Reports a broken promise of our own code and aborts; use BUG_IF.
_Noreturn void die_bug(const char *file, int line, const char *what);

#define BUG_IF(condition)                                                                          \
    do {                                                                                           \
        if (condition)                                                                             \
            die_bug(__FILE__, __LINE__, #condition);                                               \
    } while (0)

#endif
