// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what a bar says, and what goes first when there is no room for all of it.
#include "help.h"

#include "base/clock.h"
#include "view/progress.h"

#include <string.h>

static void expect(struct progress progress, int columns, const char *expected)
{
    struct text text = {0};
    progress_format(&progress, "pool", columns, &text);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void nobody_knows_how_far_it_is(void **state)
{
    (void)state;
    expect((struct progress){.part = -1, .elapsed = 7 * NS_PER_S}, 80, "pool  0:07");
    expect((struct progress){.part = -1, .elapsed = 125 * NS_PER_S}, 80, "pool  2:05");
    expect((struct progress){.part = -1, .elapsed = 3725 * NS_PER_S}, 80, "pool  1:02:05");
}

static void tells_part_rate_and_time_left(void **state)
{
    (void)state;
    expect(
        (struct progress){
            .unit = "tasks", .done = 50, .total = 200, .part = 0.25, .elapsed = 10 * NS_PER_S},
        80, "pool  [#####---------------]  25%  50/200 tasks  5.0/s  0:31 left");
    expect(
        (struct progress){
            .unit = "tasks", .done = 4000, .total = 4000, .part = 1, .elapsed = 10 * NS_PER_S},
        80, "pool  [####################] 100%  4000/4000 tasks  400/s  0:00 left");
    expect((struct progress){.unit = "tasks", .total = 200, .elapsed = NS_PER_S}, 80,
           "pool  [--------------------]   0%  0/200 tasks");
    expect((struct progress){.unit = "tasks", .done = 1, .total = 200, .part = 0.005}, 80,
           "pool  [--------------------]   0%  1/200 tasks  0.0/s  0:01 left");
    expect((struct progress){.part = 1.5, .elapsed = NS_PER_S}, 80,
           "pool  [####################] 100%  0:00 left");
}

static void loses_the_least_important_first(void **state)
{
    (void)state;
    const struct progress progress = {
        .unit = "tasks", .done = 50, .total = 200, .part = 0.25, .elapsed = 10 * NS_PER_S};
    expect(progress, 64, "[#####---------------]  25%  50/200 tasks  5.0/s  0:31 left");
    expect(progress, 55, "[#####---------------]  25%  50/200 tasks  0:31 left");
    expect(progress, 40, "[#####---------------]  25%  0:31 left");
    expect(progress, 30, "[#####---------------]  25%");
    expect(progress, 8, "5.0/s");
    expect(progress, 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_knows_how_far_it_is),
        cmocka_unit_test(tells_part_rate_and_time_left),
        cmocka_unit_test(loses_the_least_important_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
