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
#include "base/signal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

// The cells that an event's fields fill, each a number or a word in every row; "" and NULL are
// empty.
struct cells {
    const char *names[2]; // of a and b
    char numbers[2][24];
    const char *word, *signal;
    char error[12], cpu[24], wall_s[24], wall_ns[12];
};

static void events_csv_put_number(struct cells *cells, int place, const char *name, int64_t number)
{
    cells->names[place] = name;
    snprintf(cells->numbers[place], sizeof cells->numbers[place], "%" PRId64, number);
}

static void events_csv_put_signal(struct cells *cells, int place, int64_t number)
{
    events_csv_put_number(cells, place, "signal", number);
    cells->signal = signal_name((int)number);
}

static void events_csv_put_answer(struct cells *cells, int place, int64_t answer)
{
    int status = WAIT_STATUS(answer);
    cells->word = schema_answer(answer);
    if (WAIT_CODE(answer) == CLD_EXITED)
        events_csv_put_number(cells, place, "exit_code", status);
    else if (WAIT_CODE(answer) != 0 && WAIT_CODE(answer) != CLD_CONTINUED)
        events_csv_put_signal(cells, place, status);
}

// Puts a field that has a column of its own, or whose value is a word. False for any other.
static bool events_csv_put_apart(const struct event *event, struct cells *cells, int place,
                                 struct field field, int64_t value)
{
    if (field.type == FIELD_CLAIM) {
        cells->word = schema_claim(value);
    } else if (field.type == FIELD_WENT_ON) {
        cells->word = schema_went_on(value);
    } else if (field.type == FIELD_OUTCOME) {
        cells->word = outcome_word(value);
    } else if (field.type == FIELD_ANSWER) {
        if (!event->error)
            events_csv_put_answer(cells, place, value);
    } else if (field.type == FIELD_CPU) {
        snprintf(cells->cpu, sizeof cells->cpu, "%" PRId64, value);
    } else if (field.type == FIELD_ERRNO) {
        snprintf(cells->error, sizeof cells->error, "%d", (int)value);
    } else if (field.type == FIELD_WALL) {
        snprintf(cells->wall_s, sizeof cells->wall_s, "%" PRId64, value / NS_PER_S);
        snprintf(cells->wall_ns, sizeof cells->wall_ns, "%d", (int)(value % NS_PER_S));
    } else {
        return false;
    }
    return true;
}

static void events_csv_put(const struct event *event, struct cells *cells, int place,
                           struct field field, int64_t value)
{
    if (!field.name || events_csv_put_apart(event, cells, place, field, value))
        return;
    if (field.type == FIELD_PROGRESS) {
        cells->names[place] = field.name;
        snprintf(cells->numbers[place], sizeof cells->numbers[place], "%.6g",
                 (double)value / PROGRESS_WHOLE);
    } else if (field.type == FIELD_SIGNAL || field.type == FIELD_END_SIGNAL) {
        if (field.type == FIELD_SIGNAL || value != 0)
            events_csv_put_signal(cells, place, value);
    } else {
        events_csv_put_number(cells, place, field.name,
                              field.type == FIELD_EXIT ? schema_exit(event) : value);
    }
}

static void events_csv_add_cells(const struct event *event, struct text *text)
{
    const struct schema_kind *schema = schema_of_event(event);
    struct cells cells = {.names = {"", ""}, .word = "", .signal = ""};
    events_csv_put(event, &cells, 0, schema->a, event->a);
    events_csv_put(event, &cells, 1, schema->b, event->b);
    if (schema->c.type == FIELD_CPU)
        events_csv_put(event, &cells, 1, schema->c, event->c);
    if (event->kind != EVENT_CALL)
        text_add_string(text, ",,,");
    else
        text_print(text, ",%s,%" PRId64 ",", schema->name, event->c);
    if (event->kind == EVENT_CALL && event->error)
        text_print(text, "%d", event->error);
    text_print(text, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,", cells.error, cells.names[0],
               cells.numbers[0], cells.names[1], cells.numbers[1], cells.word, cells.signal,
               cells.cpu, cells.wall_s, cells.wall_ns);
}

static void events_csv_write_csv(const struct event *event, const struct model_worker *worker,
                                 struct text *text)
{
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
    events_csv_add_cells(event, text);
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
                          "word,signal_name,cpu_ns,wall_s,wall_ns,text,object\r\n");
    if (events_first() > 0)
        text_print(text, "0.000000000,,,,,dropped,,,,count,%" PRIu64 ",,,,,,,,,\r\n",
                   events_first());
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
