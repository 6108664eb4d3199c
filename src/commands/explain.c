// SPDX-License-Identifier: GPL-3.0-or-later
// explain: what the kernel was asked, and answered, for a command; afterwards, or as it happens.
#include "commands/table.h"

#include "base/out.h"
#include "process/target.h"
#include "shell/narrate.h"
#include "shell/session.h"
#include "view/explain.h"
#include "view/story.h"

#include <string.h>

struct explain_args {
    const char *what;
    bool all;
};

static const char *const words[] = {"on", "off", NULL};

static const struct arg args[] = {
    {"WHAT", ARG_JOB, false, offsetof(struct explain_args, what), 0, 0, 0, words,
     "on or off: whether everything is told as it happens; or a job, %J; the last job if left out"},
    {"--all", ARG_FLAG, false, offsetof(struct explain_args, all), 0, 0, 0, NULL,
     "tells everything; else only the first few of many events that are alike"},
    {0},
};

static int explain_job(struct call *call, uint32_t job, bool all)
{
    struct explain_style style = {.columns = session_columns(), .mark = "", .all = all};
    struct story story = {0};
    struct text text = {0};
    story_read(&story, job);
    int status = STATUS_OK;
    if (story.count == 0)
        status = call_fail(call, "the log has nothing about %%%u any more", job);
    else
        explain_story(&story, job, &style, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    story_free(&story);
    return status;
}

static int run(struct call *call)
{
    const struct explain_args *explain_args = call->args;
    const char *what = explain_args->what;
    if (what && (strcmp(what, "on") == 0 || strcmp(what, "off") == 0)) {
        if (explain_args->all)
            return call_misuse(call, "--all is for a job, not for 'on' or 'off'");
        narrate_set(strcmp(what, "on") == 0);
        return STATUS_OK;
    }
    jobs_collect();
    if (!what && story_last_job() == 0)
        return call_fail(call, "there has been no job yet; 'spawn 2' would be one");
    if (!what)
        return explain_job(call, story_last_job(), explain_args->all);
    struct text error = {0};
    const struct job *job = target_job(what, &error);
    int status = job ? explain_job(call, job->id, explain_args->all)
                     : call_fail(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

const struct command command_explain = {
    .name = "explain",
    .group = "Looking",
    .summary = "tells what the kernel was asked, and answered, for the last command",
    .details =
        "In order: the system calls that make, feed, signal and collect its workers, each with its "
        "answer; what each worker "
        "reported; what the kernel said; and behind '>>>' what people often get wrong about it. "
        "Reads and writes of one pipe are summed up. What the workers call themselves is not seen.",
    .example = "explain on",
    .args = args,
    .args_size = sizeof(struct explain_args),
    .run = run,
};
