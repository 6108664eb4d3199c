// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/list.h"

#include "base/out.h"
#include "process/work.h"

#include <inttypes.h>
#include <string.h>

// A number and what is in front of it, in one piece and two digits at a time: printf would take most of
// the time of a list of a million.
static void print_number(const char *before, size_t length, int64_t value)
{
    char digits[32];
    char *p = digits + sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    for (; left >= 10; left /= 100) {
        unsigned pair = (unsigned)(left % 100);
        *--p = (char)('0' + pair % 10);
        *--p = (char)('0' + pair / 10);
    }
    if (left > 0 || p == digits + sizeof digits)
        *--p = (char)('0' + left);
    if (value < 0)
        *--p = '-';
    p -= length;
    memcpy(p, before, length);
    out_write(p, (size_t)(digits + sizeof digits - p));
}

static void print_range(const int64_t *results, int64_t first, int64_t end, list_gap_fn *gap,
                        const void *data)
{
    for (int64_t i = first; i < end; i++) {
        const char *missing = gap ? gap(data, i) : NULL;
        size_t comma = i > first ? 2 : 0;
        if (missing) {
            out_write(", ", comma);
            out_write(missing, strlen(missing));
        } else {
            print_number(", ", comma, results[i]);
        }
    }
}

void list_print(const char *title, const int64_t *results, int64_t count, bool all,
                list_gap_fn *gap, const void *data)
{
    out_print("%s[", title);
    if (all || count <= LIST_WHOLE) {
        print_range(results, 0, count, gap, data);
        out_print("]\n");
        return;
    }
    print_range(results, 0, LIST_HEAD, gap, data);
    out_print(", ..., ");
    print_range(results, count - LIST_TAIL, count, gap, data);
    out_print("] (%" PRId64 " results)\n", count);
}
