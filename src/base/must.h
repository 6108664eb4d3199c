// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that is small and always needed: these functions die when there is none.
#ifndef FORKLAB_BASE_MUST_H
#define FORKLAB_BASE_MUST_H

#include <stddef.h>

// The caller frees what these return with free().
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *memory, size_t count, size_t size);
char *must_strdup(const char *text);
char *must_strndup(const char *text, size_t length);

#endif
