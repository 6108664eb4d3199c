// SPDX-License-Identifier: GPL-3.0-or-later
// Walks the table of commands: each has help that fits a terminal and names all its arguments, an
// example that it understands, and arguments that a value can have.
#include "help.h"

#include "commands/table.h"
#include "shell/line.h"
#include "shell/help.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define FOR_EACH(command) for (size_t i_ = 0; (command = command_table[i_]); i_++)

static bool is_limited(const struct arg *arg)
{
    return arg->type == ARG_COUNT || arg->type == ARG_DURATION;
}

static void arguments_are_sane(void **state)
{
    (void)state;
    const struct command *command;
    FOR_EACH(command)
    {
        bool optional = false;
        for (const struct arg *arg = command->args; arg && arg->name; arg++) {
            assert_true(arg->help && *arg->help);
            assert_true(arg->field < command->args_size);
            if (is_limited(arg))
                assert_true(arg->min <= arg->max);
            if (arg->type == ARG_CHOICE)
                assert_true(arg->choices && arg->choices[0]);
            // What is taken by its place must be there before what may be left out.
            if (arg->name[0] != '-') {
                assert_false(arg->required && optional);
                optional |= !arg->required;
            }
        }
    }
}

static void names_differ_and_groups_stay_together(void **state)
{
    (void)state;
    for (size_t i = 0; command_table[i]; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(command_table[i]->name, command_table[j]->name);
        if (i == 0 || strcmp(command_table[i]->group, command_table[i - 1]->group) == 0)
            continue;
        for (size_t j = 0; j + 1 < i; j++)
            assert_string_not_equal(command_table[i]->group, command_table[j]->group);
    }
}

static void expect_fits(const char *text, size_t columns)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        if (length > columns && strchr(line, ' ') && strncmp(line, "Example:", 8) != 0)
            print_message("%.*s\n", (int)length, line);
        assert_true(length <= columns || strncmp(line, "Example:", 8) == 0);
        assert_true(length == 0 || line[length - 1] != ' ');
    }
}

static void help_tells_all_and_fits(void **state)
{
    (void)state;
    const struct command *command;
    FOR_EACH(command)
    {
        struct text text = {0};
        help_command(command, 80, &text);
        const char *help = text_string(&text);
        assert_memory_equal(help, command->name, strlen(command->name));
        assert_non_null(strstr(help, "\nExample: "));
        for (const struct arg *arg = command->args; arg && arg->name; arg++) {
            struct text entry = {0};
            text_print(&entry, "\n  %s", arg->name);
            assert_non_null(strstr(help, text_string(&entry)));
            text_free(&entry);
        }
        expect_fits(help, 80);
        text_free(&text);
    }
}

static void help_names_what_a_value_is(void **state)
{
    (void)state;
    static const struct {
        const struct command *command;
        const char *usage;
    } cases[] = {
        {&command_stop, "stop TARGET..."},
        {&command_repeat, "repeat N COMMAND..."},
        {&command_echo, "echo [WORD...]"},
        {&command_fg, "fg [%J]"},
    };
    struct text text = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        help_usage(cases[i].command, &text);
        assert_string_equal(text_string(&text), cases[i].usage);
        text_clear(&text);
    }
    help_usage(&command_kill, &text);
    assert_non_null(strstr(text_string(&text), "[-s SIGNAL]"));
    assert_non_null(strstr(text_string(&text), "[--for T]"));
    assert_non_null(strstr(text_string(&text), "[--ladder]"));
    text_free(&text);
}

static void the_list_has_every_command_and_fits(void **state)
{
    (void)state;
    const struct command *command;
    struct text text = {0};
    help_list(command_table, NULL, 80, &text);
    FOR_EACH(command)
    {
        struct text entry = {0};
        text_print(&entry, "\n  %s ", command->name);
        assert_non_null(strstr(text_string(&text), text_string(&entry)));
        text_free(&entry);
    }
    expect_fits(text_string(&text), 80);
    text_free(&text);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static void the_first_page_fits_any_terminal(void **state)
{
    (void)state;
    for (size_t columns = 50; columns <= 80; columns += 10) {
        struct text text = {0};
        help_page(command_table, columns, &text);
        assert_true(count_lines(text_string(&text)) <= 22);
        expect_fits(text_string(&text), columns);
        text_free(&text);
    }
}

static void a_group_is_asked_for_by_its_name(void **state)
{
    (void)state;
    static const char *const words[] = {"six", "sharing", "teaching", "looking", "controlling"};
    const struct command *command;
    struct text all = {0};
    help_list(command_table, NULL, 80, &all);
    FOR_EACH(command)
    {
        bool found = false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            const char *group = help_group(command_table, words[i]);
            assert_non_null(group);
            found |= strcmp(group, command->group) == 0;
        }
        assert_true(found);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text text = {0}, hint = {0};
        help_list(command_table, help_group(command_table, words[i]), 80, &text);
        text_print(&hint, "help %s", words[i]);
        assert_non_null(strstr(text_string(&all), text_string(&hint)));
        text_free(&text);
        text_free(&hint);
    }
    assert_null(help_group(command_table, "pool"));
    text_free(&all);
}

static void examples_are_understood(void **state)
{
    (void)state;
    const struct command *command;
    FOR_EACH(command)
    {
        struct line line;
        struct text error = {0};
        assert_true(line_parse(command->example, &line, &error));
        for (size_t i = 0; i < line.count; i++) {
            struct part *part = &line.parts[i];
            const struct command *found = command_find(command_table, part->words[0], &error);
            assert_non_null(found);
            void *args = command_parse(found, part->words + 1, part->count - 1, &error);
            if (!args)
                print_message("%s: %s\n", command->example, text_string(&error));
            assert_non_null(args);
            free(args);
        }
        line_free(&line);
        text_free(&error);
    }
}

static void suggests_what_a_word_may_have_meant(void **state)
{
    (void)state;
    static const struct {
        const char *line, *suggestion;
    } cases[] = {
        {"spawn 2 --tog", "did you mean '--together'?"},
        {"spawn 2 --toget", "did you mean '--together'?"},
        {"spawn 2 -t", "did you mean '--together'?"},
        {"spawn 2 --Together", "did you mean '--together'?"},
        {"spawn 2 --ex=3", "did you mean '--exit'?"},
        {"spawn 2 --s", "did you mean '--size'?"},
        {"spawn 2 --foo", "did you mean '--for'?"},
        {"pool 2 4 --max", "did you mean '--max-tasks'?"},
        {"pool 2 4 --ma", "did you mean '--map' or '--max-tasks'?"},
        {"pool 2 4 --poi", "did you mean '--poison'?"},
        {"pool 2 4 --time", "did you mean '--timeout'?"},
        {"pool 2 4 --retr", "did you mean '--retries'?"},
        {"kill --lad", "did you mean '--ladder'?"},
        {"kill --grace", "did you mean '--graceful'?"},
        {"kill -FOO", "'help kill' lists them"},
        {"spawn 2 --", "'help spawn' lists them"},
        {"spawn --help", "'help spawn' lists them"},
        {"kill -h", "'help kill' lists them"},
        {"SPAWN 1", "did you mean 'spawn'?"},
        {"EXIT", "did you mean 'quit'?"},
        {"ST", "did you mean 'stop'?"},
        {"R", "did you mean 'race', 'resume', 'rewind', 'results', 'reap', 'record' or 'repeat'?"},
        {"spwan 1", "did you mean 'spawn'?"},
        {"xyzzy", "'help' lists them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct line line;
        struct text error = {0};
        assert_true(line_parse(cases[i].line, &line, &error));
        const struct part *part = line.parts;
        const struct command *command = command_find(command_table, part->words[0], &error);
        if (command)
            assert_null(command_parse(command, part->words + 1, part->count - 1, &error));
        const char *suggestion = strstr(text_string(&error), "; ");
        assert_non_null(suggestion);
        assert_string_equal(suggestion + 2, cases[i].suggestion);
        line_free(&line);
        text_free(&error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_sane),
        cmocka_unit_test(names_differ_and_groups_stay_together),
        cmocka_unit_test(help_tells_all_and_fits),
        cmocka_unit_test(help_names_what_a_value_is),
        cmocka_unit_test(the_list_has_every_command_and_fits),
        cmocka_unit_test(the_first_page_fits_any_terminal),
        cmocka_unit_test(a_group_is_asked_for_by_its_name),
        cmocka_unit_test(examples_are_understood),
        cmocka_unit_test(suggests_what_a_word_may_have_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
