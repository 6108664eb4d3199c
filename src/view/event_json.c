// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/outcome.h"
#include "view/event_json.h"

#include "base/json.h"
#include "base/signal.h"
#include "worker/frame.h"
#include "worker/report.h"

#include <string.h>
#include <sys/wait.h>

static void event_json_add_signal(struct text *text, int64_t number)
{
    json_number(text, "signal", number);
    json_text(text, "signal_name", signal_name((int)number));
}

const char *event_json_claim(int64_t claim)
{
    switch ((enum claim)claim) {
    case CLAIM_STARTING:
        return "starting";
    case CLAIM_WORKING:
        return "working";
    case CLAIM_AT_BARRIER:
        return "at_barrier";
    case CLAIM_AT_LOCK:
        return "at_lock";
    case CLAIM_DONE:
        return "done";
    }
    return "?";
}

// As multiprocessing has it: a signal is a negative exit code.
static void event_json_add_death(struct text *text, int64_t code, int64_t number)
{
    json_number(text, "exit_code", number ? -number : code);
    if (number)
        event_json_add_signal(text, number);
}

static void event_json_add_answer(struct text *text, int64_t answer)
{
    int status = WAIT_STATUS(answer);
    switch (WAIT_CODE(answer)) {
    case 0:
        json_text(text, "answer", "no_change");
        break;
    case CLD_EXITED:
        json_text(text, "answer", "exited");
        event_json_add_death(text, status, 0);
        break;
    case CLD_STOPPED:
        json_text(text, "answer", "stopped");
        event_json_add_signal(text, status);
        break;
    case CLD_CONTINUED:
        json_text(text, "answer", "continued");
        break;
    default:
        json_text(text, "answer", "killed");
        event_json_add_death(text, -1, status);
        break;
    }
}

static void event_json_add_call(struct text *text, const struct event *event)
{
    json_text(text, "call", events_call_name(event->call));
    if (events_call_a_name(event->call))
        json_number(text, events_call_a_name(event->call), event->a);
    bool waits = event->call == CALL_LOOK || event->call == CALL_REAP;
    if (waits && !event->error)
        event_json_add_answer(text, event->b);
    else if (event->call == CALL_KILL)
        event_json_add_signal(text, event->b);
    else if (events_call_b_name(event->call) && !waits)
        json_number(text, events_call_b_name(event->call), event->b);
    json_number(text, "times", event->c);
    if (event->error) {
        json_number(text, "errno", event->error);
        json_text(text, "error", strerror(event->error));
    }
}

static void event_json_add_values(struct text *text, const struct event *event)
{
    const enum event_kind kind = event->kind;
    if (events_a_name(kind))
        json_number(text, events_a_name(kind), event->a);
    if (events_b_name(kind))
        json_number(text, events_b_name(kind), event->b);
}

void event_json_add(struct text *text, const struct event *event)
{
    json_text(text, "event", events_name(event->kind));
    if (event->kind == EVENT_CALL) {
        event_json_add_call(text, event);
    } else if (event->kind == EVENT_CLAIMED) {
        json_text(text, "claim", event_json_claim(event->a));
        json_real(text, "progress", (double)event->b / PROGRESS_WHOLE);
    } else if (event->kind == EVENT_JOB_DONE) {
        json_number(text, "status", event->a);
        json_text(text, "outcome", outcome_word(event->b));
    } else if (event->kind == EVENT_DIED) {
        event_json_add_death(text, event->a, event->b);
        json_number(text, "cpu_ns", event->c);
    } else if (event->kind == EVENT_SIGNALLED || event->kind == EVENT_STOPPED) {
        event_json_add_signal(text, event->a);
        if (event->kind == EVENT_SIGNALLED)
            json_number(text, "errno", event->b);
    } else {
        event_json_add_values(text, event);
    }
    if (event->text && event->kind != EVENT_FORKED)
        json_text(text, "text", event->text);
}
