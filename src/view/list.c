// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/list.h"

#include "base/die.h"
#include "base/out.h"
#include "worker/workload.h"

#include <inttypes.h>
#include <string.h>

// The longest number with what is in front of it, and how many are written in one piece.
enum { NUMBER_ROOM = sizeof ", -9223372036854775808", AT_ONCE = 256 };

// Writes `value` so that it ends at `end`, and returns where it begins: written backwards, so that
// its length need not be known. printf would take most of the time of a list of a million.
static char *list_put_number(char *end, int64_t value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    for (; left >= 10000; left /= 10000) {
        size_t four = left % 10000;
        memcpy(end -= 2, pairs + 2 * (four % 100), 2);
        memcpy(end -= 2, pairs + 2 * (four / 100), 2);
    }
    for (; left >= 100; left /= 100)
        memcpy(end -= 2, pairs + 2 * (left % 100), 2);
    if (left >= 10)
        memcpy(end -= 2, pairs + 2 * left, 2);
    else
        *--end = (char)('0' + left);
    if (value < 0)
        *--end = '-';
    return end;
}

static char *list_put_missing(char *end, const char *what)
{
    size_t length = strlen(what);
    BUG_IF(length > NUMBER_ROOM - sizeof ", ");
    while (length > 0)
        *--end = what[--length];
    return end;
}

// Writes those from `first` on, up to AT_ONCE, each behind a comma but for the very first one.
static void list_print_piece(const int64_t *results, int64_t very_first, int64_t first, int64_t end,
                             list_gap_fn *gap, const void *data)
{
    char piece[AT_ONCE * NUMBER_ROOM];
    char *place = piece + sizeof piece;
    for (int64_t i = end; i-- > first;) {
        const char *missing = gap ? gap(data, i) : NULL;
        place = missing ? list_put_missing(place, missing) : list_put_number(place, results[i]);
        if (i > very_first) {
            *--place = ' ';
            *--place = ',';
        }
    }
    out_write(place, (size_t)(piece + sizeof piece - place));
}

static void list_print_range(const int64_t *results, int64_t first, int64_t end, list_gap_fn *gap,
                             const void *data)
{
    for (int64_t i = first; i < end; i += AT_ONCE)
        list_print_piece(results, first, i, end - i < AT_ONCE ? end : i + AT_ONCE, gap, data);
}

void list_print(const char *title, const int64_t *results, int64_t count, bool all,
                list_gap_fn *gap, const void *data)
{
    out_print("%s[", title);
    if (all || count <= LIST_WHOLE) {
        list_print_range(results, 0, count, gap, data);
        out_print("]\n");
        return;
    }
    list_print_range(results, 0, LIST_HEAD, gap, data);
    out_print(", ..., ");
    list_print_range(results, count - LIST_TAIL, count, gap, data);
    out_print("] (%" PRId64 " %s)\n", count, gap ? "tasks" : "results");
}
