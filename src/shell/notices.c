// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/notices.h"

#include "base/fail.h"
#include "base/signame.h"
#include "base/text.h"
#include "process/job.h"
#include "shell/session.h"

#include <stdio.h>

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
    const struct worker *worker = event->worker < job->count ? job->workers[event->worker] : NULL;
    bool background = is_in_background(job);
    BUG_IF(!worker && (event->kind == EVENT_ORPHAN || event->kind == EVENT_DIED));
    switch (event->kind) {
    case EVENT_ORPHAN:
        session_notice("%s left a process behind that held its pipe; it was killed",
                       text_visible(worker->name));
        break;
    case EVENT_DIED:
        if (background)
            tell_death(job, worker);
        break;
    case EVENT_JOB_DONE:
        if (background)
            session_notice("[%u] %s: %s", job->id, job->status == 0 ? "done" : "failed",
                           text_visible(job->title));
        break;
    case EVENT_JOB_STARTED:
    case EVENT_FORKED:
    case EVENT_HELLO:
    case EVENT_CLAIMED:
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
    case EVENT_LOCKED:
    case EVENT_OUTPUT:
    case EVENT_DEALT:
    case EVENT_RESULTS:
    case EVENT_TASK_LOST:
    case EVENT_FAILED:
    case EVENT_WORK_DONE:
    case EVENT_SIGNALLED:
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
    case EVENT_TORN:
    case EVENT_REAPED:
    case EVENT_MAIN_ENDED:
    case EVENT_CALL:
        break;
    }
}
