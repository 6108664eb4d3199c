// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*last_words)(void);

void die_set_last_words(void (*function)(void))
{
    last_words = function;
}

static void die_say_last_words(void)
{
    void (*function)(void) = last_words;
    last_words = NULL;
    if (function)
        function();
}

// Writes without stdio: a full buffer or a failed allocation must not matter here.
static void die_complain(const char *message)
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
    die_say_last_words();
    die_complain(message);
    _exit(1);
}

void die_bug(const char *file, int line, const char *what)
{
    char message[480];
    snprintf(message, sizeof message, "bug at %s:%d: %s", file, line, what);
    die_say_last_words();
    die_complain(message);
    abort();
}
