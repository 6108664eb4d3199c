// SPDX-License-Identifier: GPL-3.0-or-later
// reap: whether ended workers are collected at once, or left as zombies to look at.
#include "commands/table.h"

#include "base/out.h"
#include "base/signal.h"
#include "jobs/job.h"
#include "shell/call.h"
#include "shell/context.h"
#include "jobs/reaper.h"

enum reap { REAP_OFF, REAP_NOW, REAP_ON };
static const char *const names[] = {"off", "now", "on", NULL};

struct reap_args {
    int64_t what;
};

static const struct arg args[] = {
    {.name = "WHAT",
     .type = ARG_CHOICE,
     .field = offsetof(struct reap_args, what),
     .standard = -1,
     .choices = names,
     .help = "off leaves ended workers as zombies, now collects them, on collects them and all "
             "later ones at once; alone it says which it is"},
    {0},
};

static size_t reap_count_zombies(void)
{
    size_t zombies = 0;
    for (struct job *job = jobs_first(); job; job = job->next)
        for (size_t i = 0; i < job->count; i++)
            zombies += job->workers[i]->kernel == KERNEL_ZOMBIE;
    return zombies;
}

static void reap_tell(void)
{
    size_t zombies = reap_count_zombies();
    if (reaper_is_on())
        out_print("reap is on: an ended worker is collected at once\n");
    else
        out_print("reap is off: an ended worker stays a zombie; there %s %zu\n",
                  zombies == 1 ? "is" : "are", zombies);
}

static void reap_tell_reaped(struct worker *worker)
{
    out_print("%s (%d): exit code ", text_visible(worker->name), (int)worker->shown_pid);
    if (worker->exit_signal)
        out_print("-%d (%s)\n", worker->exit_signal, signal_name(worker->exit_signal));
    else
        out_print("%d\n", worker->exit_code);
}

static int reap_run(struct call *call)
{
    const struct reap_args *reap_args = call->args;
    reaper_collect();
    if (reap_args->what < 0) {
        reap_tell();
        return STATUS_OK;
    }
    if (reap_args->what == REAP_OFF) {
        reaper_set(false);
        call_summary(call, "ended workers stay zombies until 'reap now' or 'reap on'");
        return STATUS_OK;
    }
    size_t reaped = reaper_reap(reap_tell_reaped);
    // Orphans that were adopted and have ended go without a word.
    bool before = reaper_is_on();
    reaper_set(true);
    reaper_collect();
    reaper_set(before || reap_args->what == REAP_ON);
    call_summary(call, "%zu zombie%s reaped", reaped, reaped == 1 ? "" : "s");
    return STATUS_OK;
}

const struct command command_reap = {
    .name = "reap",
    .group = "Controlling",
    .summary = "leaves ended workers as zombies to look at, or collects them",
    .details = "A zombie has ended: its memory and its descriptors are gone, and only its exit "
               "status waits for its parent to collect it. No signal can kill it; 'reap now' is "
               "what ends it. 'quit' leaves no zombie behind, whatever this is set to.",
    .example = "reap off",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct reap_args),
    .run = reap_run,
};
