// SPDX-License-Identifier: GPL-3.0-or-later
// suspend: back to the shell that forklab was started from, which can continue it.
#include "commands/table.h"

#include "base/out.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/terminal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

// Whether the process that started forklab looks after it as a shell with job control does: in the
// same session, but in another process group. Only then there is something to go back to.
static bool suspend_is_possible(void)
{
    pid_t parent = getppid();
    return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

static int suspend_run(struct call *call)
{
    if (!context_is_interactive())
        return call_fail(call, "there is no terminal to give back");
    if (!suspend_is_possible())
        return call_fail(call, "no shell with job control is there that could continue forklab");
    if (!terminal_suspend())
        return call_fail(call, "kill(0, SIGTSTP): %s", strerror(errno));
    return STATUS_OK;
}

const struct command command_suspend = {
    .name = "suspend",
    .group = "Controlling",
    .summary = "stops forklab and gives the terminal back to the shell; 'fg' there continues it",
    .details = "Workers go on meanwhile.",
    .example = "suspend",
    .unrecorded = true,
    .run = suspend_run,
};
