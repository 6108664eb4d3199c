// SPDX-License-Identifier: GPL-3.0-or-later
// source: runs the commands of a file.
#include "commands/table.h"

#include "base/file.h"
#include "shell/call.h"
#include "shell/input_stack.h"

#include <errno.h>
#include <string.h>

struct source_args {
    const char *file;
    bool keeps_going;
};

static const struct arg source_args[] = {
    {.name = "FILE",
     .type = ARG_FILE,
     .required = true,
     .field = offsetof(struct source_args, file),
     .help = "the file, a command a line"},
    {.name = "-k",
     .type = ARG_FLAG,
     .field = offsetof(struct source_args, keeps_going),
     .help = "keeps going after a command that failed"},
    {0},
};

// A file that runs itself would go on until memory is used up.
enum { NESTED_MOST = 100 };

static int source_run(struct call *call)
{
    const struct source_args *args = call->args;
    if (input_stack_depth() > NESTED_MOST)
        return call_fail(call, "%s: files run each other more than %d deep",
                         text_visible(args->file), NESTED_MOST);
    if (input_stack_push_file(args->file, args->keeps_going))
        return STATUS_OK;
    if (errno == ETXTBSY)
        return call_fail(call, "%s: " FILE_IN_USE ", so reading it might never end",
                         text_visible(args->file));
    return call_fail(call, "open(%s): %s", text_visible(args->file), strerror(errno));
}

const struct command command_source = {
    .name = "source",
    .group = "Controlling",
    .summary = "runs the commands of a file, up to the first that fails",
    .example = "source lesson.fl",
    .args = source_args,
    .args_size = sizeof(struct source_args),
    .run = source_run,
};
