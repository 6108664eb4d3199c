// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as they are typed and printed.
#ifndef FORKLAB_BASE_NUMBER_H
#define FORKLAB_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The longest duration that can be asked for.
#define DURATION_MAX (INT64_C(24) * 3600 * 1000000000)

// Reads a count such as 1000, 10k, 1M or 1e6 into `value`. False, and `value` untouched, when
// `text` is anything else (a sign, hexadecimal, trailing characters) or lies outside min..max.
bool number_parse_count(const char *text, int64_t min, int64_t max, int64_t *value);

// Reads a duration such as 250ms, 2s, .5s, 1m or 1h into `ns`; a bare number is seconds. False,
// and `ns` untouched, when `text` is anything else or lies outside min..max (nanoseconds).
bool number_parse_duration(const char *text, int64_t min, int64_t max, int64_t *ns);

// Writes a duration the way it can be typed again, exactly: "250ms", "1.5s", "24h".
void number_format_duration(int64_t ns, char *text, size_t size);

// Writes a measured time in up to three significant digits: "850 us", "12.3 ms", "0.43 s", "2.5
// min".
void number_format_time(int64_t ns, char *text, size_t size);

// Writes a result as Python prints a float, "1.0", but with at most 12 significant digits where it
// is not a whole number.
void number_format_real(double value, char *text, size_t size);

#endif
