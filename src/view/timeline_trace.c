// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_trace.h"

#include "log/describe.h"
#include "log/schema.h"
#include "view/event_text.h"
#include "base/clock.h"
#include "base/must.h"
#include "base/escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// A job is a process of the viewer, whose tracks are the lanes.
enum { OUR_TRACK = 1, FIRST_TRACK = 2 };

// One event of the trace: where it stands in `text`. Times are half microseconds: whole ones for
// slices, which keeps them apart in the viewers' floating point; the halves lie within a slice.
struct record {
    int64_t time;
    size_t order;
    size_t begin, end;
};

struct trace {
    const struct past *past; // the one at hand
    int64_t begin;           // of the first of all
    struct text text;
    struct record *records;
    size_t count, room;
    uint32_t arrows;
    int64_t acted; // when our own track is free again, us
};

static int64_t timeline_trace_us_of(const struct trace *trace, int64_t time)
{
    return (time - trace->begin) / NS_PER_US;
}

// Begins a record; what is added to the text until timeline_trace_timeline_trace_end_record()
// belongs to it.
static void timeline_trace_begin_record(struct trace *trace, int64_t half_us, const char *phase,
                                        size_t track)
{
    if (trace->count == trace->room) {
        trace->room = trace->room ? trace->room * 2 : 256;
        trace->records = must_realloc(trace->records, trace->room, sizeof *trace->records);
    }
    trace->records[trace->count] = (struct record){half_us, trace->count, trace->text.length, 0};
    text_print(&trace->text, "{\"ph\":\"%s\",\"pid\":%u,\"tid\":%zu,\"ts\":%" PRId64 "%s", phase,
               trace->past->job->id, track, half_us / 2, half_us % 2 ? ".5" : "");
}

static void timeline_trace_add_field(struct trace *trace, const char *name, const char *value)
{
    text_print(&trace->text, ",\"%s\":\"", name);
    escape_json(&trace->text, value, strlen(value));
    text_add_string(&trace->text, "\"");
}

static void timeline_trace_end_record(struct trace *trace)
{
    text_add_string(&trace->text, "}");
    trace->records[trace->count++].end = trace->text.length;
}

// Metadata comes before everything else.
static void timeline_trace_begin_metadata(struct trace *trace, size_t track, const char *name)
{
    timeline_trace_begin_record(trace, 0, "M", track);
    trace->records[trace->count].time = -1;
    timeline_trace_add_field(trace, "name", name);
    text_add_string(&trace->text, ",\"args\":{");
}

static void timeline_trace_name_track(struct trace *trace, size_t track, const char *name)
{
    timeline_trace_begin_metadata(trace, track, "thread_name");
    text_add_string(&trace->text, "\"name\":\"");
    escape_json(&trace->text, name, strlen(name));
    text_add_string(&trace->text, "\"}");
    timeline_trace_end_record(trace);
    timeline_trace_begin_metadata(trace, track, "thread_sort_index");
    text_print(&trace->text, "\"sort_index\":%zu}", track);
    timeline_trace_end_record(trace);
}

static void timeline_trace_name_process(struct trace *trace)
{
    char dropped[256];
    describe_dropped(trace->past, dropped, sizeof dropped);
    timeline_trace_begin_metadata(trace, OUR_TRACK, "process_name");
    text_print(&trace->text, "\"name\":\"forklab %%%u: ", trace->past->job->id);
    escape_json(&trace->text, trace->past->job->title, strlen(trace->past->job->title));
    text_print(&trace->text, "%s%s%s\"}", *dropped ? " (" : "", dropped, *dropped ? ")" : "");
    timeline_trace_end_record(trace);
    timeline_trace_name_track(trace, OUR_TRACK, "forklab");
}

static size_t timeline_trace_track_of(const struct trace *trace, const struct lane *lane)
{
    return (size_t)(lane - trace->past->lanes) + FIRST_TRACK;
}

static void timeline_trace_add_slice(struct trace *trace, const struct lane *lane,
                                     const struct slice *slice)
{
    int64_t begin = timeline_trace_us_of(trace, slice->begin),
            end = timeline_trace_us_of(trace, slice->end);
    if (begin == end)
        return;
    timeline_trace_begin_record(trace, begin * 2, "X", timeline_trace_track_of(trace, lane));
    text_print(&trace->text, ",\"dur\":%" PRId64, end - begin);
    timeline_trace_add_field(trace, "cat", slice->chunk > 0 ? "chunk" : "phase");
    if (slice->chunk > 0) {
        text_print(&trace->text,
                   ",\"name\":\"tasks %" PRId64 " to %" PRId64 "\",\"args\":{\"chunk\":%u,"
                   "\"first\":%" PRId64 ",\"count\":%" PRId64 "}",
                   slice->first, slice->first + slice->count - 1, slice->chunk, slice->first,
                   slice->count);
    } else {
        char words[64];
        describe_activity(trace->past->job, slice->activity, slice->object, words, sizeof words);
        timeline_trace_add_field(trace, "name", words);
    }
    timeline_trace_end_record(trace);
}

static void timeline_trace_add_lane(struct trace *trace, const struct lane *lane)
{
    char name[256], end[64];
    struct text title = {0};
    describe_lane(lane, name, sizeof name);
    describe_state(lane->worker, end, sizeof end);
    text_print(&title, "%s (pid %" PRId64 ", %s)", name, lane->worker->pid, end);
    timeline_trace_name_track(trace, timeline_trace_track_of(trace, lane), text_string(&title));
    text_free(&title);
    for (size_t i = 0; i < lane->count; i++)
        timeline_trace_add_slice(trace, lane, &lane->slices[i]);
}

static void timeline_trace_add_span(struct trace *trace, const struct meeting_span *span,
                                    size_t number)
{
    static const char *const phases[] = {"b", "e"};
    int64_t times[] = {timeline_trace_us_of(trace, span->begin) * 2,
                       timeline_trace_us_of(trace, span->end) * 2};
    for (int i = 0; i < 2; i++) {
        timeline_trace_begin_record(trace, times[i], phases[i], OUR_TRACK);
        timeline_trace_add_field(trace, "cat", "barrier");
        text_print(&trace->text, ",\"name\":\"barrier round %" PRId64 "\",\"id\":\"0x%x%08zx\"",
                   span->round + 1, trace->past->job->id, number + 1);
        if (i == 1)
            text_print(&trace->text, ",\"args\":{\"released\":%s}",
                       span->released ? "true" : "false");
        timeline_trace_end_record(trace);
    }
}

// Adds a slice of 1 us to our own track, behind the one before. Returns when it begins, in us.
static int64_t timeline_trace_add_act(struct trace *trace, const struct event *mark)
{
    struct text words = {0};
    int64_t begin = timeline_trace_us_of(trace, mark->time);
    begin = begin < trace->acted ? trace->acted : begin;
    trace->acted = begin + 1;
    event_text_mark(mark, trace->past->job, &words);
    timeline_trace_begin_record(trace, begin * 2, "X", OUR_TRACK);
    text_add_string(&trace->text, ",\"dur\":1");
    timeline_trace_add_field(trace, "cat", schema_of(mark->kind)->name);
    timeline_trace_add_field(trace, "name", text_string(&words));
    timeline_trace_end_record(trace);
    text_free(&words);
    return begin;
}

static void timeline_trace_add_arrow_end(struct trace *trace, const char *phase, size_t track,
                                         int64_t half_us, const struct event *mark)
{
    timeline_trace_begin_record(trace, half_us, phase, track);
    timeline_trace_add_field(trace, "cat", "cause");
    timeline_trace_add_field(trace, "name", schema_of(mark->kind)->name);
    text_print(&trace->text, ",\"id\":\"0x%x\"%s", trace->arrows,
               *phase == 'f' ? ",\"bp\":\"e\"" : "");
    timeline_trace_end_record(trace);
}

// Adds an arrow from a track's slice at `from` us into a slice of the lane; there is none to a
// slice that has ended.
static void timeline_trace_add_arrow(struct trace *trace, int64_t from, size_t track,
                                     const struct lane *lane, const struct slice *slice,
                                     const struct event *mark)
{
    int64_t begin = timeline_trace_us_of(trace, slice->begin),
            end = timeline_trace_us_of(trace, slice->end);
    int64_t to = begin > from ? begin : from;
    if (to >= end)
        return;
    trace->arrows++;
    timeline_trace_add_arrow_end(trace, "s", track, from * 2 + 1, mark);
    timeline_trace_add_arrow_end(trace, "f", timeline_trace_track_of(trace, lane), to * 2 + 1,
                                 mark);
}

// Returns the first slice from `at` on that is drawn and ends after `from` us; lane->count when
// there is none.
static size_t timeline_trace_next_drawn(const struct trace *trace, const struct lane *lane,
                                        size_t at, int64_t from)
{
    for (; at < lane->count; at++) {
        int64_t end = timeline_trace_us_of(trace, lane->slices[at].end);
        if (end > from && end > timeline_trace_us_of(trace, lane->slices[at].begin))
            break;
    }
    return at;
}

// Arrows to what every worker that waited at the barrier does after it.
static void timeline_trace_add_releases(struct trace *trace, int64_t from, const struct event *mark)
{
    for (size_t i = 0; i < trace->past->lane_count; i++) {
        const struct lane *lane = &trace->past->lanes[i];
        size_t at = past_slice_at(lane, mark->time - 1);
        if (at == lane->count || lane->slices[at].begin > mark->time ||
            lane->slices[at].activity != ACTIVITY_WAITING ||
            lane->slices[at].object != mark->object)
            continue;
        size_t next = timeline_trace_next_drawn(trace, lane, at + 1, from);
        timeline_trace_add_arrow(trace, from, OUR_TRACK, lane,
                                 &lane->slices[next < lane->count ? next : at], mark);
    }
}

static void timeline_trace_add_signal(struct trace *trace, int64_t from, const struct event *mark)
{
    const struct lane *lane = past_lane(trace->past, mark->worker);
    if (mark->b != 0 || !lane)
        return;
    size_t at = timeline_trace_next_drawn(trace, lane, past_slice_at(lane, mark->time), from);
    if (at < lane->count)
        timeline_trace_add_arrow(trace, from, OUR_TRACK, lane, &lane->slices[at], mark);
}

// What happened to a worker by itself.
static void timeline_trace_add_instant(struct trace *trace, const struct event *mark)
{
    struct text words = {0};
    const struct lane *lane = past_lane(trace->past, mark->worker);
    event_text_mark(mark, trace->past->job, &words);
    timeline_trace_begin_record(trace, timeline_trace_us_of(trace, mark->time) * 2, "i",
                                lane ? timeline_trace_track_of(trace, lane) : OUR_TRACK);
    timeline_trace_add_field(trace, "s", "t");
    timeline_trace_add_field(trace, "cat", schema_of(mark->kind)->name);
    timeline_trace_add_field(trace, "name", text_string(&words));
    timeline_trace_end_record(trace);
    text_free(&words);
}

static void timeline_trace_add_mark(struct trace *trace, const struct event *mark)
{
    if (mark->kind == EVENT_SIGNALLED)
        timeline_trace_add_signal(trace, timeline_trace_add_act(trace, mark), mark);
    else if (schema_sign(mark) == SIGN_RELEASE || schema_sign(mark) == SIGN_BREAK)
        timeline_trace_add_releases(trace, timeline_trace_add_act(trace, mark), mark);
    else
        timeline_trace_add_instant(trace, mark);
}

// An arrow from what a worker does to what the one does that it woke.
static void timeline_trace_add_wake(struct trace *trace, const struct event *event)
{
    const struct lane *from = past_lane(trace->past, event->worker);
    const struct lane *to = past_lane(trace->past, event->a);
    int64_t us = timeline_trace_us_of(trace, event->time);
    if (!from || !to)
        return;
    size_t begin = past_slice_at(from, event->time);
    bool is_drawn = begin < from->count &&
                    timeline_trace_us_of(trace, from->slices[begin].begin) <= us &&
                    timeline_trace_us_of(trace, from->slices[begin].end) > us;
    size_t end = timeline_trace_next_drawn(trace, to, past_slice_at(to, event->time), us);
    if (is_drawn && end < to->count)
        timeline_trace_add_arrow(trace, us, timeline_trace_track_of(trace, from), to,
                                 &to->slices[end], event);
}

// A counter track for the value of an object.
static void timeline_trace_add_value(struct trace *trace, const struct event *event)
{
    timeline_trace_begin_record(trace, timeline_trace_us_of(trace, event->time) * 2, "C",
                                OUR_TRACK);
    timeline_trace_add_field(trace, "name", describe_object_name(trace->past->job, event->object));
    text_print(&trace->text, ",\"args\":{\"value\":%" PRId64 "}", event->a);
    timeline_trace_end_record(trace);
}

static void timeline_trace_add_objects(struct trace *trace)
{
    for (size_t i = 0; i < trace->past->event_count; i++) {
        const struct event *event = trace->past->events[i];
        if (event->kind == EVENT_WOKE)
            timeline_trace_add_wake(trace, event);
        else if (event->kind == EVENT_VALUE)
            timeline_trace_add_value(trace, event);
    }
}

static int timeline_trace_by_time(const void *a, const void *b)
{
    const struct record *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

static void timeline_trace_add_job(struct trace *trace, const struct past *past)
{
    trace->past = past;
    trace->acted = 0;
    timeline_trace_name_process(trace);
    for (size_t i = 0; i < past->lane_count; i++)
        timeline_trace_add_lane(trace, &past->lanes[i]);
    for (size_t i = 0; i < past->span_count; i++)
        timeline_trace_add_span(trace, &past->spans[i], i);
    for (size_t i = 0; i < past->mark_count; i++)
        timeline_trace_add_mark(trace, past->marks[i]);
    timeline_trace_add_objects(trace);
}

static void timeline_trace_write_head(struct past *const *pasts, size_t count, struct text *text)
{
    text_add_string(text, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"jobs\":[");
    for (size_t i = 0; i < count; i++)
        text_print(text, "%s%u", i > 0 ? "," : "", pasts[i]->job->id);
    text_print(text, "],\"dropped_events\":%" PRIu64 "},\"traceEvents\":[",
               count > 0 ? pasts[0]->dropped : 0);
}

void timeline_trace_write(struct past *const *pasts, size_t count, struct text *text)
{
    struct trace trace = {.begin = INT64_MAX};
    for (size_t i = 0; i < count; i++)
        trace.begin = pasts[i]->begin < trace.begin ? pasts[i]->begin : trace.begin;
    for (size_t i = 0; i < count; i++)
        timeline_trace_add_job(&trace, pasts[i]);
    if (trace.records)
        qsort(trace.records, trace.count, sizeof *trace.records, timeline_trace_by_time);
    timeline_trace_write_head(pasts, count, text);
    for (size_t i = 0; i < trace.count; i++) {
        const struct record *record = &trace.records[i];
        text_add_string(text, i > 0 ? ",\n" : "\n");
        text_add(text, trace.text.bytes + record->begin, record->end - record->begin);
    }
    text_add_string(text, "\n]}\n");
    text_free(&trace.text);
    free(trace.records);
}
