// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/number.h"

#include "base/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ns;
};

// Largest first: number_format_duration takes the first that fits.
static const struct unit units[] = {
    {"h", 3600 * NS_PER_S}, {"m", 60 * NS_PER_S}, {"s", NS_PER_S},
    {"ms", NS_PER_MS},      {"us", NS_PER_US},    {"ns", 1},
};

static bool number_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Reads decimal digits at `*text` and moves past them. False when there are none or too many.
static bool number_read_digits(const char **text, int64_t *value)
{
    const char *p = *text;
    int64_t sum = 0;
    if (!number_is_digit(*p))
        return false;
    for (; number_is_digit(*p); p++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, *p - '0', &sum))
            return false;
    *text = p;
    *value = sum;
    return true;
}

// Reads what multiplies a count, "k", "M" or "e6", at the end of a text. 0 when it is none of them.
static int64_t number_read_factor(const char *text)
{
    int64_t exponent, factor = 1;
    if (strcmp(text, "") == 0)
        return 1;
    if (strcmp(text, "k") == 0)
        return 1000;
    if (strcmp(text, "M") == 0)
        return 1000000;
    if (*text++ != 'e' || !number_read_digits(&text, &exponent) || *text != '\0' || exponent > 18)
        return 0;
    while (exponent-- > 0)
        factor *= 10;
    return factor;
}

bool number_parse_count(const char *text, int64_t min, int64_t max, int64_t *value)
{
    int64_t read;
    if (!number_read_digits(&text, &read))
        return false;
    int64_t factor = number_read_factor(text);
    if (factor == 0 || __builtin_mul_overflow(read, factor, &read))
        return false;
    if (read < min || read > max)
        return false;
    *value = read;
    return true;
}

// Reads the digits after a point as a part of `unit`; digits below a nanosecond are dropped.
static int64_t number_read_fraction(const char **text, int64_t unit)
{
    int64_t sum = 0;
    for (; number_is_digit(**text); (*text)++) {
        unit /= 10;
        sum += unit * (**text - '0');
    }
    return sum;
}

// Returns the length of a unit of time in ns, or 0 when there is none of that name.
static int64_t number_find_unit(const char *name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].ns;
    return 0;
}

// Skips the point and digits that *text begins with. Returns where these digits begin, or NULL
// where there is no point.
static const char *number_skip_fraction(const char **text)
{
    if (**text != '.')
        return NULL;
    const char *fraction = *text + 1;
    *text = fraction + strspn(fraction, "0123456789");
    return fraction;
}

bool number_parse_duration(const char *text, int64_t min, int64_t max, int64_t *ns)
{
    int64_t whole = 0;
    if (*text != '.' && !number_read_digits(&text, &whole))
        return false;
    const char *fraction = number_skip_fraction(&text);
    if (fraction == text) // a point alone
        return false;
    int64_t sum, unit = number_find_unit(*text == '\0' ? "s" : text);
    if (unit == 0 || __builtin_mul_overflow(whole, unit, &sum))
        return false;
    if (fraction && __builtin_add_overflow(sum, number_read_fraction(&fraction, unit), &sum))
        return false;
    if (sum < min || sum > max)
        return false;
    *ns = sum;
    return true;
}

void number_format_duration(int64_t ns, char *text, size_t size)
{
    if (ns == 0) {
        snprintf(text, size, "0s");
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t unit = units[i].ns;
        if (ns < unit)
            continue;
        if (ns % unit == 0) {
            snprintf(text, size, "%" PRId64 "%s", ns / unit, units[i].name);
            return;
        }
        if (unit <= NS_PER_S) {
            int64_t part = ns % unit;
            int digits = 0;
            for (int64_t place = unit; place > 1; place /= 10)
                digits++;
            for (; part % 10 == 0; part /= 10)
                digits--;
            snprintf(text, size, "%" PRId64 ".%0*" PRId64 "%s", ns / unit, digits, part,
                     units[i].name);
            return;
        }
    }
}

void number_format_time(int64_t ns, char *text, size_t size)
{
    // Below `limit` ns a time has at most three digits in front of these decimals.
    static const struct {
        int64_t limit;
        double unit;
        int decimals;
        const char *name;
    } steps[] = {
        {999500, NS_PER_US, 0, "us"},
        {99950 * NS_PER_US, NS_PER_MS, 1, "ms"},
        {9995 * NS_PER_MS, NS_PER_S, 2, "s"},
        {99950 * NS_PER_MS, NS_PER_S, 1, "s"},
        {999500 * NS_PER_MS, NS_PER_S, 0, "s"},
        {5997 * NS_PER_S, 60e9, 1, "min"},
        {INT64_MAX, 3600e9, 1, "h"},
    };
    size_t i = 0;
    while (ns >= steps[i].limit && steps[i].limit < INT64_MAX)
        i++;
    snprintf(text, size, "%.*f %s", steps[i].decimals, (double)ns / steps[i].unit, steps[i].name);
}

void number_format_real(double value, char *text, size_t size)
{
    // Below 10^16 Python writes whole numbers without an exponent.
    bool whole = fabs(value) < 1e16 && value == floor(value);
    int length = snprintf(text, size, whole ? "%.0f" : "%.12g", value);
    if (isfinite(value) && !strpbrk(text, ".e") && (size_t)length + 2 < size)
        memcpy(text + length, ".0", 3);
}
