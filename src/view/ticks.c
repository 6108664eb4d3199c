// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/ticks.h"

#include "base/clock.h"

#include <stdio.h>

int64_t ticks_step(int64_t span, int64_t most)
{
    static const int64_t round[] = {1, 2, 5};
    int64_t power = 1;
    for (;; power *= 10)
        for (size_t i = 0; i < sizeof round / sizeof *round; i++)
            if (span / (round[i] * power) <= most || power >= NS_PER_S * NS_PER_S / 10)
                return round[i] * power;
}

int64_t ticks_first(int64_t begin, int64_t step)
{
    return (begin + step - 1) / step * step;
}

void ticks_format(int64_t ns, int64_t step, int64_t span, char *text, size_t size)
{
    int64_t unit = span >= NS_PER_S ? NS_PER_S : span >= NS_PER_MS ? NS_PER_MS : NS_PER_US;
    const char *name = unit == NS_PER_S ? "s" : unit == NS_PER_MS ? "ms" : "us";
    int digits = 0;
    for (int64_t part = unit; step % part != 0; part /= 10)
        digits++;
    if (ns == 0)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%.*f %s", digits, (double)ns / (double)unit, name);
}

size_t ticks_whole_step(size_t end, size_t most)
{
    static const size_t steps[] = {1, 2, 5};
    for (size_t ten = 1;; ten *= 10)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            if ((end + steps[i] * ten - 1) / (steps[i] * ten) <= most)
                return steps[i] * ten;
}
