// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/notices.h"

#include "base/fail.h"
#include "base/signame.h"
#include "base/text.h"
#include "process/job.h"
#include "shell/session.h"

#include <stdio.h>

static const struct worker *worker_of(const struct job *job, const struct event *event)
{
    BUG_IF(event->worker >= job->count);
    return job->workers[event->worker];
}

static void tell_death(const struct job *job, const struct worker *worker)
{
    char how[64];
    if (worker->exit_signal)
        snprintf(how, sizeof how, "killed %s", signal_name(worker->exit_signal));
    else
        snprintf(how, sizeof how, "exited %d", worker->exit_code);
    session_notice("[%u] %s (%d) %s%s", job->id, text_visible(worker->name), (int)worker->shown_pid,
                   how, jobs_reaping() ? "" : ", a zombie now");
}

static bool is_in_background(const struct job *job)
{
    const struct call *call = job->owner;
    return call->background;
}

void notices_tell(const struct event *event)
{
    struct job *job = jobs_find(event->job);
    if (!job || !job->owner)
        return;
    bool background = is_in_background(job);
    switch (event->kind) {
    case EVENT_ORPHAN:
        session_notice("%s left a process behind that held its pipe; it was killed",
                       text_visible(worker_of(job, event)->name));
        break;
    case EVENT_DIED:
        if (background)
            tell_death(job, worker_of(job, event));
        break;
    case EVENT_JOB_DONE:
        if (background)
            session_notice("[%u] %s: %s", job->id, job->status == 0 ? "done" : "failed",
                           text_visible(job->title));
        break;
    default:
        break;
    }
}
