// SPDX-License-Identifier: GPL-3.0-or-later
// fg and bg: jobs to the front and, stopped ones, on in the background.
#include "commands/table.h"

#include "base/out.h"
#include "jobs/target.h"
#include "shell/execute.h"
#include "jobs/reaper.h"
#include "shell/call.h"

#include <signal.h>

struct fg_args {
    const char *job;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_LIVE_JOB,
     .field = offsetof(struct fg_args, job),
     .standard_is = "the youngest in the background",
     .help = "the job"},
    {0},
};

// Finds the job in the background that is meant. NULL after it said that there is none.
static struct job *fg_find(struct call *call)
{
    const struct fg_args *fg_args = call->args;
    struct text error = {0};
    struct job *found = NULL;
    reaper_collect();
    if (fg_args->job)
        found = target_job(fg_args->job, &error);
    else
        for (struct job *job = jobs_first(); job; job = job->next)
            found = job->done ? found : job;
    if (error.length > 0)
        call_fail(call, "%s", text_string(&error));
    else if (!found)
        call_fail(call, "there is no job in the background");
    else if (found->done)
        call_fail(call, "%%%u %s", found->id, outcome_predicate(found->outcome));
    text_free(&error);
    return found && !found->done ? found : NULL;
}

// Also those that are only about to be stopped.
static void fg_continue_stopped(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (worker_lives(job->workers[i]))
            worker_signal(job->workers[i], SIGCONT);
}

static int fg_run(struct call *call)
{
    struct job *job = fg_find(call);
    if (!job)
        return STATUS_FAILED;
    out_print("%s\n", text_visible(job->title));
    fg_continue_stopped(job);
    call_to_front(job->owner);
    return STATUS_OK;
}

static int fg_run_bg(struct call *call)
{
    struct job *job = fg_find(call);
    if (!job)
        return STATUS_FAILED;
    out_print("[%u] %s &\n", job->id, text_visible(job->title));
    fg_continue_stopped(job);
    return STATUS_OK;
}

const struct command command_fg = {
    .name = "fg",
    .group = "Controlling",
    .summary = "brings a job to the front; Ctrl-Z sends it back, Ctrl-C terminates it",
    .details = "Workers of the job that are stopped go on.",
    .example = "fg %1",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct fg_args),
    .run = fg_run,
};

const struct command command_bg = {
    .name = "bg",
    .group = "Controlling",
    .summary = "lets a stopped job go on in the background",
    .example = "bg %1",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct fg_args),
    .run = fg_run_bg,
};
