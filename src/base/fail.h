// SPDX-License-Identifier: GPL-3.0-or-later
// What to do when something can't go on: the machine's failure, or our own mistake.
#ifndef FORKLAB_BASE_FAIL_H
#define FORKLAB_BASE_FAIL_H

#include <stddef.h>

// Ends forklab with "forklab: MESSAGE" on stderr and status 1, after the last-words function.
// For failures of the machine that leave nothing to fall back to.
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Names the function that die() and BUG_IF() call first: it ends the workers and restores the
// terminal. It runs at most once.
void fail_set_last_words(void (*function)(void));

// Reports a broken promise of our own code and aborts; use BUG_IF.
_Noreturn void fail_bug(const char *file, int line, const char *what);

#define BUG_IF(condition)                                                                          \
    do {                                                                                           \
        if (condition)                                                                             \
            fail_bug(__FILE__, __LINE__, #condition);                                              \
    } while (0)

// Memory that is small and always needed: these die when there is none.
// The caller frees what they return with free().
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *memory, size_t count, size_t size);
char *must_strdup(const char *text);
char *must_strndup(const char *text, size_t length);

#endif
