// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that tables and trees are aligned, and fit where they can.
#include "help.h"

#include "view/color.h"
#include "view/glyphs.h"
#include "view/table.h"
#include "view/tree.h"

#include <string.h>

static void expect(struct text *text, const char *expected)
{
    assert_string_equal(text_string(text), expected);
    text_free(text);
}

static void write_wide(size_t width, struct text *text)
{
    static const struct table_column columns[] = {
        {"NAME", false, ELASTIC}, {"PID", true, RIGID}, {"WHAT", false, ELASTIC}};
    struct table *table = table_new(columns, 3);
    table_cell(table, "a-name-that-is-long", COLOR_PLAIN);
    table_cell_print(table, "%d", 4711);
    table_cell(table, "what it does all day", COLOR_RED);
    table_cell(table, "b", COLOR_PLAIN);
    table_cell(table, "7", COLOR_PLAIN);
    table_cell(table, "", COLOR_PLAIN);
    table_write(table, width, text);
    table_free(table);
}

static void elastic_columns_give_way(void **state)
{
    (void)state;
    struct text text = {0};
    write_wide(0, &text);
    expect(&text, "NAME                  PID  WHAT\n"
                  "a-name-that-is-long  4711  what it does all day\n"
                  "b                       7\n");
    write_wide(40, &text);
    expect(&text, "NAME           PID  WHAT\n"
                  "a-name-that~  4711  what it does all day\n"
                  "b                7\n");
    // The second one only when the first one has given all that it can.
    write_wide(30, &text);
    expect(&text, "NAME     PID  WHAT\n"
                  "a-nam~  4711  what it does al~\n"
                  "b          7\n");
    // What may not be cut is not; only the gaps give way.
    write_wide(5, &text);
    expect(&text, "NAME    PID WHAT\n"
                  "a-nam~ 4711 what ~\n"
                  "b         7\n");
}

static void names_are_cut_last_and_keep_their_ends(void **state)
{
    (void)state;
    static const struct table_column columns[] = {
        {.title = "NAME", .give = NAMES}, {.title = "PID", .right = true}, {.title = "STATE"}};
    struct table *table = table_new(columns, 3);
    struct text text = {0};
    table_cell(table, "Process-9", COLOR_PLAIN);
    table_cell(table, "4711", COLOR_PLAIN);
    table_cell(table, "running", COLOR_PLAIN);
    table_cell(table, "Process-10", COLOR_PLAIN);
    table_cell(table, "4712", COLOR_PLAIN);
    table_cell(table, "running", COLOR_PLAIN);
    table_write(table, 24, &text);
    expect(&text, "NAME        PID STATE\n"
                  "Process-9  4711 running\n"
                  "Process-10 4712 running\n");
    table_write(table, 19, &text);
    expect(&text, "NAME    PID STATE\n"
                  "Pr~s-9 4711 running\n"
                  "Pr~-10 4712 running\n");
    table_free(table);
}

static void colours_take_no_room(void **state)
{
    (void)state;
    struct text text = {0};
    color_set(COLOR_ALWAYS);
    write_wide(30, &text);
    color_set(COLOR_NEVER);
    assert_non_null(strstr(text_string(&text), "  \x1b[31mwhat it does al~\x1b[0m\n"));
    text_free(&text);
}

static void every_colour_is_a_sequence_of_its_own(void **state)
{
    (void)state;
    color_set(COLOR_ALWAYS);
    for (int one = COLOR_PLAIN; one <= COLOR_BOLD; one++) {
        assert_memory_equal(color((enum color)one), "\x1b[", 2);
        for (int other = COLOR_PLAIN; other < one; other++)
            assert_string_not_equal(color((enum color)one), color((enum color)other));
    }
    color_set(COLOR_NEVER);
    for (int one = COLOR_PLAIN; one <= COLOR_BOLD; one++)
        assert_string_equal(color((enum color)one), "");
}

static void children_hang_below_their_parents(void **state)
{
    (void)state;
    static const struct tree_node nodes[] = {
        {"forklab", "", "running", 10, 0, 'R', COLOR_PLAIN},
        {"Process-1", "daemon", "sleeping", 11, 1, 'S', COLOR_PLAIN},
        {"child of Process-1", "", "zombie", 12, 2, 'Z', COLOR_PLAIN},
        {"Process-2", "", "stopped", 13, 1, 'T', COLOR_PLAIN},
        {"child of Process-2", "", "running", 14, 2, 'R', COLOR_PLAIN},
    };
    struct text text = {0};
    tree_write(nodes, 5, 0, &text);
    expect(&text, "PROCESS                   PID  STATE\n"
                  "forklab                    10  R running\n"
                  "|- Process-1               11  S sleeping  daemon\n"
                  "|  `- child of Process-1   12  Z zombie\n"
                  "`- Process-2               13  T stopped\n"
                  "   `- child of Process-2   14  R running\n");
}

static void a_pipe_names_who_holds_it(void **state)
{
    (void)state;
    static const struct tree_end ends[] = {
        {"Process-1", NULL, 11, 3, true},
        {"a child",
         "keeps the pipe from ending when Process-1 does, as it was forked by it and has "
         "not closed it",
         12, 3, true},
        {"forklab", NULL, 10, 5, false},
    };
    struct text text = {0};
    tree_write_pipe(1, &(struct tree_pipe){"the reports of Process-1", 99, ends, 3}, 60, &text);
    expect(&text, "pipe 1, the reports of Process-1 [99]\n"
                  "  |- writes   Process-1 (11), descriptor 3\n"
                  "  |- writes   a child (12), descriptor 3\n"
                  "  |           ! keeps the pipe from ending when Process-1\n"
                  "  |             does, as it was forked by it and has not\n"
                  "  |             closed it\n"
                  "  `- reads    forklab (10), descriptor 5\n");
}

static void of_many_ends_alike_some_are_counted(void **state)
{
    (void)state;
    enum { COUNT = 30 };
    struct tree_end ends[COUNT];
    struct text text = {0};
    for (int i = 0; i < COUNT; i++)
        ends[i] = (struct tree_end){"w", NULL, i + 1, 3, i < COUNT - 1};
    ends[COUNT - 2].why = "it is odd";
    color_set(COLOR_ALWAYS);
    tree_write_pipe(2, &(struct tree_pipe){"all", 99, ends, COUNT}, 0, &text);
    color_set(COLOR_NEVER);
    const char *written = text_string(&text);
    assert_non_null(strstr(written, "w (8), descriptor 3\n"));
    assert_null(strstr(written, "w (9), "));
    // Who stands in the way is never only counted, and its colour ends with its line.
    assert_non_null(strstr(written, "w (29), descriptor 3\n"));
    assert_non_null(strstr(written, "\x1b[31m! it is odd\x1b[0m\n"));
    assert_non_null(strstr(written, "|- reads    w (30), descriptor 3\n"));
    assert_non_null(strstr(written, "`- and 20 ends more like these\n"));
    text_free(&text);
}

static int set_up(void **state)
{
    (void)state;
    color_set(COLOR_NEVER);
    glyphs_set(GLYPHS_ASCII);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elastic_columns_give_way),
        cmocka_unit_test(names_are_cut_last_and_keep_their_ends),
        cmocka_unit_test(colours_take_no_room),
        cmocka_unit_test(every_colour_is_a_sequence_of_its_own),
        cmocka_unit_test(children_hang_below_their_parents),
        cmocka_unit_test(a_pipe_names_who_holds_it),
        cmocka_unit_test(of_many_ends_alike_some_are_counted),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
