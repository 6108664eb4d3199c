// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/signal.h"

#include "base/number.h"
#include "base/text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int signal_number(const char *text)
{
    int64_t value;
    if (number_parse_count(text, 1, SIGNAL_LAST, &value))
        return (int)value;
    if (text_begins_with(text, "SIG"))
        text += 3;
    if (text_is_same(text, "IO")) // glibc calls it POLL
        return SIGIO;
    for (int number = 1; number <= SIGNAL_LAST; number++) {
        const char *name = sigabbrev_np(number);
        if (name && text_is_same(text, name))
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
