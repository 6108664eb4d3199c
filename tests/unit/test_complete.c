// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what Tab offers in each place of a line: commands, options and their values, workers and jobs.
#include "help.h"

#include "commands/table.h"
#include "shell/complete.h"

#include <string.h>

static struct heard heard;

// Expects that the last word of `line` could become these, blanks between them, and no file's name.
static void expect(const char *line, const char *offered)
{
    struct words candidates = {0};
    struct text text = {0};
    size_t end = strlen(line), begin = end;
    while (begin > 0 && line[begin - 1] != ' ')
        begin--;
    assert_false(complete(command_table, line, begin, end, &candidates));
    for (size_t i = 0; i < candidates.count; i++)
        text_print(&text, "%s%s", i > 0 ? " " : "", candidates.all[i]);
    assert_string_equal(text_string(&text), offered);
    text_free(&text);
    complete_free(&candidates);
}

static void offers_done_jobs_only_where_they_can_be_looked_at(void **state)
{
    (void)state;
    struct job *done = begin_job(&heard);
    start(done, false, end_at_once);
    finish(done);
    job_finish(done, 0);
    start(begin_job(&heard), false, wait_for_signal);
    expect("results %", "%1 %2");
    expect("timeline %", "%1 %2");
    expect("export lesson.svg %", "%1 %2");
    expect("explain %", "%1 %2");
    expect("explain ", "on off %1 %2");
    expect("explain --all %1", "%1");
    expect("fg %", "%2");
    expect("bg %", "%2");
    expect("kill %", "%2");
    expect("stop P", "Process-2");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SESSION(offers_done_jobs_only_where_they_can_be_looked_at),
        IN_SESSION(an_option_is_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
