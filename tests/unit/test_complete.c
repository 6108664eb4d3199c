// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what Tab offers in each place of a line: commands, options and their values, workers and
// jobs.
#include "help.h"

#include "commands/table.h"
#include "shell/complete.h"

#include <string.h>

static struct heard heard;

// Expects that the last word of `line`, or what stands behind its quote, could become these, blanks
// between them, and no file's name.
static void expect_with(const char *line, const char *offered, bool files)
{
    struct candidates candidates = {0};
    struct text text = {0};
    size_t end = strlen(line), begin = end;
    while (begin > 0 && line[begin - 1] != ' ')
        begin--;
    if (strpbrk(line, "'\""))
        begin = (size_t)(strpbrk(line, "'\"") - line) + 1;
    complete(command_table, line, begin, end, &candidates);
    assert_int_equal(candidates.files, files);
    for (size_t i = 0; i < candidates.count; i++)
        text_print(&text, "%s%s", i > 0 ? " " : "", candidates.all[i].word);
    assert_string_equal(text_string(&text), offered);
    text_free(&text);
    complete_free(&candidates);
}

static void expect(const char *line, const char *offered)
{
    expect_with(line, offered, false);
}

static void offers_done_jobs_only_where_they_can_be_looked_at(void **state)
{
    (void)state;
    struct job *done = begin_job(&heard);
    start(done, false, end_at_once);
    finish(done);
    job_finish(done, 0);
    start(begin_job(&heard), false, wait_for_signal);
    expect("results %", "%1 %2 %% %-");
    expect("timeline %", "%1 %2 %% %-");
    expect("export lesson.svg %", "%1 %2 %% %-");
    expect("explain %", "%1 %2 %% %-");
    expect("explain ", "on off %1 %2");
    expect("explain --all %1", "%1");
    expect("fg %", "%2 %% %-");
    expect("bg %", "%2 %% %-");
    expect("kill %", "%2 %% %-");
    expect("kill %2", "%2 %2.0");
    expect("kill %2.", "%2.0");
    expect("kill %%.", "%%.0");
    expect("kill %1.", "");
    expect("show %-.", "%-.0");
    expect("stop P", "Process-2");
    expect("show ", "Process-1 Process-2 %1 %2");
}

static void a_name_comes_with_the_quotes_that_it_needs(void **state)
{
    (void)state;
    static const char *const names[] = {"do something", "it's", "say \"a b\"", "x\\\"'"};
    struct job *job = begin_job(&heard);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct assignment assignment = {.name = names[i], .run = wait_for_signal};
        assert_non_null(job_start(job, &assignment));
    }
    expect("kill do", "'do something'");
    expect("kill 'do som", "do something");
    expect("kill \"do", "do something");
    expect("kill i", "\"it's\"");
    expect("kill 'i", "");
    expect("kill \"i", "it's");
    expect("kill s", "'say \"a b\"'");
    expect("kill \"s", "say \\\"a b\\\"");
    expect("kill x", "\"x\\\\\\\"'\"");
}

static void a_setting_has_values_of_its_own(void **state)
{
    (void)state;
    expect("set ", "for color glyphs pager hints projector");
    expect("set color ", "auto always never");
    expect("set color a", "auto always");
    expect("set glyphs ", "auto utf8 ascii");
    expect("set for ", "");
    expect("set what ", "");
    expect("set color auto ", "");
    expect("repeat 2 set glyphs u", "utf8");
    expect("! set glyphs u", "utf8");
    expect("! ec", "echo");
}

static void an_option_is_no_place(void **state)
{
    (void)state;
    expect("scale po", "pool");
    expect("scale --map=prime po", "pool");
    expect("scale --map prime po", "pool");
    expect("pool --map=prime 2 4 --map=sq", "--map=square");
    expect("repeat 3 set col", "color");
}

static void a_file_has_the_endings_that_are_written(void **state)
{
    (void)state;
    expect_with("export ", "", true);
    expect_with("export a", "a.svg a.html a.json a.csv a.ndjson", true);
    expect_with("export a.", "a.svg a.html a.json a.csv a.ndjson", true);
    expect_with("export a.s", "a.svg", true);
    expect_with("export A.S", "A.Svg", true);
    expect_with("export a.svg", "a.svg", true);
    expect_with("export v1.2", "v1.2.svg v1.2.html v1.2.json v1.2.csv v1.2.ndjson", true);
    expect_with("export .svg", ".svg.svg .svg.html .svg.json .svg.csv .svg.ndjson", true);
    expect_with("export folder/", "", true);
    expect_with("export folder.x/b.c", "folder.x/b.csv", true);
    expect_with("scale pool 2 4 --export a.", "a.svg a.csv a.ndjson", true);
    expect_with("record a", "", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(offers_done_jobs_only_where_they_can_be_looked_at),
        IN_SESSION(an_option_is_no_place),
        IN_SESSION(a_file_has_the_endings_that_are_written),
        IN_SESSION(a_name_comes_with_the_quotes_that_it_needs),
        IN_SESSION(a_setting_has_values_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
