// SPDX-License-Identifier: GPL-3.0-or-later
// source, repeat and quit: where commands come from, and when they end.
#include "commands/table.h"

#include "shell/ending.h"
#include "shell/line.h"
#include "shell/session.h"
#include "shell/source.h"

#include <errno.h>
#include <string.h>

struct source_args {
    const char *file;
};

static const struct arg source_args[] = {
    {"FILE", ARG_FILE, true, offsetof(struct source_args, file), 0, 0, 0, NULL,
     "the file, a command a line"},
    {0},
};

// A file that runs itself would go on until memory is used up.
enum { NESTED_MOST = 100 };

static int run_source(struct call *call)
{
    const struct source_args *args = call->args;
    if (source_depth() > NESTED_MOST)
        return call_fail(call, "%s: files run each other more than %d deep",
                         text_visible(args->file), NESTED_MOST);
    if (source_push_file(args->file))
        return STATUS_OK;
    return call_fail(call, "open(%s): %s", text_visible(args->file), strerror(errno));
}

const struct command command_source = {
    .name = "source",
    .group = "Controlling",
    .summary = "runs the commands of a file, up to the first that fails",
    .example = "source lesson.fl",
    .args = source_args,
    .args_size = sizeof(struct source_args),
    .run = run_source,
};

struct repeat_args {
    int64_t count;
    struct words command;
};

static const struct arg repeat_args[] = {
    {"N", ARG_COUNT, true, offsetof(struct repeat_args, count), 0, 1000000, 0, NULL, "how often"},
    {"COMMAND", ARG_COMMAND, true, offsetof(struct repeat_args, command), 0, 0, 0, NULL,
     "the command with its arguments"},
    {0},
};

static int run_repeat(struct call *call)
{
    const struct repeat_args *args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    if (!command_find(session_table(), args->command.all[0], &error))
        status = call_misuse(call, "%s", text_string(&error));
    else
        source_push_repeat(args->count, line_behind_words(call->text, 2), call->background);
    text_free(&error);
    return status;
}

const struct command command_repeat = {
    .name = "repeat",
    .group = "Controlling",
    .summary = "runs a command N times, up to the first time that it fails",
    .details = "With a '&' each of them runs in the background.",
    .example = "repeat 3 spawn 2",
    .args = repeat_args,
    .args_size = sizeof(struct repeat_args),
    .background = true,
    .run = run_repeat,
};

struct quit_args {
    int64_t status;
};

static const struct arg quit_args[] = {
    {"N", ARG_COUNT, false, offsetof(struct quit_args, status), 0, 255, -1, NULL,
     "the exit status of forklab; what its commands make it if left out"},
    {0},
};

static int run_quit(struct call *call)
{
    const struct quit_args *args = call->args;
    return ending_quit(call, (int)args->status);
}

const struct command command_quit = {
    .name = "quit",
    .group = "Controlling",
    .summary = "leaves forklab: daemon workers are terminated, the others are joined",
    .example = "quit",
    .args = quit_args,
    .args_size = sizeof(struct quit_args),
    .run = run_quit,
};
