// SPDX-License-Identifier: GPL-3.0-or-later
// echo, sleep and help.
#include "commands/table.h"

#include "base/number.h"
#include "base/out.h"
#include "process/loop.h"
#include "shell/session.h"

#include <string.h>

struct echo_args {
    struct words words;
};

static const struct arg echo_args[] = {
    {"WORD", ARG_WORDS, false, offsetof(struct echo_args, words), 0, 0, 0, NULL, "what to print"},
    {0},
};

static int run_echo(struct call *call)
{
    const struct echo_args *args = call->args;
    struct text line = {0};
    for (size_t i = 0; i < args->words.count; i++) {
        text_add_string(&line, i > 0 ? " " : "");
        text_add_visible(&line, args->words.all[i], strlen(args->words.all[i]));
    }
    text_add(&line, "\n", 1);
    out_write(line.bytes, line.length);
    text_free(&line);
    return STATUS_OK;
}

const struct command command_echo = {
    .name = "echo",
    .group = "Controlling",
    .summary = "prints its words",
    .example = "echo 'and now the barrier'",
    .args = echo_args,
    .args_size = sizeof(struct echo_args),
    .run = run_echo,
};

struct sleep_args {
    int64_t ns;
};

static const struct arg sleep_args[] = {
    {"T", ARG_DURATION, true, offsetof(struct sleep_args, ns), 0, DURATION_MAX, 0, NULL,
     "how long"},
    {0},
};

static void wake_up(void *data)
{
    struct call *call = data;
    call->state = NULL;
    call_finish(call, STATUS_OK);
}

static void give_up_sleep(struct call *call)
{
    loop_cancel(call->state);
    call_finish(call, call_fail(call, "interrupted"));
}

static void show_sleep(const struct call *call, struct progress *progress)
{
    const struct sleep_args *args = call->args;
    progress->part = (double)progress->elapsed / (double)args->ns;
}

static const struct call_ops sleep_ops = {.interrupt = give_up_sleep, .progress = show_sleep};

static int run_sleep(struct call *call)
{
    const struct sleep_args *args = call->args;
    call->ops = &sleep_ops;
    call->state = loop_after(args->ns, wake_up, call);
    return STATUS_PENDING;
}

const struct command command_sleep = {
    .name = "sleep",
    .group = "Controlling",
    .summary = "does nothing for T; workers in the background go on",
    .example = "sleep 1.5s",
    .args = sleep_args,
    .args_size = sizeof(struct sleep_args),
    .run = run_sleep,
};

struct help_args {
    const char *command;
};

static const struct arg help_args[] = {
    {"COMMAND", ARG_WORD, false, offsetof(struct help_args, command), 0, 0, 0, NULL,
     "the command; six, looking or controlling for the list of a group; lists all of them if left "
     "out"},
    {0},
};

// Lines longer than this are hard to read, however wide the terminal is.
enum { WIDEST = 80 };

static int run_help(struct call *call)
{
    const struct help_args *args = call->args;
    size_t columns = session_columns();
    struct text text = {0}, error = {0};
    int status = STATUS_OK;
    columns = columns == 0 || columns > WIDEST ? WIDEST : columns;
    const char *group = args->command ? command_group(session_table(), args->command) : NULL;
    const struct command *command =
        args->command && !group ? command_find(session_table(), args->command, &error) : NULL;
    if (command)
        command_help(command, columns, &text);
    else if (args->command && !group)
        status = call_misuse(call, "%s", text_string(&error));
    else
        command_list(session_table(), group, columns, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    text_free(&error);
    return status;
}

const struct command command_help_entry = {
    .name = "help",
    .group = "Controlling",
    .summary = "lists the commands, or those of a group, or tells all about one",
    .example = "help pool",
    .args = help_args,
    .args_size = sizeof(struct help_args),
    .run = run_help,
};
