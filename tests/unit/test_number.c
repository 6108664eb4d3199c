// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that numbers are read and written as number.h says, and nothing else is read.
#include "help.h"

#include "base/clock.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

struct example {
    const char *text;
    int64_t value;
};

static const char *const no_numbers[] = {"",     " ",    "-1",  "+1",  " 1",  "1 ",  "0x10", "1e",
                                         "1.",   ".",    "k",   "s",   "1kk", "1K",  "1G",   "1 k",
                                         "1.5x", "1..5", "1,5", "ten", "1s2", "1ss", "1S",   "١"};

static void reads_counts(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"0", 0},
        {"1", 1},
        {"1000", 1000},
        {"007", 7},
        {"10k", 10000},
        {"1M", 1000000},
        {"0k", 0},
        {"1e6", 1000000},
        {"12e0", 12},
        {"9e18", 9000000000000000000},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775k", 9223372036854775000},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        int64_t value = -7;
        assert_true(number_parse_count(examples[i].text, 0, INT64_MAX, &value));
        assert_int_equal(value, examples[i].value);
    }
}

static void refuses_what_is_no_count(void **state)
{
    (void)state;
    static const char *const more[] = {"1.5",
                                       "1m",
                                       "1s",
                                       "9223372036854775808",
                                       "9223372036854776k",
                                       "99999999999999999999999",
                                       "1k0",
                                       ".5",
                                       "1e19",
                                       "10e18",
                                       "1e-1",
                                       "1e+1",
                                       "1e6k",
                                       "1E6",
                                       "1e99999999999999999999"};
    int64_t value = -7;
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++)
        assert_false(number_parse_count(no_numbers[i], 0, INT64_MAX, &value));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        assert_false(number_parse_count(more[i], 0, INT64_MAX, &value));
    assert_int_equal(value, -7);
}

static void keeps_counts_within_their_limits(void **state)
{
    (void)state;
    int64_t value = -7;
    assert_false(number_parse_count("4", 5, 10, &value));
    assert_false(number_parse_count("11", 5, 10, &value));
    assert_false(number_parse_count("1k", 5, 10, &value));
    assert_int_equal(value, -7);
    assert_true(number_parse_count("5", 5, 10, &value));
    assert_int_equal(value, 5);
    assert_true(number_parse_count("10", 5, 10, &value));
    assert_int_equal(value, 10);
}

static void reads_durations(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"250ms", 250 * NS_PER_MS},
        {"2s", 2 * NS_PER_S},
        {"2", 2 * NS_PER_S},
        {"1.5s", 1500 * NS_PER_MS},
        {".5s", 500 * NS_PER_MS},
        {".1", 100 * NS_PER_MS},
        {"1.5", 1500 * NS_PER_MS},
        {"1m", 60 * NS_PER_S},
        {"1h", 3600 * NS_PER_S},
        {"0", 0},
        {"0.25h", 900 * NS_PER_S},
        {"3us", 3 * NS_PER_US},
        {"7ns", 7},
        {"1.9ns", 1},
        {"24h", DURATION_MAX},
        {"0.000000001s", 1},
        {"1.0000000009s", NS_PER_S},
        {"1.50000000000000000000000s", 1500 * NS_PER_MS},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        int64_t ns = -7;
        assert_true(number_parse_duration(examples[i].text, 0, DURATION_MAX, &ns));
        assert_int_equal(ns, examples[i].value);
    }
}

static void refuses_what_is_no_duration(void **state)
{
    (void)state;
    static const char *const more[] = {"1k",
                                       "1M",
                                       "1d",
                                       "1.s",
                                       "1.5.5s",
                                       "-1s",
                                       "1 s",
                                       "1msx",
                                       "25h",
                                       "86401",
                                       "24.1h",
                                       "1e3s",
                                       "99999999999999999999s",
                                       "9223372036854775807h"};
    int64_t ns = -7;
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++)
        assert_false(number_parse_duration(no_numbers[i], 0, DURATION_MAX, &ns));
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        assert_false(number_parse_duration(more[i], 0, DURATION_MAX, &ns));
    assert_false(number_parse_duration("9ms", 10 * NS_PER_MS, NS_PER_S, &ns));
    assert_int_equal(ns, -7);
}

static void writes_durations(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"250ms", 250 * NS_PER_MS}, {"1.5s", 1500 * NS_PER_MS}, {"24h", DURATION_MAX},
        {"2s", 2 * NS_PER_S},       {"90s", 90 * NS_PER_S},     {"2m", 120 * NS_PER_S},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char text[40];
        number_format_duration(examples[i].value, text, sizeof text);
        assert_string_equal(text, examples[i].text);
    }
}

static void reads_back_exactly_what_it_wrote(void **state)
{
    (void)state;
    uint64_t seed = 20251101;
    for (int64_t limit = 1; limit < DURATION_MAX; limit *= 3) {
        for (int i = 0; i < 200; i++) {
            int64_t ns = pick(&seed, limit + 1), again = -1;
            char text[40];
            number_format_duration(ns, text, sizeof text);
            assert_true(number_parse_duration(text, 0, DURATION_MAX, &again));
            assert_int_equal(again, ns);
        }
    }
}

static void writes_times(void **state)
{
    (void)state;
    static const struct example examples[] = {{"850 us", 850 * NS_PER_US},
                                              {"12.3 ms", 12300 * NS_PER_US},
                                              {"0.43 s", 430 * NS_PER_MS},
                                              {"1.0 ms", NS_PER_MS}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char text[40];
        number_format_time(examples[i].value, text, sizeof text);
        assert_string_equal(text, examples[i].text);
    }
}

static int significant_digits(const char *text)
{
    int digits = 0;
    for (text += strspn(text, "0."); *text && *text != ' '; text++)
        digits += *text != '.';
    return digits;
}

static void times_have_two_or_three_significant_digits(void **state)
{
    (void)state;
    for (int64_t ns = 10 * NS_PER_US; ns < DURATION_MAX; ns += ns / 300) {
        char text[40];
        number_format_time(ns, text, sizeof text);
        if (significant_digits(text) < 2 || significant_digits(text) > 3)
            fail_msg("%lld ns are written as '%s'", (long long)ns, text);
    }
}

static void writes_results_as_python_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } examples[] = {{"0.0", 0},
                    {"1.0", 1},
                    {"2.0", 2.0000000000000004},
                    {"0.1", 0.1},
                    {"-3.5", -3.5},
                    {"99999.0", 99999},
                    {"1e-07", 1e-7},
                    {"1e+20", 1e20},
                    {"123456789012.0", 123456789012},
                    {"0.333333333333", 1.0 / 3}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char text[40];
        number_format_real(examples[i].value, text, sizeof text);
        assert_string_equal(text, examples[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_counts),
        cmocka_unit_test(refuses_what_is_no_count),
        cmocka_unit_test(keeps_counts_within_their_limits),
        cmocka_unit_test(reads_durations),
        cmocka_unit_test(refuses_what_is_no_duration),
        cmocka_unit_test(writes_durations),
        cmocka_unit_test(reads_back_exactly_what_it_wrote),
        cmocka_unit_test(writes_times),
        cmocka_unit_test(times_have_two_or_three_significant_digits),
        cmocka_unit_test(writes_results_as_python_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
