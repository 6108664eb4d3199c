// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/json.h"

#include "base/signame.h"
#include "process/frame.h"
#include "process/report.h"
#include "view/escape.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

static void add_string(struct text *text, const char *value)
{
    text_add(text, "\"", 1);
    escape_json(text, value, strlen(value));
    text_add(text, "\"", 1);
}

// All names are ours: plain words.
static void add_name(struct text *text, const char *name)
{
    text_print(text, ",\"%s\":", name);
}

void json_begin(struct text *text, const char *type)
{
    text_add_string(text, "{\"type\":");
    add_string(text, type);
}

void json_end(struct text *text)
{
    text_add_string(text, "}\n");
}

void json_text(struct text *text, const char *name, const char *value)
{
    add_name(text, name);
    add_string(text, value);
}

void json_number(struct text *text, const char *name, int64_t value)
{
    add_name(text, name);
    text_print(text, "%" PRId64, value);
}

void json_real(struct text *text, const char *name, double value)
{
    add_name(text, name);
    text_print(text, "%.6g", value);
}

void json_bool(struct text *text, const char *name, bool value)
{
    add_name(text, name);
    text_add_string(text, value ? "true" : "false");
}

void json_numbers(struct text *text, const char *name, const int64_t *values, int64_t count)
{
    add_name(text, name);
    for (int64_t i = 0; i < count; i++)
        text_print(text, "%c%" PRId64, i == 0 ? '[' : ',', values[i]);
    text_add_string(text, count == 0 ? "[]" : "]");
}

static void add_signal(struct text *text, int64_t number)
{
    json_number(text, "signal", number);
    json_text(text, "signal_name", signal_name((int)number));
}

const char *json_claim(int64_t claim)
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
static void add_death(struct text *text, int64_t code, int64_t number)
{
    json_number(text, "exit_code", number ? -number : code);
    if (number)
        add_signal(text, number);
}

static void add_answer(struct text *text, int64_t answer)
{
    int status = WAIT_STATUS(answer);
    switch (WAIT_CODE(answer)) {
    case 0:
        json_text(text, "answer", "no_change");
        break;
    case CLD_EXITED:
        json_text(text, "answer", "exited");
        add_death(text, status, 0);
        break;
    case CLD_STOPPED:
        json_text(text, "answer", "stopped");
        add_signal(text, status);
        break;
    case CLD_CONTINUED:
        json_text(text, "answer", "continued");
        break;
    default:
        json_text(text, "answer", "killed");
        add_death(text, -1, status);
        break;
    }
}

static void add_call(struct text *text, const struct event *event)
{
    json_text(text, "call", call_name(event->call));
    if (call_a_name(event->call))
        json_number(text, call_a_name(event->call), event->a);
    bool waits = event->call == CALL_LOOK || event->call == CALL_REAP;
    if (waits && !event->error)
        add_answer(text, event->b);
    else if (event->call == CALL_KILL)
        add_signal(text, event->b);
    else if (call_b_name(event->call) && !waits)
        json_number(text, call_b_name(event->call), event->b);
    json_number(text, "times", event->c);
    if (event->error) {
        json_number(text, "errno", event->error);
        json_text(text, "error", strerror(event->error));
    }
}

static void add_values(struct text *text, const struct event *event)
{
    const enum event_kind kind = event->kind;
    if (event_a_name(kind))
        json_number(text, event_a_name(kind), event->a);
    if (event_b_name(kind))
        json_number(text, event_b_name(kind), event->b);
}

void json_event(struct text *text, const struct event *event)
{
    json_text(text, "event", event_name(event->kind));
    if (event->kind == EVENT_CALL) {
        add_call(text, event);
    } else if (event->kind == EVENT_CLAIMED) {
        json_text(text, "claim", json_claim(event->a));
        json_real(text, "progress", (double)event->b / PROGRESS_WHOLE);
    } else if (event->kind == EVENT_DIED) {
        add_death(text, event->a, event->b);
        json_number(text, "cpu_ns", event->c);
    } else if (event->kind == EVENT_SIGNALLED || event->kind == EVENT_STOPPED) {
        add_signal(text, event->a);
        if (event->kind == EVENT_SIGNALLED)
            json_number(text, "errno", event->b);
    } else {
        add_values(text, event);
    }
    if (event->text && event->kind != EVENT_FORKED)
        json_text(text, "text", event->text);
}
