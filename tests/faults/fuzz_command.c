// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer: a whole session of lines against the real table: look-up, checking, help and
// completion, as the shell does them, but nothing is run. No message may carry a foreign byte raw,
// and no value may lie outside its range.
#include "base/die.h"
#include "commands/table.h"
#include "shell/complete.h"
#include "shell/line.h"
#include "shell/help.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_visible(const struct text *text)
{
    for (size_t i = 0; i < text->length; i++) {
        unsigned char c = (unsigned char)text->bytes[i];
        BUG_IF(c < ' ' || c == 0x7f);
    }
}

static void expect_message(struct text *error)
{
    BUG_IF(error->length == 0);
    expect_visible(error);
    text_clear(error);
}

static void check_value(const struct arg *arg, const char *args)
{
    int64_t number = 0;
    bool is_number = arg->type == ARG_COUNT || arg->type == ARG_DURATION ||
                     arg->type == ARG_CHOICE || arg->type == ARG_SIGNAL || arg->type == ARG_SWITCH;
    if (is_number)
        memcpy(&number, args + arg->field, sizeof number);
    switch (arg->type) {
    case ARG_COUNT:
    case ARG_DURATION:
        BUG_IF(number != arg->standard && (number < arg->min || number > arg->max));
        break;
    case ARG_CHOICE:
        for (int64_t i = 0; i < number; i++)
            BUG_IF(!arg->choices[i]);
        break;
    case ARG_SWITCH:
        for (int64_t i = 2; i < number; i++)
            BUG_IF(!arg->choices[i - 2]);
        break;
    case ARG_SIGNAL:
        BUG_IF(number != arg->standard && (number < 1 || number > 64));
        break;
    case ARG_FLAG:
    case ARG_NAME:
    case ARG_FILE:
    case ARG_WORD:
    case ARG_JOB:
    case ARG_LIVE_JOB:
    case ARG_JOBS:
    case ARG_TARGETS:
    case ARG_ALL_TARGETS:
    case ARG_WORDS:
    case ARG_COMMAND:
        break;
    }
}

static void check_list(const struct arg *arg, const char *args, const struct part *part)
{
    struct words list;
    if (arg->type != ARG_TARGETS && arg->type != ARG_ALL_TARGETS && arg->type != ARG_WORDS)
        return;
    memcpy(&list, args + arg->field, sizeof list);
    BUG_IF(list.count >= part->count);
    for (size_t i = 0; i < list.count; i++)
        BUG_IF(!list.all[i]);
}

static void check_arguments(const struct command *command, struct part *part, struct text *error)
{
    char *args = command_parse(command, part->words + 1, part->count - 1, error);
    if (!args) {
        expect_message(error);
        return;
    }
    BUG_IF(error->length > 0);
    for (const struct arg *arg = command->args; arg && arg->name; arg++) {
        check_value(arg, args);
        check_list(arg, args, part);
    }
    free(args);
}

static void check_part(struct part *part, size_t columns)
{
    struct text error = {0}, help = {0};
    const struct command *command = command_find(command_table, part->words[0], &error);
    if (command) {
        help_command(command, columns, &help);
        BUG_IF(help.length == 0);
        check_arguments(command, part, &error);
    } else {
        expect_message(&error);
    }
    text_free(&error);
    text_free(&help);
}

// Every place where a word could be completed, as readline would ask.
static void check_completion(const char *line)
{
    size_t end = strlen(line);
    size_t start = end;
    while (start > 0 && line[start - 1] != ' ')
        start--;
    struct candidates candidates = {0};
    complete(command_table, line, start, end, &candidates);
    for (size_t i = 0; i < candidates.count; i++)
        BUG_IF(strncmp(candidates.all[i].word, line + start, end - start) != 0);
    complete_free(&candidates);
}

static void check_line(const char *text)
{
    struct line line;
    struct text error = {0};
    check_completion(text);
    if (line_parse(text, &line, &error)) {
        for (size_t i = 0; i < line.count; i++)
            check_part(&line.parts[i], 20 + strlen(text) % 80);
        line_free(&line);
    } else {
        expect_message(&error);
    }
    text_free(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *session = strndup((const char *)data, size);
    BUG_IF(!session);
    for (char *line = session, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        check_line(line);
    }
    free(session);
    return 0;
}
