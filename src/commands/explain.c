// SPDX-License-Identifier: GPL-3.0-or-later
// explain: what the kernel was asked, and answered, for a command; afterwards, or as it happens.
#include "commands/table.h"

#include "commands/job_lookup.h"
#include "commands/shares.h"
#include "jobs/job.h"
#include "shell/live_explain.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/pager.h"
#include "view/explain.h"
#include "jobs/reaper.h"

#include <string.h>

struct explain_args {
    const char *what;
    bool all;
};

static const char *const words[] = {"on", "off", NULL};

static const struct arg args[] = {
    {.name = "WHAT",
     .type = ARG_JOB,
     .field = offsetof(struct explain_args, what),
     .choices = words,
     .standard_is = "the last job",
     .help = "on or off: whether everything is told as it happens; or a job, %J"},
    {.name = "--all",
     .type = ARG_FLAG,
     .field = offsetof(struct explain_args, all),
     .help = "tells everything; else only the first few of many events that are alike"},
    {0},
};

static int explain_job(struct call *call, const struct explain_args *explain_args)
{
    struct explain_style style = {
        .columns = context_prose_columns(), .mark = "", .all = explain_args->all};
    struct past *past = NULL;
    struct text text = {0};
    reaper_collect();
    int status = job_lookup_past(call, explain_args->what, &past);
    if (status != STATUS_OK)
        return status;
    struct text spent = {0};
    const struct job *job = jobs_find(past->job->id);
    if (job && job->count > 0) {
        struct shares shares = shares_of_job(job, past);
        shares_format(&shares, &spent);
        style.spent = text_string(&spent);
    }
    explain_past(past, &style, &text);
    text_free(&spent);
    past_free(past);
    return pager_show(call, &text);
}

static int explain_run(struct call *call)
{
    const struct explain_args *explain_args = call->args;
    const char *what = explain_args->what;
    if (what && (strcmp(what, "on") == 0 || strcmp(what, "off") == 0)) {
        if (explain_args->all)
            return call_misuse(call, "--all is for a job, not for 'on' or 'off'");
        live_explain_set(strcmp(what, "on") == 0);
        return STATUS_OK;
    }
    return explain_job(call, explain_args);
}

const struct command command_explain = {
    .name = "explain",
    .group = "Looking",
    .summary = "tells what the kernel was asked, and answered, for the last command",
    .details =
        "In order: the system calls that make, feed, signal and collect its workers, each with its "
        "answer; what each worker "
        "reported; what the kernel said; and behind '>>>' what people often get wrong about it. "
        "Reads and writes of one pipe are summed up. The system calls that workers make are not "
        "seen.",
    .example = "explain on",
    .args = args,
    .args_size = sizeof(struct explain_args),
    .run = explain_run,
};
