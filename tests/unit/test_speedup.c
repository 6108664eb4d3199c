// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that the plot of speed-ups finds the serial part, and draws what it is given.
#include "help.h"

#include "base/clock.h"
#include "view/glyphs.h"
#include "view/scaling.h"
#include "view/speedup.h"
#include "view/speedup_svg.h"
#include "view/ticks.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void expect_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static void knows_amdahls_law(void **state)
{
    (void)state;
    expect_near(speedup_amdahl(0, 8), 8);
    expect_near(speedup_amdahl(1, 8), 1);
    expect_near(speedup_amdahl(0.5, 2), 4.0 / 3);
    expect_near(speedup_amdahl(0.3, 1), 1);
}

static void finds_the_serial_part(void **state)
{
    (void)state;
    static const double parts[] = {0, 0.01, 0.25, 0.9, 1};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        double speedup[16];
        for (size_t n = 1; n <= 16; n++)
            speedup[n - 1] = speedup_amdahl(parts[i], (double)n);
        expect_near(speedup_fit(speedup, 16, 16), parts[i]);
        expect_near(speedup_fit(speedup, 2, 16), parts[i]);
    }
}

static void fits_the_middle_of_noise(void **state)
{
    (void)state;
    // Times of 0.5 + e and 1/3 - d: each weighs with the square of what its workers could save.
    const double speedup[] = {1, 1 / 0.6, 1 / 0.4};
    double expected = (0.1 * 0.5 + (0.4 - 1.0 / 3) * (2.0 / 3)) / (0.25 + 4.0 / 9);
    expect_near(speedup_fit(speedup, 3, 3), expected);
}

static void leaves_out_workers_that_wait_for_a_core(void **state)
{
    (void)state;
    const double speedup[] = {1, 2, 2, 2, 2};
    expect_near(speedup_fit(speedup, 5, 2), 0);
    assert_true(speedup_fit(speedup, 5, 5) > 0.1);
}

static void stays_within_what_a_part_can_be(void **state)
{
    (void)state;
    const double slower[] = {1, 0.5}, faster[] = {1, 2.5};
    expect_near(speedup_fit(slower, 2, 2), 1);
    expect_near(speedup_fit(faster, 2, 2), 0);
}

static void fits_nothing_to_one_run(void **state)
{
    (void)state;
    const double speedup[] = {1, 1, 1};
    assert_true(speedup_fit(speedup, 1, 8) < 0);
    assert_true(speedup_fit(speedup, 3, 1) < 0);
}

#define MS(number) ((int64_t)(number)*NS_PER_MS)

// Three rounds on 1, 2 and 3 workers and 2 cores, each with what they waited for a core.
static struct scaling runs_that_waited(struct scaling_run *runs, const int64_t *ready, int64_t own)
{
    static const int64_t walls[] = {MS(400), MS(200), MS(200)};
    for (size_t i = 0; i < 9; i++)
        runs[i] = (struct scaling_run){
            .wall = walls[i % 3], .cpu = MS(400), .ready = ready[i], .own = own};
    return (struct scaling){.runs = runs, .count = 9, .widths = 3, .cores = 2};
}

static void expect_verdict(const int64_t *ready, int64_t own, enum scaling_verdict expected,
                           size_t workers, int64_t waited)
{
    struct scaling_run runs[9];
    struct scaling scaling = runs_that_waited(runs, ready, own);
    struct scaling_wait wait;
    assert_int_equal(scaling_judge(&scaling, &wait), expected);
    assert_int_equal(wait.workers, workers);
    assert_int_equal(wait.waited, waited);
}

static void cores_are_quiet_where_workers_have_one_each(void **state)
{
    (void)state;
    // Three workers on two cores wait for each other, which is nobody else's doing.
    const int64_t quiet[] = {0, MS(10), MS(200), MS(1), MS(12), MS(210), 0, MS(8), MS(190)};
    expect_verdict(quiet, 0, SCALING_QUIET, 2, MS(10));
    // One round that was disturbed is outvoted.
    const int64_t once[] = {0, MS(10), MS(200), MS(300), MS(200), MS(900), 0, MS(8), MS(190)};
    expect_verdict(once, 0, SCALING_QUIET, 2, MS(10));
    // What forklab took of the cores itself is not others' work.
    const int64_t dealt[] = {0, MS(60), 0, 0, MS(60), 0, 0, MS(60), 0};
    expect_verdict(dealt, MS(50), SCALING_QUIET, 2, MS(10));
}

static void cores_are_busy_where_workers_wait_all_the_same(void **state)
{
    (void)state;
    // 2 x 200 ms / 20 are the most that a run explains.
    const int64_t just[] = {0, MS(21), 0, 0, MS(21), 0, 0, MS(21), 0};
    expect_verdict(just, 0, SCALING_BUSY, 2, MS(21));
    const int64_t alone[] = {MS(200), MS(60), MS(400), MS(200), MS(60), MS(400), MS(9), MS(60), 0};
    expect_verdict(alone, 0, SCALING_BUSY, 1, MS(200));
}

static void a_short_run_may_wait_for_a_moment(void **state)
{
    (void)state;
    struct scaling_run runs[] = {{.wall = MS(2), .ready = MS(1)}, {.wall = MS(2), .ready = MS(2)}};
    struct scaling scaling = {.runs = runs, .count = 2, .widths = 2, .cores = 2};
    struct scaling_wait wait;
    assert_int_equal(scaling_judge(&scaling, &wait), SCALING_QUIET);
    runs[1].ready = MS(3);
    assert_int_equal(scaling_judge(&scaling, &wait), SCALING_BUSY);
    assert_int_equal(wait.workers, 2);
}

static void what_the_kernel_does_not_tell_is_not_judged(void **state)
{
    (void)state;
    const int64_t untold[] = {0, -1, 0, 0, -1, 0, 0, -1, 0};
    expect_verdict(untold, 0, SCALING_UNKNOWN, 0, 0);
}

static void takes_the_median_and_knows_the_spread(void **state)
{
    (void)state;
    struct scaling_run runs[] = {{.wall = 90, .cpu = 80, .ready = 3},
                                 {.wall = 70, .ready = -1},
                                 {.wall = 80, .cpu = 60, .ready = 1},
                                 {.wall = 40},
                                 {.wall = 400, .cpu = 70, .ready = 2}};
    struct scaling scaling = {.runs = runs, .count = 5, .widths = 2, .cores = 2};
    struct scaling_width one = scaling_width(&scaling, 1), two = scaling_width(&scaling, 2);
    assert_int_equal(one.runs, 3);
    assert_int_equal(one.wall, 90);
    assert_int_equal(one.fastest, 80);
    assert_int_equal(one.slowest, 400);
    assert_int_equal(one.cpu, 70);
    assert_int_equal(one.ready, 2);
    assert_int_equal(two.runs, 2);
    assert_int_equal(two.wall, 55); // between both
    assert_int_equal(two.ready, -1);
    expect_near(two.speedup, 90.0 / 55);
    expect_near(scaling_speedup(&scaling, 3), 80.0 / 40);
    expect_near(scaling_demand(&scaling), 70.0 / 90);
    scaling.count = 1;
    assert_int_equal(scaling_widths(&scaling), 1);
    assert_int_equal(scaling_width(&scaling, 2).runs, 0);
}

static void a_row_for_each_run(void **state)
{
    (void)state;
    struct scaling_run runs[] = {{.wall = 90, .cpu = 80, .ready = 3}, {.wall = 45, .ready = -1}};
    struct scaling scaling = {.runs = runs, .count = 2, .widths = 2, .cores = 4};
    struct scaling_subject subject = {.map = "prime", .tasks = 7, .verdict = SCALING_UNKNOWN};
    struct text text = {0};
    scaling_write_csv(&scaling, &subject, &text);
    assert_string_equal(text_string(&text),
                        "workers,run,wall_ns,cpu_ns,ready_ns,speed_up,map,tasks,cores,busy\r\n"
                        "1,1,90,80,3,1.000000,prime,7,4,\r\n2,1,45,0,,2.000000,prime,7,4,\r\n");
    text_clear(&text);
    subject.verdict = SCALING_BUSY;
    scaling_write_ndjson(&scaling, &subject, &text);
    assert_string_equal(
        text_string(&text),
        "{\"workers\":1,\"run\":1,\"wall_ns\":90,\"cpu_ns\":80,\"ready_ns\":3,\"speed_up\":1,"
        "\"map\":\"prime\",\"tasks\":7,\"cores\":4,\"busy\":true}\n"
        "{\"workers\":2,\"run\":1,\"wall_ns\":45,\"cpu_ns\":0,\"speed_up\":2,"
        "\"map\":\"prime\",\"tasks\":7,\"cores\":4,\"busy\":true}\n");
    text_free(&text);
}

static void counts_in_round_steps(void **state)
{
    (void)state;
    static const size_t examples[][3] = {{1, 6, 1},    {6, 6, 1},        {7, 6, 2},   {12, 6, 2},
                                         {13, 6, 5},   {30, 6, 5},       {31, 6, 10}, {256, 16, 20},
                                         {256, 6, 50}, {10000, 1, 10000}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_int_equal(ticks_whole_step(examples[i][0], examples[i][1]), examples[i][2]);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;
    for (; *text; text += strcspn(text, "\n") + 1) {
        char line[1024];
        size_t length = strcspn(text, "\n");
        assert_true(length < sizeof line);
        memcpy(line, text, length);
        line[length] = '\0';
        size_t columns = text_columns(line);
        longest = columns > longest ? columns : longest;
    }
    return longest;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    for (; (text = strstr(text, what)); text += strlen(what))
        count++;
    return count;
}

// Draws `count` runs on 2 cores, all but the first slower.
static void draw_serial(size_t count, size_t columns, struct text *text)
{
    const double speedup[] = {1, 0.5, 0.5, 0.5};
    assert_true(count <= 4);
    struct speedup plot = {
        .title = "a plot", .speedup = speedup, .count = count, .cores = 2, .serial = 1};
    speedup_write(&plot, columns, text);
}

// Draws `count` runs on 2 cores, each a little better than the one before.
static void draw(size_t count, size_t columns, struct text *text)
{
    double speedup[256];
    for (size_t i = 0; i < count; i++)
        speedup[i] = 1 + 0.5 * (double)i / (double)count;
    struct speedup plot = {
        .title = "a plot", .speedup = speedup, .count = count, .cores = 2, .serial = 0.25};
    speedup_write(&plot, columns, text);
}

static void fits_its_columns(void **state)
{
    (void)state;
    static const size_t counts[] = {2, 3, 4, 7, 16, 100, 256};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (size_t columns = 60; columns <= 200; columns += 20) {
            struct text text = {0};
            draw(counts[i], columns, &text);
            assert_true(longest_line(text_string(&text)) <= columns);
            assert_true(lines_of(text_string(&text)) <= 24);
            text_free(&text);
        }
    }
}

static void breaks_its_legend_between_entries(void **state)
{
    (void)state;
    for (size_t columns = 24; columns <= 80; columns++) {
        struct text text = {0};
        draw_serial(3, columns, &text);
        const char *legend = strstr(text_string(&text), " measured");
        assert_non_null(legend);
        for (; *legend; legend += strcspn(legend, "\n") + 1) {
            char line[256];
            snprintf(line, sizeof line, "%.*s", (int)strcspn(legend, "\n"), legend);
            assert_true(text_columns(line) <= (columns < 30 ? 30 : columns));
        }
        assert_non_null(strstr(text_string(&text), " Amdahl, 100.0 % serial"));
        assert_non_null(strstr(text_string(&text), " 2 cores"));
        text_free(&text);
    }
}

static void marks_every_run(void **state)
{
    (void)state;
    struct text text = {0};
    draw(4, 60, &text);
    // The fifth is the legend's.
    assert_int_equal(count_of(text_string(&text), glyphs_are_utf8() ? "●" : "O"), 5);
    assert_non_null(strstr(text_string(&text), "25.0 % serial"));
    assert_non_null(strstr(text_string(&text), "2 cores"));
    text_free(&text);
}

static void draws_nothing_for_one_worker(void **state)
{
    (void)state;
    struct text text = {0};
    draw(1, 60, &text);
    assert_int_equal(text.length, 0);
    text_free(&text);
}

static void the_ideal_is_above_all_that_was_measured(void **state)
{
    (void)state;
    const double speedup[] = {1, 1.9, 7.3}, slow[] = {1, 0.5};
    struct speedup plot = {.speedup = speedup, .count = 3, .cores = 2, .serial = -1};
    assert_true(speedup_top(&plot) >= 8);
    plot = (struct speedup){.speedup = slow, .count = 2, .cores = 1, .serial = -1};
    assert_true(speedup_top(&plot) >= 1);
}

// Every place that a picture puts something at lies within it.
static void expect_within(const char *svg, const char *attribute, double most)
{
    for (; (svg = strstr(svg, attribute)); svg++) {
        double place;
        assert_int_equal(sscanf(svg + strlen(attribute), "%lf", &place), 1);
        assert_true(place >= 0 && place <= most);
    }
}

static void the_picture_holds_every_run(void **state)
{
    (void)state;
    const double speedup[] = {1, 1.875, 2.5};
    struct speedup plot = {
        .title = "Speed-up", .speedup = speedup, .count = 3, .cores = 8, .serial = 0.1};
    struct text text = {0};
    speedup_svg_write(&plot, &text);
    const char *svg = text_string(&text);
    assert_int_equal(strncmp(svg, "<svg ", 5), 0);
    assert_int_equal(count_of(svg, "<svg "), count_of(svg, "</svg>"));
    assert_non_null(strstr(svg, ">1.00</text>"));
    assert_non_null(strstr(svg, ">1.88</text>"));
    assert_non_null(strstr(svg, ">2.50</text>"));
    assert_non_null(strstr(svg, "prefers-color-scheme: dark"));
    assert_null(strstr(svg, "cores</text>"));
    assert_null(strstr(svg, "<script"));
    expect_within(svg, " x=\"", 1280);
    expect_within(svg, " y=\"", 720);
    expect_within(svg, " cx=\"", 1280);
    expect_within(svg, " cy=\"", 720);
    text_free(&text);
}

static void the_label_of_the_cores_stands_above_its_line(void **state)
{
    (void)state;
    const double speedup[] = {1, 1.9, 2.5};
    struct speedup plot = {.title = "x", .speedup = speedup, .count = 3, .cores = 3, .serial = -1};
    struct text text = {0};
    speedup_svg_write(&plot, &text);
    assert_non_null(strstr(text_string(&text), "<text x=\"970.0\" y=\"132.0\" font-size=\"20.0\" "
                                               "text-anchor=\"middle\" class=\"ink\""));
    text_clear(&text);
    plot.cores = 2;
    speedup_svg_write(&plot, &text);
    assert_non_null(strstr(text_string(&text), "<text x=\"547.0\" y=\"132.0\" "));
    text_free(&text);
}

static int ascii(void **state)
{
    (void)state;
    setlocale(LC_CTYPE, "C");
    assert_false(glyphs_are_utf8());
    return 0;
}

static int utf8(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8"))
        assert_true(glyphs_are_utf8());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_amdahls_law),
        cmocka_unit_test(finds_the_serial_part),
        cmocka_unit_test(fits_the_middle_of_noise),
        cmocka_unit_test(leaves_out_workers_that_wait_for_a_core),
        cmocka_unit_test(stays_within_what_a_part_can_be),
        cmocka_unit_test(fits_nothing_to_one_run),
        cmocka_unit_test(cores_are_quiet_where_workers_have_one_each),
        cmocka_unit_test(cores_are_busy_where_workers_wait_all_the_same),
        cmocka_unit_test(a_short_run_may_wait_for_a_moment),
        cmocka_unit_test(what_the_kernel_does_not_tell_is_not_judged),
        cmocka_unit_test(takes_the_median_and_knows_the_spread),
        cmocka_unit_test(a_row_for_each_run),
        cmocka_unit_test(counts_in_round_steps),
        cmocka_unit_test_setup_teardown(fits_its_columns, utf8, NULL),
        cmocka_unit_test_setup_teardown(fits_its_columns, ascii, NULL),
        cmocka_unit_test_setup_teardown(marks_every_run, utf8, NULL),
        cmocka_unit_test_setup_teardown(marks_every_run, ascii, NULL),
        cmocka_unit_test_setup_teardown(breaks_its_legend_between_entries, utf8, NULL),
        cmocka_unit_test_setup_teardown(breaks_its_legend_between_entries, ascii, NULL),
        cmocka_unit_test(draws_nothing_for_one_worker),
        cmocka_unit_test(the_ideal_is_above_all_that_was_measured),
        cmocka_unit_test(the_picture_holds_every_run),
        cmocka_unit_test(the_label_of_the_cores_stands_above_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
