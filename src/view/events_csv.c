// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/events_csv.h"

#include "base/clock.h"
#include "base/must.h"
#include "log/events.h"
#include "log/outcome.h"
#include "log/schema.h"
#include "base/escape.h"
#include "base/json.h"
#include "view/event_json.h"
#include "view/event_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Whom the log calls what: `forked` tells it.
struct named {
    uint32_t job, worker;
    const struct event *forked;
};

struct roster {
    struct named *all; // by job and worker
    size_t count, room;
};

static int events_csv_compare(const struct named *named, uint32_t job, uint32_t worker)
{
    if (named->job != job)
        return named->job < job ? -1 : 1;
    return named->worker < worker ? -1 : named->worker > worker;
}

// Returns where that worker is, or belongs.
static size_t events_csv_place_of(const struct roster *roster, uint32_t job, uint32_t worker)
{
    size_t low = 0, high = roster->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (events_csv_compare(&roster->all[middle], job, worker) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void events_csv_enter(struct roster *roster, const struct event *forked)
{
    size_t at = events_csv_place_of(roster, forked->job, forked->worker);
    if (roster->count == roster->room) {
        roster->room = roster->room ? roster->room * 2 : 64;
        roster->all = must_realloc(roster->all, roster->room, sizeof *roster->all);
    }
    memmove(&roster->all[at + 1], &roster->all[at], (roster->count - at) * sizeof *roster->all);
    roster->all[at] = (struct named){forked->job, forked->worker, forked};
    roster->count++;
}

// Returns the event that tells a worker's name and pid, or NULL.
static const struct event *events_csv_look_up(const struct roster *roster,
                                              const struct event *event)
{
    size_t at = events_csv_place_of(roster, event->job, event->worker);
    if (at == roster->count || events_csv_compare(&roster->all[at], event->job, event->worker) != 0)
        return NULL;
    return roster->all[at].forked;
}

typedef void write_fn(const struct event *event, const struct event *forked, struct text *text);

static void events_csv_write_each(uint32_t job, write_fn *write, struct text *text)
{
    struct roster roster = {0};
    for (uint64_t number = events_first(); number < events_end(); number++) {
        const struct event *event = events_get(number);
        if (job != 0 && event->job != job)
            continue;
        if (event->kind == EVENT_FORKED)
            events_csv_enter(&roster, event);
        write(event, event->worker == NO_WORKER ? NULL : events_csv_look_up(&roster, event), text);
    }
    free(roster.all);
}

static void events_csv_add_time(int64_t time, struct text *text)
{
    int64_t since = time - events_origin();
    text_print(text, "%" PRId64 ".%09" PRId64, since / NS_PER_S, since % NS_PER_S);
}

static bool events_csv_is_told(const struct event *event, struct field field, int64_t value)
{
    return field.name && (field.type != FIELD_END_SIGNAL || value != 0) &&
           (field.type != FIELD_ANSWER || event->error == 0);
}

// Adds the cells of a field: its name and its value.
static void events_csv_add_field(const struct event *event, struct field field, int64_t value,
                                 struct text *text)
{
    if (!events_csv_is_told(event, field, value)) {
        text_add_string(text, ",,");
        return;
    }
    text_print(text, ",%s,", field.name);
    if (field.type == FIELD_CLAIM)
        text_add_string(text, schema_claim(value));
    else if (field.type == FIELD_WENT_ON)
        text_add_string(text, schema_went_on(value));
    else if (field.type == FIELD_OUTCOME)
        text_add_string(text, outcome_word(value));
    else if (field.type == FIELD_PROGRESS)
        text_print(text, "%.6g", (double)value / PROGRESS_WHOLE);
    else if (field.type == FIELD_ANSWER)
        event_text_answer(value, text);
    else
        text_print(text, "%" PRId64, field.type == FIELD_EXIT ? schema_exit(event) : value);
}

static void events_csv_add_csv_call(const struct event *event, struct text *text)
{
    if (event->kind != EVENT_CALL) {
        text_add_string(text, ",,,");
        return;
    }
    text_print(text, ",%s,%" PRId64 ",", schema_of_call(event->call)->name, event->c);
    if (event->error)
        text_print(text, "%d", event->error);
}

static void events_csv_write_csv(const struct event *event, const struct event *forked,
                                 struct text *text)
{
    const struct schema_kind *schema = schema_of_event(event);
    events_csv_add_time(event->time, text);
    text_print(text, ",%u,", event->job);
    if (event->worker != NO_WORKER)
        text_print(text, "%u", event->worker);
    text_add_string(text, ",");
    if (forked) {
        escape_csv(text, forked->text, strlen(forked->text));
        text_print(text, ",%" PRId64, forked->a);
    } else {
        text_add_string(text, ",");
    }
    text_print(text, ",%s", schema_of(event->kind)->name);
    events_csv_add_csv_call(event, text);
    events_csv_add_field(event, schema->a, event->a, text);
    events_csv_add_field(event, schema->b, event->b, text);
    text_add_string(text, ",");
    if (schema->c.type == FIELD_CPU)
        text_print(text, "%" PRId64, event->c);
    text_add_string(text, ",");
    if (event->text && event->kind != EVENT_FORKED)
        escape_csv(text, event->text, strlen(event->text));
    text_add_string(text, ",");
    if (event->object != NO_OBJECT)
        text_print(text, "%u", event->object);
    text_add_string(text, "\r\n");
}

void events_csv_write(uint32_t job, struct text *text)
{
    text_add_string(text, "time,job,worker,name,pid,event,call,times,errno,a_name,a,b_name,b,"
                          "cpu_ns,text,object\r\n");
    if (events_first() > 0)
        text_print(text, "0.000000000,,,,,dropped,,,,count,%" PRIu64 ",,,,,\r\n", events_first());
    events_csv_write_each(job, events_csv_write_csv, text);
}

static void events_csv_write_json(const struct event *event, const struct event *forked,
                                  struct text *text)
{
    text_add_string(text, "{\"time\":");
    events_csv_add_time(event->time, text);
    json_number(text, "job", event->job);
    if (event->worker != NO_WORKER)
        json_number(text, "worker", event->worker);
    if (forked) {
        json_text(text, "name", forked->text);
        json_number(text, "pid", forked->a);
    }
    event_json_add(text, event);
    json_end(text);
}

void events_csv_write_ndjson(uint32_t job, struct text *text)
{
    if (events_first() > 0)
        text_print(text, "{\"time\":0.000000000,\"event\":\"dropped\",\"count\":%" PRIu64 "}\n",
                   events_first());
    events_csv_write_each(job, events_csv_write_json, text);
}
