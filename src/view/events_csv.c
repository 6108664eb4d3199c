// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/events_csv.h"

#include "base/clock.h"
#include "log/events.h"
#include "log/outcome.h"
#include "log/fold.h"
#include "log/schema.h"
#include "base/escape.h"
#include "base/json.h"
#include "view/event_json.h"
#include "view/event_text.h"

#include <inttypes.h>
#include <string.h>

typedef void write_fn(const struct event *event, const struct model_worker *worker,
                      struct text *text);

// Returns a worker with the name that an event of the log, or one dropped before, gave it; or NULL.
static const struct model_worker *events_csv_worker(const struct model *so_far,
                                                    const struct event *event)
{
    const struct model *models[] = {so_far, model_now()};
    for (size_t i = 0; i < 2 && event->worker != NO_WORKER; i++) {
        const struct model_job *job = model_job(models[i], event->job);
        const struct model_worker *worker = model_worker(job, event->worker);
        if (worker && *worker->name)
            return worker;
    }
    return NULL;
}

static bool events_csv_is_wanted(const struct event *event, struct past *const *pasts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pasts[i]->job->id == event->job)
            return true;
    return count == 0;
}

static void events_csv_write_each(struct past *const *pasts, size_t count, write_fn *write,
                                  struct text *text)
{
    struct model so_far = {0};
    for (uint64_t number = events_first(); number < events_end(); number++) {
        const struct event *event = events_get(number);
        if (!events_csv_is_wanted(event, pasts, count))
            continue;
        fold_add(&so_far, event);
        write(event, events_csv_worker(&so_far, event), text);
    }
    model_free(&so_far);
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

static void events_csv_write_csv(const struct event *event, const struct model_worker *worker,
                                 struct text *text)
{
    const struct schema_kind *schema = schema_of_event(event);
    events_csv_add_time(event->time, text);
    text_print(text, ",%u,", event->job);
    if (event->worker != NO_WORKER)
        text_print(text, "%u", event->worker);
    text_add_string(text, ",");
    if (worker) {
        escape_csv(text, worker->name, strlen(worker->name));
        text_print(text, ",%" PRId64, worker->pid);
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

void events_csv_write(struct past *const *pasts, size_t count, struct text *text)
{
    text_add_string(text, "time,job,worker,name,pid,event,call,times,errno,a_name,a,b_name,b,"
                          "cpu_ns,text,object\r\n");
    if (events_first() > 0)
        text_print(text, "0.000000000,,,,,dropped,,,,count,%" PRIu64 ",,,,,\r\n", events_first());
    events_csv_write_each(pasts, count, events_csv_write_csv, text);
}

static void events_csv_write_json(const struct event *event, const struct model_worker *worker,
                                  struct text *text)
{
    text_add_string(text, "{\"time\":");
    events_csv_add_time(event->time, text);
    json_number(text, "job", event->job);
    if (event->worker != NO_WORKER)
        json_number(text, "worker", event->worker);
    if (worker) {
        json_text(text, "name", worker->name);
        json_number(text, "pid", worker->pid);
    }
    event_json_add(text, event);
    json_end(text);
}

void events_csv_write_ndjson(struct past *const *pasts, size_t count, struct text *text)
{
    if (events_first() > 0)
        text_print(text, "{\"time\":0.000000000,\"event\":\"dropped\",\"count\":%" PRIu64 "}\n",
                   events_first());
    events_csv_write_each(pasts, count, events_csv_write_json, text);
}
