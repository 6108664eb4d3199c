// SPDX-License-Identifier: GPL-3.0-or-later
// cancel: ends jobs as a whole.
#include "commands/table.h"

#include "base/must.h"
#include "jobs/reaper.h"
#include "jobs/target.h"
#include "jobs/terminate.h"
#include "shell/call.h"

#include <stdlib.h>

struct cancel_args {
    struct words jobs;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOBS,
     .field = offsetof(struct cancel_args, jobs),
     .standard_is = "the youngest one",
     .help = "running jobs"},
    {0},
};

struct cancelling {
    struct job **jobs;
    size_t count;
};

static bool cancel_is_over(const struct cancelling *cancelling)
{
    for (size_t i = 0; i < cancelling->count; i++)
        if (!cancelling->jobs[i]->done)
            return false;
    return true;
}

static void cancel_check(struct call *call)
{
    if (cancel_is_over(call->state))
        call_finish(call, STATUS_OK);
}

// Ctrl-C: they are being ended anyway, and now at once.
static void cancel_hurry(struct call *call)
{
    const struct cancelling *cancelling = call->state;
    for (size_t i = 0; i < cancelling->count; i++)
        terminate_unwanted(cancelling->jobs[i]);
}

static void cancel_free(struct call *call)
{
    struct cancelling *cancelling = call->state;
    free(cancelling->jobs);
    free(cancelling);
}

static const struct call_ops cancel_ops = {
    .interrupt = cancel_hurry, .changed = cancel_check, .free = cancel_free};

static void cancel_add(struct cancelling *cancelling, struct job *job)
{
    for (size_t i = 0; i < cancelling->count; i++)
        if (cancelling->jobs[i] == job)
            return;
    cancelling->jobs = must_realloc(cancelling->jobs, cancelling->count + 1, sizeof(struct job *));
    cancelling->jobs[cancelling->count++] = job;
}

// Returns STATUS_OK, or a status after it told why the word is no running job.
static int cancel_find(struct call *call, struct cancelling *cancelling, const char *word)
{
    struct text error = {0};
    int status = STATUS_OK;
    struct job *job = target_job(word, &error);
    if (!job)
        status = call_fail(call, "%s", text_string(&error));
    else if (job->done)
        status = call_fail(call, "%%%u has ended: it %s", job->id, outcome_predicate(job->outcome));
    else
        cancel_add(cancelling, job);
    text_free(&error);
    return status;
}

static int cancel_find_youngest(struct call *call, struct cancelling *cancelling)
{
    struct job *youngest = NULL;
    for (struct job *job = jobs_first(); job; job = job->next)
        youngest = job->done ? youngest : job;
    if (!youngest)
        return call_fail(call, "no job is running");
    cancel_add(cancelling, youngest);
    return STATUS_OK;
}

static int cancel_run(struct call *call)
{
    const struct cancel_args *cancel_args = call->args;
    struct cancelling *cancelling = must_calloc(1, sizeof *cancelling);
    int status = STATUS_OK;
    call->state = cancelling;
    call->ops = &cancel_ops;
    reaper_collect();
    for (size_t i = 0; i < cancel_args->jobs.count && status == STATUS_OK; i++)
        status = cancel_find(call, cancelling, cancel_args->jobs.all[i]);
    if (cancel_args->jobs.count == 0)
        status = cancel_find_youngest(call, cancelling);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < cancelling->count; i++)
        call_cancel(cancelling->jobs[i]);
    return cancel_is_over(cancelling) ? STATUS_OK : STATUS_PENDING;
}

const struct command command_cancel = {
    .name = "cancel",
    .group = "Controlling",
    .summary = "ends a job: starts no more of it, ends its workers, keeps what was done",
    .details =
        "Workers get SIGTERM, and SIGKILL after 1s. What a pool had done stays for 'results'. "
        "To end single workers, see kill: their job goes on without them.",
    .example = "cancel %1",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct cancel_args),
    .run = cancel_run,
};
