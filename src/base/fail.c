// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*last_words)(void);

void fail_set_last_words(void (*function)(void))
{
    last_words = function;
}

static void say_last_words(void)
{
    void (*function)(void) = last_words;
    last_words = NULL;
    if (function)
        function();
}

// Writes without stdio: a full buffer or a failed allocation must not matter here.
static void complain(const char *message)
{
    char line[512];
    int length = snprintf(line, sizeof line, "forklab: %s\n", message);
    if (length >= (int)sizeof line)
        length = sizeof line - 1;
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}

void die(const char *format, ...)
{
    char message[480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    say_last_words();
    complain(message);
    _exit(1);
}

void fail_bug(const char *file, int line, const char *what)
{
    char message[480];
    snprintf(message, sizeof message, "bug at %s:%d: %s", file, line, what);
    say_last_words();
    complain(message);
    abort();
}

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
