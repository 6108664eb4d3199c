// SPDX-License-Identifier: GPL-3.0-or-later
// echo: prints its words.
#include "commands/table.h"

#include "base/out.h"
#include "shell/call.h"

#include <string.h>

struct echo_args {
    struct words words;
};

static const struct arg echo_args[] = {
    {.name = "WORD",
     .type = ARG_WORDS,
     .field = offsetof(struct echo_args, words),
     .help = "what to print"},
    {0},
};

static int echo_run(struct call *call)
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
    .run = echo_run,
};
