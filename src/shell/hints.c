// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/hints.h"

#include "base/out.h"
#include "base/text.h"
#include "shell/context.h"
#include "shell/input_stack.h"
#include "jobs/job.h"
#include "view/color.h"

#include <string.h>

static struct hint {
    const char *command, *words;
    bool failed; // told when the command's job has failed, else when it went well
    bool told;
} hints[] = {
    {.command = "spawn",
     .words = "'explain' tells what the kernel was asked and answered, 'timeline' draws it; "
              "'spawn 6 --together --for 1s' runs all at once"},
    {.command = "name",
     .words = "'name Alice --for 1s &' lasts long enough to look at both with 'jobs' and 'tree'; "
              "'explain' tells what a name is"},
    {.command = "kill",
     .words = "'explain' tells why it may live on after the signal, 'timeline' draws it; "
              "'kill --graceful' catches the signal"},
    {.command = "daemon",
     .words = "'explain' tells what the daemon flag did, 'timeline' draws it; 'daemon --off' is "
              "the same without it"},
    {.command = "barrier",
     .words = "'timeline' draws the waits; 'barrier 3 --stagger 300ms --for 1s' (or 'set for 1s') "
              "makes it long enough to watch; 'explain' tells what the barrier did"},
    {.command = "pool",
     .words = "'explain' tells what forking cost and what it saved, 'timeline' draws the chunks; "
              "'scale pool 4 4k --map prime' measures the speed-up"},
    {.command = "pool",
     .failed = true,
     .words = "'explain' tells which worker had what in hand when it ended, 'timeline' draws it; "
              "'lesson killed' asks what Python does then"},
    {.command = "barrier",
     .failed = true,
     .words = "'explain' tells which party was missing and how the others were freed, 'timeline' "
              "draws it; 'lesson barrier' asks what Python does then"},
    {.command = "lock",
     .failed = true,
     .words = "'explain' tells which worker had what and wanted what; 'race lock-order' counts the "
              "orders that end so; 'lesson deadlock' asks for the cure"},
};

void hints_tell(const struct call *call, bool failed)
{
    if (failed && (!call->job || call->job->cancelled))
        return;
    if (!context_is_interactive() || context_is_quiet() || !context_settings()->hints ||
        context_options()->json || !input_stack_is_typed())
        return;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        struct text line = {0};
        if (hints[i].told || hints[i].failed != failed ||
            strcmp(hints[i].command, call->command->name) != 0)
            continue;
        hints[i].told = true;
        text_add_string(&line, "next: ");
        text_add_wrapped(&line, hints[i].words, strlen("next: "), strlen("next: "),
                         context_prose_columns());
        out_print("%s%s%s\n", color(COLOR_DIM), text_string(&line), color(COLOR_PLAIN));
        text_free(&line);
    }
}
