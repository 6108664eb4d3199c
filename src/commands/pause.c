// SPDX-License-Identifier: GPL-3.0-or-later
// pause: waits for Return.
#include "commands/table.h"

#include "base/out.h"
#include "shell/call.h"
#include "shell/keypress.h"
#include "shell/terminal.h"

#include <string.h>

struct pause_args {
    struct words text;
};

static const struct arg args[] = {
    {.name = "TEXT",
     .type = ARG_WORDS,
     .field = offsetof(struct pause_args, text),
     .help = "what to say meanwhile"},
    {0},
};

static void pause_take_key(int key, void *data)
{
    struct call *call = data;
    if (key != '\n' && key != KEYPRESS_ON && key != KEYPRESS_GONE)
        return;
    keypress_close();
    call_finish(call, STATUS_OK);
}

static void pause_interrupt(struct call *call)
{
    keypress_close();
    call_finish(call, call_fail(call, "interrupted"));
}

static const struct call_ops pause_ops = {.interrupt = pause_interrupt};

static void pause_print(const struct words *words)
{
    struct text line = {0};
    for (size_t i = 0; i < words->count; i++) {
        text_add_string(&line, i > 0 ? " " : "");
        text_add_visible(&line, words->all[i], strlen(words->all[i]));
    }
    if (line.length > 0)
        out_print("%s\n", text_string(&line));
    text_free(&line);
}

static int pause_run(struct call *call)
{
    const struct pause_args *pause_args = call->args;
    pause_print(&pause_args->text);
    if (!keypress_is_possible())
        return STATUS_OK;
    call->ops = &pause_ops;
    keypress_open(pause_take_key, call);
    terminal_status("-- Return goes on");
    return STATUS_PENDING;
}

const struct command command_pause = {
    .name = "pause",
    .group = "Teaching",
    .summary = "waits for Return on a terminal; elsewhere it passes at once",
    .details = "For scripts that are shown to others.",
    .example = "pause 'which of them will be first?'",
    .args = args,
    .args_size = sizeof(struct pause_args),
    .run = pause_run,
};
