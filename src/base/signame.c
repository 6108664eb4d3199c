// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/signame.h"

#include "base/number.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int to_lower(int letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter;
}

// Not strcasecmp(3), which follows the locale: in a Turkish one, i is no small I.
static bool begins_with(const char *text, const char *start)
{
    while (*start && to_lower(*text) == to_lower(*start)) {
        text++;
        start++;
    }
    return !*start;
}

static bool is_same(const char *text, const char *other)
{
    return strlen(text) == strlen(other) && begins_with(text, other);
}

int signal_number(const char *text)
{
    int64_t value;
    if (number_parse_count(text, 1, SIGNAL_LAST, &value))
        return (int)value;
    if (begins_with(text, "SIG"))
        text += 3;
    if (is_same(text, "IO")) // glibc calls it POLL
        return SIGIO;
    for (int number = 1; number <= SIGNAL_LAST; number++) {
        const char *name = sigabbrev_np(number);
        if (name && is_same(text, name))
            return number;
    }
    return -1;
}

const char *signal_name(int number)
{
    static char names[SIGNAL_LAST + 1][16];
    const char *name = number >= 1 && number <= SIGNAL_LAST ? sigabbrev_np(number) : NULL;
    if (!name)
        return "SIG?";
    snprintf(names[number], sizeof names[number], "SIG%s", name);
    return names[number];
}
