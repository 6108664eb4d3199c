// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_trace.h"

#include "log/schema.h"
#include "base/clock.h"
#include "base/must.h"
#include "base/escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// All of a trace belongs to one process of the viewer, whose tracks are the lanes.
enum { VIEWER_PID = 1, OUR_TRACK = 1, FIRST_TRACK = 2 };

// One event of the trace: where it stands in `text`. Times are half microseconds: whole ones for
// slices, which keeps them apart in the viewers' floating point; the halves lie within a slice.
struct record {
    int64_t time;
    size_t order;
    size_t begin, end;
};

struct trace {
    const struct lanes *lanes;
    struct text text;
    struct record *records;
    size_t count, room;
    uint32_t arrows;
    int64_t acted; // when our own track is free again, us
};

static int64_t timeline_trace_us_of(const struct trace *trace, int64_t time)
{
    return (time - trace->lanes->begin) / NS_PER_US;
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
    text_print(&trace->text, "{\"ph\":\"%s\",\"pid\":%d,\"tid\":%zu,\"ts\":%" PRId64 "%s", phase,
               VIEWER_PID, track, half_us / 2, half_us % 2 ? ".5" : "");
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
    lanes_format_dropped(trace->lanes, dropped, sizeof dropped);
    timeline_trace_begin_metadata(trace, OUR_TRACK, "process_name");
    text_print(&trace->text, "\"name\":\"forklab %%%u: ", trace->lanes->job);
    escape_json(&trace->text, trace->lanes->title, strlen(trace->lanes->title));
    text_print(&trace->text, "%s%s%s\"}", *dropped ? " (" : "", dropped, *dropped ? ")" : "");
    timeline_trace_end_record(trace);
    timeline_trace_name_track(trace, OUR_TRACK, "forklab");
}

static size_t timeline_trace_track_of(const struct trace *trace, const struct lane *lane)
{
    return (size_t)(lane - trace->lanes->all) + FIRST_TRACK;
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
        timeline_trace_add_field(trace, "name", phase_name(slice->phase));
    }
    timeline_trace_end_record(trace);
}

static void timeline_trace_add_lane(struct trace *trace, const struct lane *lane)
{
    char name[256], end[64];
    struct text title = {0};
    lane_format_name(lane, name, sizeof name);
    lane_format_end(lane, end, sizeof end);
    text_print(&title, "%s (pid %" PRId64 ", %s)", name, lane->pid, end);
    timeline_trace_name_track(trace, timeline_trace_track_of(trace, lane), text_string(&title));
    text_free(&title);
    for (size_t i = 0; i < lane->count; i++)
        timeline_trace_add_slice(trace, lane, &lane->slices[i]);
}

static void timeline_trace_add_span(struct trace *trace, const struct barrier_span *span,
                                    size_t number)
{
    static const char *const phases[] = {"b", "e"};
    int64_t times[] = {timeline_trace_us_of(trace, span->begin) * 2,
                       timeline_trace_us_of(trace, span->end) * 2};
    for (int i = 0; i < 2; i++) {
        timeline_trace_begin_record(trace, times[i], phases[i], OUR_TRACK);
        timeline_trace_add_field(trace, "cat", "barrier");
        text_print(&trace->text, ",\"name\":\"barrier round %" PRId64 "\",\"id\":\"0x%zx\"",
                   span->round + 1, number + 1);
        if (i == 1)
            text_print(&trace->text, ",\"args\":{\"released\":%s}",
                       span->released ? "true" : "false");
        timeline_trace_end_record(trace);
    }
}

// Adds a slice of 1 us to our own track, behind the one before. Returns when it begins, in us.
static int64_t timeline_trace_add_act(struct trace *trace, const struct event *mark)
{
    char words[512];
    int64_t begin = timeline_trace_us_of(trace, mark->time);
    begin = begin < trace->acted ? trace->acted : begin;
    trace->acted = begin + 1;
    lanes_format_mark(trace->lanes, mark, words, sizeof words);
    timeline_trace_begin_record(trace, begin * 2, "X", OUR_TRACK);
    text_add_string(&trace->text, ",\"dur\":1");
    timeline_trace_add_field(trace, "cat", schema_of(mark->kind)->name);
    timeline_trace_add_field(trace, "name", words);
    timeline_trace_end_record(trace);
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

// Adds an arrow from our slice at `from` us into a slice of the lane; there is none to a slice that
// has ended.
static void timeline_trace_add_arrow(struct trace *trace, int64_t from, const struct lane *lane,
                                     const struct slice *slice, const struct event *mark)
{
    int64_t begin = timeline_trace_us_of(trace, slice->begin),
            end = timeline_trace_us_of(trace, slice->end);
    int64_t to = begin > from ? begin : from;
    if (to >= end)
        return;
    trace->arrows++;
    timeline_trace_add_arrow_end(trace, "s", OUR_TRACK, from * 2 + 1, mark);
    timeline_trace_add_arrow_end(trace, "f", timeline_trace_track_of(trace, lane), to * 2 + 1,
                                 mark);
}

// Returns the first slice of the lane that ends after `time`; lane->count when there is none.
static size_t timeline_trace_slice_at(const struct lane *lane, int64_t time)
{
    size_t low = 0, high = lane->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lane->slices[middle].end <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
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

// Arrows to what everyone who waited at the barrier does after it.
static void timeline_trace_add_releases(struct trace *trace, int64_t from, const struct event *mark)
{
    for (size_t i = 0; i < trace->lanes->count; i++) {
        const struct lane *lane = &trace->lanes->all[i];
        size_t at = timeline_trace_slice_at(lane, mark->time - 1);
        if (at == lane->count || lane->slices[at].begin > mark->time ||
            lane->slices[at].phase != PHASE_AT_BARRIER)
            continue;
        size_t next = timeline_trace_next_drawn(trace, lane, at + 1, from);
        timeline_trace_add_arrow(trace, from, lane, &lane->slices[next < lane->count ? next : at],
                                 mark);
    }
}

static void timeline_trace_add_signal(struct trace *trace, int64_t from, const struct event *mark)
{
    const struct lane *lane = lanes_find(trace->lanes, mark->worker);
    if (mark->b != 0 || !lane)
        return;
    size_t at =
        timeline_trace_next_drawn(trace, lane, timeline_trace_slice_at(lane, mark->time), from);
    if (at < lane->count)
        timeline_trace_add_arrow(trace, from, lane, &lane->slices[at], mark);
}

// What happened to a worker by itself.
static void timeline_trace_add_instant(struct trace *trace, const struct event *mark)
{
    char words[512];
    const struct lane *lane = lanes_find(trace->lanes, mark->worker);
    lanes_format_mark(trace->lanes, mark, words, sizeof words);
    timeline_trace_begin_record(trace, timeline_trace_us_of(trace, mark->time) * 2, "i",
                                lane ? timeline_trace_track_of(trace, lane) : OUR_TRACK);
    timeline_trace_add_field(trace, "s", "t");
    timeline_trace_add_field(trace, "cat", schema_of(mark->kind)->name);
    timeline_trace_add_field(trace, "name", words);
    timeline_trace_end_record(trace);
}

static void timeline_trace_add_mark(struct trace *trace, const struct event *mark)
{
    if (mark->kind == EVENT_SIGNALLED)
        timeline_trace_add_signal(trace, timeline_trace_add_act(trace, mark), mark);
    else if (mark->kind == EVENT_RELEASED || mark->kind == EVENT_BROKEN)
        timeline_trace_add_releases(trace, timeline_trace_add_act(trace, mark), mark);
    else
        timeline_trace_add_instant(trace, mark);
}

static int timeline_trace_by_time(const void *a, const void *b)
{
    const struct record *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

void timeline_trace_write(const struct lanes *lanes, struct text *text)
{
    struct trace trace = {.lanes = lanes};
    timeline_trace_name_process(&trace);
    for (size_t i = 0; i < lanes->count; i++)
        timeline_trace_add_lane(&trace, &lanes->all[i]);
    for (size_t i = 0; i < lanes->span_count; i++)
        timeline_trace_add_span(&trace, &lanes->spans[i], i);
    for (size_t i = 0; i < lanes->mark_count; i++)
        timeline_trace_add_mark(&trace, lanes->marks[i]);
    qsort(trace.records, trace.count, sizeof *trace.records, timeline_trace_by_time);
    text_print(text,
               "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"job\":%u,\"dropped_events\":%" PRIu64
               "},\"traceEvents\":[",
               lanes->job, lanes->dropped);
    for (size_t i = 0; i < trace.count; i++) {
        const struct record *record = &trace.records[i];
        text_add_string(text, i > 0 ? ",\n" : "\n");
        text_add(text, trace.text.bytes + record->begin, record->end - record->begin);
    }
    text_add_string(text, "\n]}\n");
    text_free(&trace.text);
    free(trace.records);
}
