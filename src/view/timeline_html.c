// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_html.h"

#include "base/die.h"
#include "base/embedded.h"
#include "base/escape.h"
#include "log/describe.h"
#include "view/event_text.h"
#include "view/explain.h"

#include <inttypes.h>
#include <string.h>

// Where page.html wants the data.
static const char timeline_html_place[] = "@DATA@";

static void timeline_html_add_string(struct text *json, const char *name, const char *value)
{
    text_print(json, "\"%s\":\"", name);
    escape_json(json, value, strlen(value));
    text_add_string(json, "\"");
}

// The class of a slice, by which page.html colours it.
static const char *timeline_html_kind(enum activity activity)
{
    switch (activity) {
    case ACTIVITY_STARTING:
        return "starting";
    case ACTIVITY_WORKING:
        return "working";
    case ACTIVITY_IDLE:
        return "idle";
    case ACTIVITY_HOLDING:
        return "holding";
    case ACTIVITY_WAITING:
        return "waiting";
    case ACTIVITY_STOPPED:
        return "stopped";
    case ACTIVITY_ZOMBIE:
        return "zombie";
    }
    return "working";
}

static void timeline_html_add_slice(const struct past *past, const struct slice *slice,
                                    struct text *json)
{
    char words[256];
    struct text about = {0};
    describe_activity(past->job, slice->activity, slice->object, words, sizeof words);
    text_add_string(&about, words);
    if (slice->chunk > 0)
        text_print(&about, ", tasks %" PRId64 " to %" PRId64, slice->first,
                   slice->first + slice->count - 1);
    text_print(json, "{\"begin_ns\":%" PRId64 ",\"end_ns\":%" PRId64 ",",
               slice->begin - past->begin, slice->end - past->begin);
    timeline_html_add_string(json, "kind", timeline_html_kind(slice->activity));
    text_add_string(json, ",");
    timeline_html_add_string(json, "text", text_string(&about));
    text_add_string(json, "}");
    text_free(&about);
}

static void timeline_html_add_lane(const struct past *past, const struct lane *lane,
                                   struct text *json)
{
    const struct model_worker *worker = lane->worker;
    char name[256], end[64];
    describe_lane(lane, name, sizeof name);
    describe_state(worker, end, sizeof end);
    bool failed = worker->lost || (worker->dead && (worker->exit_code != 0 || worker->exit_signal));
    text_add_string(json, "{");
    timeline_html_add_string(json, "name", name);
    text_print(json, ",\"pid\":%" PRId64 ",", worker->pid);
    if (worker->dead)
        text_print(json, "\"cpu_ns\":%" PRId64 ",", worker->cpu_ns);
    else
        text_add_string(json, "\"cpu_ns\":null,");
    timeline_html_add_string(json, "end", end);
    text_print(json, ",\"failed\":%s,\"slices\":[", failed ? "true" : "false");
    for (size_t i = 0; i < lane->count; i++) {
        text_add_string(json, i > 0 ? ",\n" : "\n");
        timeline_html_add_slice(past, &lane->slices[i], json);
    }
    text_add_string(json, "]}");
}

// Returns the number of the worker's lane from the top, or -1 for a mark of the whole job.
static int64_t timeline_html_lane_of(const struct past *past, uint32_t worker)
{
    const struct lane *lane = worker == NO_WORKER ? NULL : past_lane(past, worker);
    return lane ? lane - past->lanes : -1;
}

static void timeline_html_add_mark(const struct past *past, const struct event *mark,
                                   struct text *json)
{
    struct text words = {0};
    event_text_mark(mark, past->job, &words);
    text_print(json, "\n{\"time_ns\":%" PRId64 ",\"lane\":%" PRId64 ",", mark->time - past->begin,
               timeline_html_lane_of(past, mark->worker));
    timeline_html_add_string(json, "text", text_string(&words));
    text_add_string(json, "}");
    text_free(&words);
}

// All but plain exits, which the lanes show.
static void timeline_html_add_marks(const struct past *past, struct text *json)
{
    bool first = true;
    for (size_t i = 0; i < past->mark_count; i++) {
        const struct event *mark = past->marks[i];
        if (mark->kind == EVENT_DIED && !event_text_is_told(mark))
            continue;
        text_add_string(json, first ? "" : ",");
        timeline_html_add_mark(past, mark, json);
        first = false;
    }
}

// The account that `explain` gives, a string a line.
static void timeline_html_add_account(const struct past *past, struct text *json)
{
    struct text account = {0};
    explain_past(past, &(struct explain_style){.mark = ""}, &account);
    const char *line = text_string(&account);
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        text_add_string(json, line == text_string(&account) ? "\n\"" : ",\n\"");
        escape_json(json, line, (size_t)(end - line));
        text_add_string(json, "\"");
    }
    text_free(&account);
}

static void timeline_html_add_job(const struct past *past, struct text *json)
{
    char summary[160];
    struct text title = {0};
    describe_summary(past, summary, sizeof summary);
    text_print(&title, "%%%u %s", past->job->id, past->job->title);
    text_add_string(json, "{");
    timeline_html_add_string(json, "title", text_string(&title));
    text_add_string(json, ",");
    timeline_html_add_string(json, "summary", summary);
    text_print(json, ",\"end_ns\":%" PRId64 ",\"lanes\":[", past->end - past->begin);
    for (size_t i = 0; i < past->lane_count; i++) {
        text_add_string(json, i > 0 ? ",\n" : "\n");
        timeline_html_add_lane(past, &past->lanes[i], json);
    }
    text_add_string(json, "],\"marks\":[");
    timeline_html_add_marks(past, json);
    text_add_string(json, "],\"explain\":[");
    timeline_html_add_account(past, json);
    text_add_string(json, "]}");
    text_free(&title);
}

void timeline_html_write(struct past *const *pasts, size_t count, struct text *text)
{
    const char *page = embedded_page[0].text, *place = strstr(page, timeline_html_place);
    struct text json = {0};
    BUG_IF(!place);
    text_add_string(&json, "{\"jobs\":[");
    for (size_t i = 0; i < count; i++) {
        text_add_string(&json, i > 0 ? ",\n" : "\n");
        timeline_html_add_job(pasts[i], &json);
    }
    text_add_string(&json, "]}");
    size_t before = place ? (size_t)(place - page) : 0;
    text_add(text, page, before);
    // A '<' could end the element that holds the data.
    for (size_t i = 0; i < json.length; i++)
        text_add(text, json.bytes[i] == '<' ? "\\u003c" : &json.bytes[i],
                 json.bytes[i] == '<' ? 6 : 1);
    text_add_string(text, page + before + strlen(timeline_html_place));
    text_free(&json);
}
