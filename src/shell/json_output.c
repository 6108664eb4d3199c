// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/json_output.h"

#include "base/clock.h"
#include "base/out.h"
#include "jobs/job.h"
#include "base/json.h"
#include "view/event_json.h"

#include <string.h>
#include <unistd.h>

static bool is_on;
static int64_t origin;
static struct text object;

bool json_output_is_on(void)
{
    return is_on;
}

static void json_output_begin_one(const char *type, int64_t time)
{
    text_clear(&object);
    json_begin(&object, type);
    json_number(&object, "time_ns", time - origin);
}

void json_output_end(void)
{
    json_end(&object);
    out_raw(text_string(&object), object.length);
}

static void json_output_take_line(const char *line, size_t length)
{
    (void)length;
    json_output_begin_one("output", clock_now());
    json_text(&object, "text", line);
    json_output_end();
}

void json_output_open(void)
{
    is_on = true;
    text_set_utf8(); // whatever the locale
    origin = clock_now();
    out_set_lines(json_output_take_line);
    json_output_begin_one("session", origin);
    json_text(&object, "version", FORKLAB_VERSION);
    json_number(&object, "pid", getpid());
    json_number(&object, "cores", jobs_cores());
    json_number(&object, "wall_ns", clock_wall());
    json_output_end();
}

void json_output_close(void)
{
    if (!is_on)
        return;
    out_set_lines(NULL);
    is_on = false;
    text_free(&object);
}

struct text *json_output_begin(const struct call *call, const char *type)
{
    if (!is_on)
        return NULL;
    json_output_begin_one(type, clock_now());
    if (call)
        json_text(&object, "command", call->command->name);
    if (call && call->job)
        json_number(&object, "job", call->job->id);
    return &object;
}

void json_output_words(const struct call *call, const char *type, const char *words)
{
    if (!json_output_begin(call, type))
        return;
    json_text(&object, "text", words);
    json_output_end();
}

void json_output_event(const struct event *event)
{
    if (!is_on)
        return;
    json_output_begin_one("event", event->time);
    json_number(&object, "job", event->job);
    const struct job *job = jobs_find(event->job);
    if (event->worker != NO_WORKER) {
        json_number(&object, "worker", event->worker);
        if (job && event->worker < job->count) {
            json_text(&object, "name", job->workers[event->worker]->name);
            json_number(&object, "pid", job->workers[event->worker]->shown_pid);
        }
    }
    event_json_add(&object, event);
    json_output_end();
}

// Adds the place without the ": " behind it.
static void json_output_add_place(const char *place)
{
    struct text bare = {0};
    size_t length = strlen(place);
    text_add(&bare, place, length > 2 ? length - 2 : 0);
    if (bare.length > 0)
        json_text(&object, "place", text_string(&bare));
    text_free(&bare);
}

void json_output_error(uint32_t job, const char *command, const char *place, const char *message)
{
    if (!is_on)
        return;
    json_output_begin_one("error", clock_now());
    if (command)
        json_text(&object, "command", command);
    if (job > 0)
        json_number(&object, "job", job);
    json_output_add_place(place);
    json_text(&object, "text", message);
    json_output_end();
}

void json_output_command(const struct call *call)
{
    if (!json_output_begin(call, "command"))
        return;
    json_text(&object, "text", call->text);
    json_output_add_place(call->place);
    json_bool(&object, "background", call->background);
    json_output_end();
}

void json_output_ended(const struct call *call, int status)
{
    if (!json_output_begin(call, "ended"))
        return;
    json_text(&object, "text", call->text);
    json_output_add_place(call->place);
    json_number(&object, "status", status);
    json_output_end();
}

void json_output_done(const char *place, const char *text, int status)
{
    if (!json_output_begin(NULL, "done"))
        return;
    json_text(&object, "text", text);
    json_output_add_place(place);
    json_number(&object, "status", status);
    json_output_end();
}

static void json_output_add_block(uint32_t job, const int64_t *results, int64_t first,
                                  int64_t count)
{
    json_output_begin_one("results", clock_now());
    json_number(&object, "job", job);
    json_number(&object, "first", first);
    json_number(&object, "count", count);
    json_numbers(&object, "results", results + first, count);
    json_output_end();
}

void json_output_results(uint32_t job, const int64_t *results, int64_t count,
                         json_output_gap_fn *gap, const void *data)
{
    if (!is_on)
        return;
    int64_t first = 0;
    for (int64_t i = 0; i < count; i++) {
        bool missing = gap && gap(data, i);
        if (i > first && (missing || i - first == JSON_OUTPUT_BLOCK)) {
            json_output_add_block(job, results, first, i - first);
            first = i;
        }
        first += missing;
    }
    if (first < count || count == 0)
        json_output_add_block(job, results, first, count - first);
}
