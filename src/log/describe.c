// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/describe.h"

#include "base/number.h"
#include "base/signal.h"
#include "base/text.h"
#include "log/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *describe_worker(const struct model_job *job, int64_t number)
{
    const struct model_worker *worker = model_worker(job, number);
    return worker && *worker->name ? text_visible(worker->name) : "a worker";
}

const char *describe_object_name(const struct model_job *job, uint16_t number)
{
    static char texts[4][16];
    static unsigned turn;
    const struct model_object *object = model_object(job, number);
    if (object && *object->name)
        return text_visible(object->name);
    char *text = texts[turn++ % 4];
    snprintf(text, sizeof texts[0], "object %u", number);
    return text;
}

const char *describe_object(const struct model_job *job, uint16_t number)
{
    static char texts[4][OBJECT_NAME_ROOM * 4 + 4];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    const char *name = describe_object_name(job, number);
    snprintf(text, sizeof texts[0], "%s%s", strchr(name, ' ') ? "" : "the ", name);
    return text;
}

const char *describe_state_word(enum state state)
{
    switch (state) {
    case STATE_RUNNING:
        return "running";
    case STATE_WAITING:
        return "waiting";
    case STATE_STOPPED:
        return "stopped";
    case STATE_ZOMBIE:
        return "zombie";
    case STATE_LOST:
        return "lost";
    case STATE_EXITED:
        return "exited";
    case STATE_KILLED:
        return "killed";
    }
    return "";
}

void describe_exit(int64_t code, int64_t signal, char *text, size_t size)
{
    if (signal)
        snprintf(text, size, "killed %s", signal_name((int)signal));
    else
        snprintf(text, size, "exited %" PRId64, code);
}

void describe_state(const struct model_worker *worker, char *text, size_t size)
{
    enum state state = model_state(worker);
    if (state == STATE_EXITED || state == STATE_KILLED)
        describe_exit(worker->exit_code, worker->exit_signal, text, size);
    else
        snprintf(text, size, "%s", describe_state_word(state));
}

void describe_activity(const struct model_job *job, enum activity activity, uint16_t object,
                       char *text, size_t size)
{
    static const char *const words[ACTIVITIES] = {
        [ACTIVITY_STARTING] = "starting",      [ACTIVITY_WORKING] = "working",
        [ACTIVITY_IDLE] = "waiting for tasks", [ACTIVITY_HOLDING] = "holding ",
        [ACTIVITY_WAITING] = "waiting for ",   [ACTIVITY_STOPPED] = "stopped",
        [ACTIVITY_ZOMBIE] = "zombie"};
    const struct model_object *found = model_object(job, object);
    bool meets = activity == ACTIVITY_WAITING && found && found->meets;
    snprintf(text, size, "%s%s", meets ? "waiting at " : words[activity],
             object == NO_OBJECT ? "" : describe_object_name(job, object));
}

void describe_lane(const struct lane *lane, char *text, size_t size)
{
    if (*lane->worker->name)
        snprintf(text, size, "%s", text_visible(lane->worker->name));
    else
        snprintf(text, size, "#%u", lane->worker->number + 1);
}

void describe_summary(const struct past *past, char *text, size_t size)
{
    const struct model_job *job = past->job;
    char time[32];
    number_format_time(past->done_at - past->origin, time, sizeof time);
    snprintf(text, size, "%zu worker%s, %s%s%s%s", past->workers, past->workers == 1 ? "" : "s",
             past->knows_origin ? "" : "its last ", time, job->done ? ", " : " so far",
             job->done ? outcome_word(job->outcome) : "");
}

void describe_dropped(const struct past *past, char *text, size_t size)
{
    char what[96] = "none of this job", time[32];
    bool is_whole = past->job->is_whole;
    if (past->dropped == 0) {
        snprintf(text, size, "%s", "");
        return;
    }
    number_format_time(past->begin - past->origin, time, sizeof time);
    if (!is_whole && past->knows_origin)
        snprintf(what, sizeof what, "the first %s of this job are missing", time);
    else if (!is_whole)
        snprintf(what, sizeof what, "the beginning of this job is missing");
    snprintf(text, size, "the log has dropped its %" PRIu64 " oldest events%s %s", past->dropped,
             is_whole ? "," : ":", what);
}
