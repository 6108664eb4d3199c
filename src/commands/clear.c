// SPDX-License-Identifier: GPL-3.0-or-later
// clear: an empty screen.
#include "commands/table.h"

#include "base/out.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/screen.h"

// ECMA-48: the cursor to the first column of the first line, and everything behind it erased.
#define CLEAR "\x1b[H\x1b[2J"

static int clear_run(struct call *call)
{
    (void)call;
    if (!context_is_interactive() || !screen_is_possible())
        return STATUS_OK;
    out_flush();
    out_draw(CLEAR, sizeof CLEAR - 1);
    return STATUS_OK;
}

const struct command command_clear = {
    .name = "clear",
    .group = "Controlling",
    .summary = "clears the screen; off a terminal it does nothing",
    .example = "clear",
    .run = clear_run,
};
