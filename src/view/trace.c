// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/trace.h"

#include "base/clock.h"
#include "base/fail.h"
#include "view/escape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// All of a trace belongs to one process of the viewer, whose tracks are the lanes.
enum { VIEWER_PID = 1, OUR_TRACK = 1, FIRST_TRACK = 2 };

// One event of the trace: where it stands in `text`. Times are half microseconds: whole ones for slices,
// which keeps them apart in the viewers' floating point; the halves lie within a slice.
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

static int64_t us_of(const struct trace *trace, int64_t time)
{
    return (time - trace->lanes->begin) / NS_PER_US;
}

// Begins a record; what is added to the text until end_record() belongs to it.
static void begin_record(struct trace *trace, int64_t half_us, const char *phase, size_t track)
{
    if (trace->count == trace->room) {
        trace->room = trace->room ? trace->room * 2 : 256;
        trace->records = must_realloc(trace->records, trace->room, sizeof *trace->records);
    }
    trace->records[trace->count] = (struct record){half_us, trace->count, trace->text.length, 0};
    text_print(&trace->text, "{\"ph\":\"%s\",\"pid\":%d,\"tid\":%zu,\"ts\":%" PRId64 "%s", phase,
               VIEWER_PID, track, half_us / 2, half_us % 2 ? ".5" : "");
}

static void add_field(struct trace *trace, const char *name, const char *value)
{
    text_print(&trace->text, ",\"%s\":\"", name);
    escape_json(&trace->text, value, strlen(value));
    text_add_string(&trace->text, "\"");
}

static void end_record(struct trace *trace)
{
    text_add_string(&trace->text, "}");
    trace->records[trace->count++].end = trace->text.length;
}

// Metadata comes before everything else.
static void begin_metadata(struct trace *trace, size_t track, const char *name)
{
    begin_record(trace, 0, "M", track);
    trace->records[trace->count].time = -1;
    add_field(trace, "name", name);
    text_add_string(&trace->text, ",\"args\":{");
}

static void name_track(struct trace *trace, size_t track, const char *name)
{
    begin_metadata(trace, track, "thread_name");
    text_add_string(&trace->text, "\"name\":\"");
    escape_json(&trace->text, name, strlen(name));
    text_add_string(&trace->text, "\"}");
    end_record(trace);
    begin_metadata(trace, track, "thread_sort_index");
    text_print(&trace->text, "\"sort_index\":%zu}", track);
    end_record(trace);
}

static void name_process(struct trace *trace)
{
    char dropped[256];
    lanes_format_dropped(trace->lanes, dropped, sizeof dropped);
    begin_metadata(trace, OUR_TRACK, "process_name");
    text_print(&trace->text, "\"name\":\"forklab %%%u: ", trace->lanes->job);
    escape_json(&trace->text, trace->lanes->title, strlen(trace->lanes->title));
    text_print(&trace->text, "%s%s%s\"}", *dropped ? " (" : "", dropped, *dropped ? ")" : "");
    end_record(trace);
    name_track(trace, OUR_TRACK, "forklab");
}

static size_t track_of(const struct trace *trace, const struct lane *lane)
{
    return (size_t)(lane - trace->lanes->all) + FIRST_TRACK;
}

static void add_slice(struct trace *trace, const struct lane *lane, const struct slice *slice)
{
    int64_t begin = us_of(trace, slice->begin), end = us_of(trace, slice->end);
    if (begin == end)
        return;
    begin_record(trace, begin * 2, "X", track_of(trace, lane));
    text_print(&trace->text, ",\"dur\":%" PRId64, end - begin);
    add_field(trace, "cat", slice->chunk > 0 ? "chunk" : "phase");
    if (slice->chunk > 0) {
        text_print(&trace->text,
                   ",\"name\":\"tasks %" PRId64 " to %" PRId64 "\",\"args\":{\"chunk\":%u,"
                   "\"first\":%" PRId64 ",\"count\":%" PRId64 "}",
                   slice->first, slice->first + slice->count - 1, slice->chunk, slice->first,
                   slice->count);
    } else {
        add_field(trace, "name", phase_name(slice->phase));
    }
    end_record(trace);
}

static void add_lane(struct trace *trace, const struct lane *lane)
{
    char name[256], end[64];
    struct text title = {0};
    lane_format_name(lane, name, sizeof name);
    lane_format_end(lane, end, sizeof end);
    text_print(&title, "%s (pid %" PRId64 ", %s)", name, lane->pid, end);
    name_track(trace, track_of(trace, lane), text_string(&title));
    text_free(&title);
    for (size_t i = 0; i < lane->count; i++)
        add_slice(trace, lane, &lane->slices[i]);
}

static void add_span(struct trace *trace, const struct barrier_span *span, size_t number)
{
    static const char *const phases[] = {"b", "e"};
    int64_t times[] = {us_of(trace, span->begin) * 2, us_of(trace, span->end) * 2};
    for (int i = 0; i < 2; i++) {
        begin_record(trace, times[i], phases[i], OUR_TRACK);
        add_field(trace, "cat", "barrier");
        text_print(&trace->text, ",\"name\":\"barrier round %" PRId64 "\",\"id\":\"0x%zx\"",
                   span->round + 1, number + 1);
        if (i == 1)
            text_print(&trace->text, ",\"args\":{\"released\":%s}",
                       span->released ? "true" : "false");
        end_record(trace);
    }
}

// Adds a slice of 1 us to our own track, behind the one before. Returns when it begins, in us.
static int64_t add_act(struct trace *trace, const struct event *mark)
{
    char words[512];
    int64_t begin = us_of(trace, mark->time);
    begin = begin < trace->acted ? trace->acted : begin;
    trace->acted = begin + 1;
    lanes_format_mark(trace->lanes, mark, words, sizeof words);
    begin_record(trace, begin * 2, "X", OUR_TRACK);
    text_add_string(&trace->text, ",\"dur\":1");
    add_field(trace, "cat", event_name(mark->kind));
    add_field(trace, "name", words);
    end_record(trace);
    return begin;
}

static void add_arrow_end(struct trace *trace, const char *phase, size_t track, int64_t half_us,
                          const struct event *mark)
{
    begin_record(trace, half_us, phase, track);
    add_field(trace, "cat", "cause");
    add_field(trace, "name", event_name(mark->kind));
    text_print(&trace->text, ",\"id\":\"0x%x\"%s", trace->arrows,
               *phase == 'f' ? ",\"bp\":\"e\"" : "");
    end_record(trace);
}

// Adds an arrow from our slice at `from` us into a slice of the lane; there is none to a slice that has
// ended.
static void add_arrow(struct trace *trace, int64_t from, const struct lane *lane,
                      const struct slice *slice, const struct event *mark)
{
    int64_t begin = us_of(trace, slice->begin), end = us_of(trace, slice->end);
    int64_t to = begin > from ? begin : from;
    if (to >= end)
        return;
    trace->arrows++;
    add_arrow_end(trace, "s", OUR_TRACK, from * 2 + 1, mark);
    add_arrow_end(trace, "f", track_of(trace, lane), to * 2 + 1, mark);
}

// Returns the first slice of the lane that ends after `time`; lane->count when there is none.
static size_t slice_at(const struct lane *lane, int64_t time)
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

// Returns the first slice from `at` on that is drawn and ends after `from` us; lane->count when there is
// none.
static size_t next_drawn(const struct trace *trace, const struct lane *lane, size_t at,
                         int64_t from)
{
    for (; at < lane->count; at++) {
        int64_t end = us_of(trace, lane->slices[at].end);
        if (end > from && end > us_of(trace, lane->slices[at].begin))
            break;
    }
    return at;
}

// Arrows to what everyone who waited at the barrier does after it.
static void add_releases(struct trace *trace, int64_t from, const struct event *mark)
{
    for (size_t i = 0; i < trace->lanes->count; i++) {
        const struct lane *lane = &trace->lanes->all[i];
        size_t at = slice_at(lane, mark->time - 1);
        if (at == lane->count || lane->slices[at].begin > mark->time ||
            lane->slices[at].phase != PHASE_AT_BARRIER)
            continue;
        size_t next = next_drawn(trace, lane, at + 1, from);
        add_arrow(trace, from, lane, &lane->slices[next < lane->count ? next : at], mark);
    }
}

static void add_signal(struct trace *trace, int64_t from, const struct event *mark)
{
    const struct lane *lane = lanes_find(trace->lanes, mark->worker);
    if (mark->b != 0 || !lane)
        return;
    size_t at = next_drawn(trace, lane, slice_at(lane, mark->time), from);
    if (at < lane->count)
        add_arrow(trace, from, lane, &lane->slices[at], mark);
}

// What happened to a worker by itself.
static void add_instant(struct trace *trace, const struct event *mark)
{
    char words[512];
    const struct lane *lane = lanes_find(trace->lanes, mark->worker);
    lanes_format_mark(trace->lanes, mark, words, sizeof words);
    begin_record(trace, us_of(trace, mark->time) * 2, "i",
                 lane ? track_of(trace, lane) : OUR_TRACK);
    add_field(trace, "s", "t");
    add_field(trace, "cat", event_name(mark->kind));
    add_field(trace, "name", words);
    end_record(trace);
}

static void add_mark(struct trace *trace, const struct event *mark)
{
    if (mark->kind == EVENT_SIGNALLED)
        add_signal(trace, add_act(trace, mark), mark);
    else if (mark->kind == EVENT_RELEASED || mark->kind == EVENT_BROKEN)
        add_releases(trace, add_act(trace, mark), mark);
    else
        add_instant(trace, mark);
}

static int by_time(const void *a, const void *b)
{
    const struct record *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

void trace_write(const struct lanes *lanes, struct text *text)
{
    struct trace trace = {.lanes = lanes};
    name_process(&trace);
    for (size_t i = 0; i < lanes->count; i++)
        add_lane(&trace, &lanes->all[i]);
    for (size_t i = 0; i < lanes->span_count; i++)
        add_span(&trace, &lanes->spans[i], i);
    for (size_t i = 0; i < lanes->mark_count; i++)
        add_mark(&trace, lanes->marks[i]);
    qsort(trace.records, trace.count, sizeof *trace.records, by_time);
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
