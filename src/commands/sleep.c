// SPDX-License-Identifier: GPL-3.0-or-later
// sleep: does nothing for a while.
#include "commands/table.h"

#include "base/number.h"
#include "os/loop.h"
#include "shell/call.h"

struct sleep_args {
    int64_t ns;
};

static const struct arg sleep_args[] = {
    {.name = "T",
     .type = ARG_DURATION,
     .required = true,
     .field = offsetof(struct sleep_args, ns),
     .max = DURATION_MAX,
     .help = "how long"},
    {0},
};

static void sleep_wake_up(void *data)
{
    struct call *call = data;
    call->state = NULL;
    call_finish(call, STATUS_OK);
}

static void sleep_give_up(struct call *call)
{
    loop_cancel(call->state);
    call_finish(call, call_fail(call, "interrupted"));
}

static void sleep_show(const struct call *call, struct progress *progress)
{
    const struct sleep_args *args = call->args;
    progress->part = (double)progress->elapsed / (double)args->ns;
}

static const struct call_ops sleep_ops = {.interrupt = sleep_give_up, .progress = sleep_show};

static int sleep_run(struct call *call)
{
    const struct sleep_args *args = call->args;
    call->ops = &sleep_ops;
    call->state = loop_after(args->ns, sleep_wake_up, call);
    return STATUS_PENDING;
}

const struct command command_sleep = {
    .name = "sleep",
    .group = "Controlling",
    .summary = "does nothing for T; workers in the background go on",
    .example = "sleep 1.5s",
    .args = sleep_args,
    .args_size = sizeof(struct sleep_args),
    .run = sleep_run,
};
