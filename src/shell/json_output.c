// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/json_output.h"

#include "base/clock.h"
#include "base/out.h"
#include "jobs/job.h"
#include "jobs/speaker.h"
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
    if (speaker_get())
        json_number(&object, "job", speaker_get()->id);
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
    json_wall(&object, clock_wall());
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

int64_t json_output_time(int64_t monotonic)
{
    return monotonic - origin;
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

void json_output_error(const char *kind, uint32_t job, const char *command, const char *place,
                       const char *message)
{
    if (!is_on)
        return;
    json_output_begin_one(kind, clock_now());
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

static void json_output_add_missing(uint32_t job, int64_t first, int64_t count, const char *why)
{
    json_output_begin_one("missing", clock_now());
    json_number(&object, "job", job);
    json_number(&object, "first", first);
    json_number(&object, "count", count);
    json_text(&object, "why", why);
    json_output_end();
}

// Returns where the results from `first` on end that are there or missing for the same reason.
static int64_t json_output_find_end(int64_t first, int64_t count, json_output_gap_fn *gap,
                                    const void *data)
{
    const char *why = gap ? gap(data, first) : NULL;
    int64_t most = !why && count - first > JSON_OUTPUT_BLOCK ? first + JSON_OUTPUT_BLOCK : count;
    int64_t end = first + 1;
    while (end < most && (gap ? gap(data, end) : NULL) == why)
        end++;
    return end;
}

void json_output_results(uint32_t job, const int64_t *results, int64_t count,
                         json_output_gap_fn *gap, const void *data)
{
    if (!is_on)
        return;
    for (int64_t first = 0, end; first < count; first = end) {
        const char *why = gap ? gap(data, first) : NULL;
        end = json_output_find_end(first, count, gap, data);
        if (why)
            json_output_add_missing(job, first, end - first, why);
        else
            json_output_add_block(job, results, first, end - first);
    }
    if (count == 0)
        json_output_add_block(job, results, 0, 0);
}
