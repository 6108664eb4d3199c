// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/notices.h"

#include "base/die.h"
#include "base/out.h"
#include "base/signal.h"
#include "base/text.h"
#include "jobs/job.h"
#include "shell/json_output.h"
#include "shell/context.h"
#include "jobs/reaper.h"

#include <stdio.h>

void notices_add(const char *format, ...)
{
    if (context_is_quiet())
        return;
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&line, format, arguments);
    va_end(arguments);
    if (json_output_is_on())
        json_output_words(NULL, "notice", text_string(&line));
    else
        out_print("%s\n", text_string(&line));
    text_free(&line);
}

static const struct worker *notices_worker_of(const struct job *job, const struct event *event)
{
    BUG_IF(event->worker >= job->count);
    return job->workers[event->worker];
}

static void notices_tell_death(const struct job *job, const struct worker *worker)
{
    char how[64];
    if (worker->exit_signal)
        snprintf(how, sizeof how, "killed %s", signal_name(worker->exit_signal));
    else
        snprintf(how, sizeof how, "exited %d", worker->exit_code);
    notices_add("[%u] %s (%d) %s%s", job->id, text_visible(worker->name), (int)worker->shown_pid,
                how, reaper_is_on() ? "" : ", a zombie now");
}

// Stops that forklab was asked for are no news.
static void notices_tell_stop(const struct job *job, const struct worker *worker, bool background)
{
    bool stopped = worker->kernel == KERNEL_STOPPED;
    char place[24] = "";
    if (!worker->stopped_outside || (!stopped && worker->cont_asked))
        return;
    if (background)
        snprintf(place, sizeof place, "[%u] ", job->id);
    notices_add("%s%s (%d) %s", place, text_visible(worker->name), (int)worker->shown_pid,
                stopped ? "was stopped from outside" : "goes on");
}

static bool notices_is_in_background(const struct job *job)
{
    const struct call *call = job->owner;
    return call->background;
}

void notices_tell(const struct event *event)
{
    struct job *job = jobs_find(event->job);
    if (!job || !job->owner)
        return;
    bool background = notices_is_in_background(job);
    switch (event->kind) {
    case EVENT_ORPHAN:
        notices_add("%s left a process behind that held its pipe; it was killed",
                    text_visible(notices_worker_of(job, event)->name));
        break;
    case EVENT_DIED:
        if (background && !notices_worker_of(job, event)->laddered)
            notices_tell_death(job, notices_worker_of(job, event));
        break;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
        notices_tell_stop(job, notices_worker_of(job, event), background);
        break;
    case EVENT_JOB_DONE:
        if (background)
            notices_add("[%u] %s: %s", job->id, outcome_word(job->outcome),
                        text_visible(job->title));
        break;
    default:
        break;
    }
}
