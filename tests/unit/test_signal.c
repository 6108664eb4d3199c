// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that signals are known by name and number, and nothing else is taken for one.
#include "help.h"

#include "base/signal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void knows_a_signal_by_all_its_names(void **state)
{
    (void)state;
    static const char *const names[] = {"SIGTERM", "TERM", "term", "sigterm", "SigTerm", "15"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(signal_number(names[i]), SIGTERM);
    assert_int_equal(signal_number("io"), SIGIO);
    assert_int_equal(signal_number("SIGPOLL"), SIGIO);
}

static void refuses_what_names_no_signal(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",      "SIG", "0",          "-1", "32",   "64",  "1k",          "SIGRTMIN",
        "TERM ", " 15", "SIGSIGTERM", "+9", "SIG9", "0x9", "99999999999", "TER"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(signal_number(names[i]), -1);
}

static void reads_back_every_name_it_writes(void **state)
{
    (void)state;
    for (int number = 1; number <= SIGNAL_LAST; number++) {
        char digits[8];
        snprintf(digits, sizeof digits, "%d", number);
        assert_int_equal(strncmp(signal_name(number), "SIG", 3), 0);
        assert_int_equal(signal_number(signal_name(number)), number);
        assert_int_equal(signal_number(digits), number);
    }
}

static void writes_names(void **state)
{
    (void)state;
    assert_string_equal(signal_name(15), "SIGTERM");
    assert_string_equal(signal_name(SIGKILL), "SIGKILL");
    assert_string_equal(signal_name(SIGSEGV), "SIGSEGV");
}

static void numbers_without_a_name_are_unknown(void **state)
{
    (void)state;
    static const int numbers[] = {0, -1, SIGNAL_LAST + 1, 64, 100000, -100000};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_string_equal(signal_name(numbers[i]), "SIG?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_signal_by_all_its_names),
        cmocka_unit_test(refuses_what_names_no_signal),
        cmocka_unit_test(reads_back_every_name_it_writes),
        cmocka_unit_test(writes_names),
        cmocka_unit_test(numbers_without_a_name_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
