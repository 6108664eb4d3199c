// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/must.h"

#include "base/die.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        die("out of memory");
    return memory;
}

void *must_realloc(void *memory, size_t count, size_t size)
{
    void *grown = reallocarray(memory, count ? count : 1, size ? size : 1);
    if (!grown)
        die("out of memory");
    return grown;
}

char *must_strdup(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        die("out of memory");
    return copy;
}

char *must_strndup(const char *text, size_t length)
{
    char *copy = strndup(text, length);
    if (!copy)
        die("out of memory");
    return copy;
}
