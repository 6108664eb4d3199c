// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that lists are written as they are, number by number, however many there are.
#include "help.h"

#include "base/out.h"
#include "base/text.h"
#include "view/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct text seen;

static void see(const char *line, size_t length)
{
    text_add(&seen, line, length);
}

static const char *show(const int64_t *results, int64_t count, list_gap_fn *gap)
{
    text_clear(&seen);
    out_set_lines(see);
    list_print("", results, count, true, gap, results);
    out_set_lines(NULL);
    return text_string(&seen);
}

static void numbers_of_every_length_are_whole(void **state)
{
    (void)state;
    int64_t power = 1;
    for (int digits = 1; digits <= 19; digits++) {
        int64_t around[] = {power - 1, power, -power, 1 - power};
        char expected[128];
        snprintf(expected, sizeof expected, "[%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 "]",
                 around[0], around[1], around[2], around[3]);
        assert_string_equal(show(around, 4, NULL), expected);
        power = digits < 19 ? power * 10 : power;
    }
    int64_t ends[] = {INT64_MIN, INT64_MAX};
    assert_string_equal(show(ends, 2, NULL), "[-9223372036854775808, 9223372036854775807]");
}

static const char *odd_is_lost(const void *data, int64_t index)
{
    const int64_t *results = data;
    return results[index] % 2 ? "lost" : NULL;
}

static void gaps_are_where_they_belong(void **state)
{
    (void)state;
    int64_t few[] = {1, 2, 3, 5, 6};
    assert_string_equal(show(few, 5, odd_is_lost), "[lost, 2, lost, lost, 6]");
}

static void a_long_list_has_every_number(void **state)
{
    enum { COUNT = 10000 };
    (void)state;
    static int64_t results[COUNT];
    for (int64_t i = 0; i < COUNT; i++)
        results[i] = INT64_MIN + i;
    const char *list = show(results, COUNT, NULL);
    for (int64_t i = 0; i < COUNT; i++) {
        char *end;
        assert_true(*list == (i == 0 ? '[' : ' '));
        assert_true(strtoll(list + 1, &end, 10) == INT64_MIN + i);
        assert_true(*end == (i == COUNT - 1 ? ']' : ','));
        list = end + 1;
    }
    text_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_length_are_whole),
        cmocka_unit_test(gaps_are_where_they_belong),
        cmocka_unit_test(a_long_list_has_every_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
