// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that events.def is whole: every kind has a name of its own and stands with its fields in the
// table of src/view/README.md.
#include "help.h"

#include "log/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char table[65536];

static int read_table(void **state)
{
    (void)state;
    FILE *file = fopen(VIEW_README, "r");
    assert_non_null(file);
    table[fread(table, 1, sizeof table - 1, file)] = '\0';
    fclose(file);
    return 0;
}

// Fails unless the table has a row whose first cell names the kind and whose second one its fields.
static void expect_row(const struct schema_kind *schema)
{
    char name[64], row[1024];
    snprintf(name, sizeof name, "`%s`", schema->name);
    const char *fields[] = {schema->a.name, schema->b.name, schema->c.name};
    for (const char *line = strstr(table, "| `event` | fields |"); line;
         line = strchr(line, '\n')) {
        line += *line == '\n';
        if (sscanf(line, "| %1023[^\n]", row) != 1)
            continue;
        char *cell = strstr(row, " | "), *found = strstr(row, name);
        if (!cell || !found || found > cell)
            continue;
        for (size_t i = 0; i < 3; i++) {
            snprintf(name, sizeof name, "`%s`", fields[i] ? fields[i] : schema->name);
            if (!strstr(fields[i] ? cell : row, name))
                fail_msg("README: the row of %s lacks %s", schema->name, fields[i]);
        }
        return;
    }
    fail_msg("README: no row for %s", schema->name);
}

static void every_kind_has_a_row(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++)
        if (kind != EVENT_CALL)
            expect_row(schema_of((enum event_kind)kind));
    for (int call = 0; call < CALL_END; call++)
        expect_row(schema_of_call((enum system_call)call));
}

static void names_are_different(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(schema_of((enum event_kind)i)->name,
                                    schema_of((enum event_kind)j)->name);
}

static void a_signal_that_was_not_sent_is_not_drawn(void **state)
{
    (void)state;
    struct event sent = {.kind = EVENT_SIGNALLED, .a = 15}, late = sent,
                 exit = {.kind = EVENT_DIED};
    struct event killed = {.kind = EVENT_DIED, .a = -1, .b = 9};
    late.b = 3;
    assert_int_equal(schema_sign(&sent), SIGN_SIGNAL);
    assert_int_equal(schema_sign(&late), SIGN_NOT);
    assert_int_equal(schema_sign(&exit), SIGN_NOT);
    assert_int_equal(schema_sign(&killed), SIGN_DEATH);
    assert_int_equal(schema_exit(&killed), -9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_row),
        cmocka_unit_test(names_are_different),
        cmocka_unit_test(a_signal_that_was_not_sent_is_not_drawn),
    };
    return cmocka_run_group_tests(tests, read_table, NULL);
}
