// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/list.h"

#include "base/out.h"
#include "process/work.h"

#include <inttypes.h>
#include <string.h>

// The longest number, and what is in front of it.
enum { NUMBER_ROOM = sizeof ", -9223372036854775808" };

static size_t count_digits(uint64_t number)
{
    size_t digits = 1;
    for (; number >= 10000; number /= 10000)
        digits += 4;
    return digits + (number >= 10) + (number >= 100) + (number >= 1000);
}

// Writes `value` to `place` and returns where it ends. Four digits at a time: printf would take most of the
// time of a list of a million.
static char *put_number(char *place, int64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    if (value < 0)
        *place++ = '-';
    char *end = place + count_digits(left), *digit = end;
    for (; left >= 10000; left /= 10000) {
        size_t four = left % 10000;
        memcpy(digit -= 2, pairs + 2 * (four % 100), 2);
        memcpy(digit -= 2, pairs + 2 * (four / 100), 2);
    }
    for (; left >= 100; left /= 100)
        memcpy(digit -= 2, pairs + 2 * (left % 100), 2);
    if (left >= 10)
        memcpy(digit - 2, pairs + 2 * left, 2);
    else
        digit[-1] = (char)('0' + left);
    return end;
}

static void print_range(const int64_t *results, int64_t first, int64_t end, list_gap_fn *gap,
                        const void *data)
{
    char block[4096];
    char *place = block;
    for (int64_t i = first; i < end; i++) {
        const char *missing = gap ? gap(data, i) : NULL;
        if (i > first) {
            *place++ = ',';
            *place++ = ' ';
        }
        if (!missing)
            place = put_number(place, results[i]);
        if (missing || place > block + sizeof block - NUMBER_ROOM) {
            out_write(block, (size_t)(place - block));
            place = block;
        }
        if (missing)
            out_write(missing, strlen(missing));
    }
    out_write(block, (size_t)(place - block));
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
