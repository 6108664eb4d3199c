// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/event_json.h"

#include "base/json.h"
#include "base/signal.h"
#include "log/outcome.h"
#include "log/schema.h"

#include <string.h>
#include <sys/wait.h>

static void event_json_add_signal(struct text *text, const char *name, int64_t number)
{
    json_number(text, name, number);
    json_text(text, "signal_name", signal_name((int)number));
}

static void event_json_add_answer(struct text *text, const char *name, int64_t answer)
{
    int status = WAIT_STATUS(answer);
    json_text(text, name, schema_answer(answer));
    switch (WAIT_CODE(answer)) {
    case 0:
    case CLD_CONTINUED:
        break;
    case CLD_EXITED:
        json_number(text, "exit_code", status);
        break;
    case CLD_STOPPED:
        event_json_add_signal(text, "signal", status);
        break;
    default: // a signal is a negative exit code, as multiprocessing has it
        json_number(text, "exit_code", -status);
        event_json_add_signal(text, "signal", status);
        break;
    }
}

static void event_json_add_field(struct text *text, const struct event *event, struct field field,
                                 int64_t value)
{
    switch (field.type) {
    case FIELD_NONE:
    case FIELD_UNTOLD:
        break;
    case FIELD_NUMBER:
    case FIELD_CPU:
    case FIELD_ERRNO:
    case FIELD_OWNER:
        json_number(text, field.name, value);
        break;
    case FIELD_WALL:
        json_wall(text, value);
        break;
    case FIELD_CLAIM:
        json_text(text, field.name, schema_claim(value));
        break;
    case FIELD_WENT_ON:
        json_text(text, field.name, schema_went_on(value));
        break;
    case FIELD_OUTCOME:
        json_text(text, field.name, outcome_word(value));
        break;
    case FIELD_PROGRESS:
        json_real(text, field.name, (double)value / PROGRESS_WHOLE);
        break;
    case FIELD_EXIT:
        json_number(text, field.name, schema_exit(event));
        break;
    case FIELD_END_SIGNAL:
        if (value == 0)
            break;
        // fallthrough
    case FIELD_SIGNAL:
        event_json_add_signal(text, field.name, value);
        break;
    case FIELD_ANSWER:
        if (!event->error)
            event_json_add_answer(text, field.name, value);
        break;
    }
}

static void event_json_add_result(struct text *text, const struct event *event)
{
    json_number(text, "times", event->c);
    if (!event->error)
        return;
    json_number(text, "errno", event->error);
    json_text(text, "error", strerror(event->error));
}

void event_json_add(struct text *text, const struct event *event)
{
    const struct schema_kind *schema = schema_of_event(event);
    json_text(text, "event", schema_of(event->kind)->name);
    if (event->kind == EVENT_CALL)
        json_text(text, "call", schema->name);
    event_json_add_field(text, event, schema->a, event->a);
    event_json_add_field(text, event, schema->b, event->b);
    event_json_add_field(text, event, schema->c, event->c);
    if (event->kind == EVENT_CALL)
        event_json_add_result(text, event);
    if (event->object != NO_OBJECT)
        json_number(text, "object", event->object);
    if (event->text && event->kind != EVENT_FORKED)
        json_text(text, "text", event->text);
}
