// SPDX-License-Identifier: GPL-3.0-or-later
// The half of lanes.h for lanes that have been read: who is who, and what is to be drawn and said.
#include "view/lanes.h"

#include "log/schema.h"
#include "base/number.h"
#include "base/signal.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int lanetext_compare_workers(const void *number, const void *lane)
{
    uint32_t a = *(const uint32_t *)number, b = ((const struct lane *)lane)->worker;
    return (a > b) - (a < b);
}

const struct lane *lanes_find(const struct lanes *lanes, uint32_t worker)
{
    if (lanes->count == 0)
        return NULL;
    return bsearch(&worker, lanes->all, lanes->count, sizeof *lanes->all, lanetext_compare_workers);
}

void lanes_know(struct lanes *lanes, const struct known *known)
{
    for (size_t i = 0; i < lanes->count; i++) {
        struct lane *lane = &lanes->all[i];
        if (lane->worker >= known->count)
            continue;
        lane->name = lane->name ? lane->name : known->workers[lane->worker].name;
        lane->pid = lane->pid ? lane->pid : known->workers[lane->worker].pid;
    }
    if (lanes->is_whole)
        return;
    if (!lanes->done && known->ended > 0) {
        lanes->done = true;
        lanes->done_at = known->ended;
        lanes->outcome = known->outcome;
    }
    lanes->workers = known->count;
    lanes->title = known->title;
    lanes->origin = known->started < lanes->begin ? known->started : lanes->begin;
    lanes->knows_origin = true;
}

const char *phase_name(enum phase phase)
{
    switch (phase) {
    case PHASE_STARTING:
        return "starting";
    case PHASE_WORKING:
        return "working";
    case PHASE_IDLE:
        return "waiting for tasks";
    case PHASE_AT_BARRIER:
        return "waiting at barrier";
    case PHASE_AT_LOCK:
        return "waiting for lock";
    case PHASE_STOPPED:
        return "stopped";
    case PHASE_ZOMBIE:
        return "zombie";
    }
    return "";
}

void lane_format_name(const struct lane *lane, char *text, size_t size)
{
    if (lane->name)
        snprintf(text, size, "%s", text_visible(lane->name));
    else
        snprintf(text, size, "#%u", lane->worker + 1);
}

static const char *lanetext_living_state(const struct lane *lane)
{
    if (lane->lost)
        return "lost";
    switch (lane->phase) {
    case PHASE_STOPPED:
        return "stopped";
    case PHASE_AT_BARRIER:
    case PHASE_AT_LOCK:
        return "waiting";
    case PHASE_STARTING:
    case PHASE_WORKING:
    case PHASE_IDLE:
    case PHASE_ZOMBIE:
        break;
    }
    return "running";
}

void lane_format_end(const struct lane *lane, char *text, size_t size)
{
    if (lane->end == LANE_LIVES)
        snprintf(text, size, "%s", lanetext_living_state(lane));
    else if (lane->end == LANE_ZOMBIE)
        snprintf(text, size, "zombie");
    else if (lane->signal > 0)
        snprintf(text, size, "killed %s", signal_name((int)lane->signal));
    else
        snprintf(text, size, "exited %" PRId64, lane->exit_code);
}

void lanes_format_summary(const struct lanes *lanes, char *text, size_t size)
{
    char time[32];
    number_format_time(lanes->done_at - lanes->origin, time, sizeof time);
    snprintf(text, size, "%zu worker%s, %s%s%s%s", lanes->workers, lanes->workers == 1 ? "" : "s",
             lanes->knows_origin ? "" : "its last ", time, lanes->done ? ", " : " so far",
             lanes->done ? outcome_word(lanes->outcome) : "");
}

void lanes_format_dropped(const struct lanes *lanes, char *text, size_t size)
{
    char what[96] = "none of this job", time[32];
    if (lanes->dropped == 0) {
        snprintf(text, size, "%s", "");
        return;
    }
    number_format_time(lanes->begin - lanes->origin, time, sizeof time);
    if (!lanes->is_whole && lanes->knows_origin)
        snprintf(what, sizeof what, "the first %s of this job are missing", time);
    else if (!lanes->is_whole)
        snprintf(what, sizeof what, "the beginning of this job is missing");
    snprintf(text, size, "the log has dropped its %" PRIu64 " oldest events%s %s", lanes->dropped,
             lanes->is_whole ? "," : ":", what);
}

static void lanetext_format_worker(const struct lanes *lanes, uint32_t worker, char *text,
                                   size_t size)
{
    const struct lane *lane = lanes_find(lanes, worker);
    if (lane)
        lane_format_name(lane, text, size);
    else
        snprintf(text, size, "#%u", worker + 1);
}

// Who died with a lock, or somebody (LOCK_SOMEBODY).
static void lanetext_format_owner(const struct lanes *lanes, int64_t owner, char *text, size_t size)
{
    if (owner >= 0)
        lanetext_format_worker(lanes, (uint32_t)owner, text, size);
    else
        snprintf(text, size, "somebody");
}

static void lanetext_format_death(const struct event *mark, const char *name, char *text,
                                  size_t size)
{
    if (mark->b > 0)
        snprintf(text, size, "%s killed by %s", name, signal_name((int)mark->b));
    else
        snprintf(text, size, "%s exited %" PRId64, name, mark->a);
}

static void lanetext_format_signal(const struct event *mark, const char *name, char *text,
                                   size_t size)
{
    if (mark->b == 0)
        snprintf(text, size, "%s to %s", signal_name((int)mark->a), name);
    else
        snprintf(text, size, "%s to %s: %s", signal_name((int)mark->a), name,
                 strerror((int)mark->b));
}

static void lanetext_format_break(const struct lanes *lanes, const struct event *mark, char *text,
                                  size_t size)
{
    char culprit[256];
    if (mark->a < 0) {
        snprintf(text, size, "the barrier broke: it took too long");
        return;
    }
    lanetext_format_worker(lanes, (uint32_t)mark->a, culprit, sizeof culprit);
    bool was_forked = lanes_find(lanes, (uint32_t)mark->a) || !lanes->is_whole;
    snprintf(text, size, "the barrier broke: %s %s", culprit,
             was_forked ? "is gone" : "could not be started");
}

enum drawn mark_drawn(const struct event *mark)
{
    if (mark->kind == EVENT_RELEASED)
        return DRAWN_RELEASE;
    if (mark->kind == EVENT_BROKEN)
        return DRAWN_BREAK;
    if (mark->kind == EVENT_SIGNALLED && mark->b == 0)
        return DRAWN_SIGNAL;
    if (mark->kind == EVENT_DIED && mark->b > 0)
        return DRAWN_DEATH;
    if (mark->kind == EVENT_PIPE_CLOSED || mark->kind == EVENT_GARBAGE)
        return DRAWN_LOSS;
    return DRAWN_NOT;
}

bool mark_is_told(const struct event *mark)
{
    return mark->kind != EVENT_RELEASED && (mark->kind != EVENT_DIED || mark->b > 0);
}

void lanes_format_mark(const struct lanes *lanes, const struct event *mark, char *text, size_t size)
{
    char name[256], other[256];
    lanetext_format_worker(lanes, mark->worker, name, sizeof name);
    switch (mark->kind) {
    case EVENT_SIGNALLED:
        lanetext_format_signal(mark, name, text, size);
        break;
    case EVENT_RELEASED:
        snprintf(text, size, "round %" PRId64 " released", mark->a + 1);
        break;
    case EVENT_BROKEN:
        lanetext_format_break(lanes, mark, text, size);
        break;
    case EVENT_DIED:
        lanetext_format_death(mark, name, text, size);
        break;
    case EVENT_LOCKED:
        lanetext_format_owner(lanes, mark->a, other, sizeof other);
        snprintf(text, size, "%s got the lock that %s died with", name, other);
        break;
    case EVENT_TASK_LOST:
    case EVENT_TASK_FAILED:
        if (mark->b == 1)
            snprintf(text, size, "task %" PRId64 " %s", mark->a,
                     mark->kind == EVENT_TASK_LOST ? "lost" : "failed");
        else
            snprintf(text, size, "tasks %" PRId64 " to %" PRId64 " lost", mark->a,
                     mark->a + mark->b - 1);
        break;
    case EVENT_STEP:
        snprintf(text, size, "step %" PRId64 ": %s %s", mark->a, name,
                 text_visible(mark->text ? mark->text : ""));
        break;
    case EVENT_FAILED:
        snprintf(text, size, "%s failed: %s", name, text_visible(mark->text ? mark->text : ""));
        break;
    case EVENT_PIPE_CLOSED:
        snprintf(text, size, "%s closed its pipe", name);
        break;
    case EVENT_GARBAGE:
        snprintf(text, size, "%s sent garbage", name);
        break;
    case EVENT_TORN:
        snprintf(text, size, "%s died within a frame", name);
        break;
    case EVENT_ORPHAN:
        snprintf(text, size, "%s left a process behind", name);
        break;
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_FORKED:
    case EVENT_HELLO:
    case EVENT_CLAIMED:
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_OUTPUT:
    case EVENT_DEALT:
    case EVENT_RESULTS:
    case EVENT_WORK_DONE:
    case EVENT_STOPPED:
    case EVENT_MAIN_ENDED:
    case EVENT_CALL:
    case EVENT_OBJECT:
    case EVENT_WAITS:
    case EVENT_HOLDS:
    case EVENT_LETS_GO:
    case EVENT_GOES_ON:
    case EVENT_VALUE:
    case EVENT_WOKE:
    case EVENT_DEADLOCK:
    case EVENT_KINDS:
    case EVENT_CONTINUED:
    case EVENT_REAPED:
        snprintf(text, size, "%s", schema_of(mark->kind)->name);
        break;
    }
}
