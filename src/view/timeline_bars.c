// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_bars.h"

#include "base/must.h"
#include "base/number.h"
#include "log/describe.h"
#include "view/look_svg.h"
#include "view/svg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// px: what can be seen at least, and from one mark of a short phase to the next of the same look,
// so that what has more of the time stays visible between them.
static const double timeline_bars_least = 2, timeline_bars_apart = 6;

// px between labels of thin lanes, at least.
static const double timeline_bars_line = 24;

struct lane_drawing {
    const struct timeline_plan *plan;
    const struct lane *lane;
    struct text *text;
    char name[256];
    double y, share;
};

// Slices too narrow to be seen, that lie side by side.
struct heap {
    double from, to;
    double share[LOOKS];
    size_t first, count; // slices of the lane
};

static void timeline_bars_add_words(const struct lane_drawing *drawing, const struct slice *slice,
                                    struct text *words)
{
    char activity[64], time[32];
    describe_activity(drawing->plan->past->job, slice->activity, slice->object, activity,
                      sizeof activity);
    number_format_time(slice->end - slice->begin, time, sizeof time);
    text_print(words, "%s: %s", drawing->name, activity);
    if (slice->chunk > 0 && slice->count == 1)
        text_print(words, ", task %" PRId64, slice->first);
    else if (slice->chunk > 0)
        text_print(words, ", tasks %" PRId64 " to %" PRId64, slice->first,
                   slice->first + slice->count - 1);
    text_print(words, ", %s", time);
}

// Adds a box of `from` to `to`, widened until it can be seen.
static void timeline_bars_add_box(const struct lane_drawing *drawing, enum look look, double from,
                                  double to, const char *tooltip)
{
    const struct timeline_plan *plan = drawing->plan;
    if (to - from < timeline_bars_least) {
        to = from + timeline_bars_least;
        if (to > plan->right) {
            to = plan->right;
            from = to - timeline_bars_least;
        }
    }
    struct look_svg_box box = {from, to, drawing->y, plan->bar, drawing->share};
    look_svg_write(look, &box, tooltip, drawing->text);
}

// What is in hand, or which object it is about where there are several.
static void timeline_bars_add_content(const struct model_job *job, const struct slice *slice,
                                      struct text *words)
{
    if (slice->chunk > 0 && slice->count == 1)
        text_print(words, "%" PRId64, slice->first);
    else if (slice->chunk > 0)
        text_print(words, "%" PRId64 "-%" PRId64, slice->first, slice->first + slice->count - 1);
    else if (slice->activity == ACTIVITY_HOLDING && job->object_count > 1)
        text_add_string(words, describe_object_name(job, slice->object));
}

// Writes what is in hand, or which object it is about, into a box that has room for it: where it is
// filled, or above that.
static void timeline_bars_add_label(const struct lane_drawing *drawing, const struct slice *slice,
                                    enum look look, double from, double to)
{
    struct text words = {0};
    double size = drawing->plan->bar * 0.6 > SVG_SMALL ? SVG_SMALL : drawing->plan->bar * 0.6;
    bool works = look_svg_is_work(look), filled = !works || drawing->share >= 0.7;
    const char *on = look == LOOK_WORKING ? "on" : "over";
    timeline_bars_add_content(drawing->plan->past->job, slice, &words);
    double y = filled ? drawing->y : drawing->y - drawing->plan->bar * drawing->share / 2;
    bool fits = svg_width(text_string(&words), size) + 6 <= to - from;
    if (words.length > 0 && fits && size >= 10)
        svg_write(drawing->text,
                  &(struct svg_words){.x = (from + to) / 2,
                                      .y = y + size * 0.36,
                                      .size = size,
                                      .class = filled ? on : "ink",
                                      .anchor = "middle"},
                  text_string(&words));
    text_free(&words);
}

static void timeline_bars_add_slice(const struct lane_drawing *drawing, const struct slice *slice)
{
    const struct timeline_plan *plan = drawing->plan;
    enum look look = look_svg_of(plan->past, slice);
    double from = timeline_plan_x(plan, slice->begin), to = timeline_plan_x(plan, slice->end);
    struct text words = {0};
    timeline_bars_add_words(drawing, slice, &words);
    timeline_bars_add_box(drawing, look, from, to, text_string(&words));
    timeline_bars_add_label(drawing, slice, look, from, to);
    text_free(&words);
}

// Marks the short phases of a heap that are not what it is drawn as.
static void timeline_bars_add_others(const struct lane_drawing *drawing, const struct heap *heap,
                                     enum look most)
{
    double last[LOOKS];
    for (int look = 0; look < LOOKS; look++)
        last[look] = -timeline_bars_apart;
    for (size_t i = heap->first; i < heap->first + heap->count; i++) {
        const struct slice *slice = &drawing->lane->slices[i];
        enum look look = look_svg_of(drawing->plan->past, slice);
        double x = timeline_plan_x(drawing->plan, slice->begin);
        if (look == most || x - last[look] < timeline_bars_apart)
            continue;
        last[look] = x;
        timeline_bars_add_slice(drawing, slice);
    }
}

static void timeline_bars_end_heap(const struct lane_drawing *drawing, struct heap *heap)
{
    int most = 0;
    if (heap->count == 1) {
        timeline_bars_add_slice(drawing, &drawing->lane->slices[heap->first]);
    } else if (heap->count > 1) {
        char words[320];
        for (int look = 0; look < LOOKS; look++)
            most = heap->share[look] > heap->share[most] ? look : most;
        snprintf(words, sizeof words, "%s: %zu short phases", drawing->name, heap->count);
        timeline_bars_add_box(drawing, (enum look)most, heap->from, heap->to, words);
        timeline_bars_add_others(drawing, heap, (enum look)most);
    }
    *heap = (struct heap){0};
}

static bool timeline_bars_is_wide(const struct timeline_plan *plan, const struct slice *slice)
{
    return timeline_plan_x(plan, slice->end) - timeline_plan_x(plan, slice->begin) >=
           timeline_bars_least;
}

// The wide ones first, so that those that are widened lie upon them.
static void timeline_bars_add_bar(const struct lane_drawing *drawing)
{
    const struct lane *lane = drawing->lane;
    struct heap heap = {0};
    for (size_t i = 0; i < lane->count; i++)
        if (timeline_bars_is_wide(drawing->plan, &lane->slices[i]))
            timeline_bars_add_slice(drawing, &lane->slices[i]);
    for (size_t i = 0; i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        if (timeline_bars_is_wide(drawing->plan, slice)) {
            timeline_bars_end_heap(drawing, &heap);
            continue;
        }
        double from = timeline_plan_x(drawing->plan, slice->begin);
        if (heap.count == 0)
            heap = (struct heap){.from = from, .first = i};
        heap.to = timeline_plan_x(drawing->plan, slice->end);
        heap.share[look_svg_of(drawing->plan->past, slice)] += heap.to - from;
        heap.count++;
    }
    timeline_bars_end_heap(drawing, &heap);
}

// Writes how the worker ended and its share of a core, behind its lane.
static void timeline_bars_add_end(const struct lane_drawing *drawing)
{
    const struct timeline_plan *plan = drawing->plan;
    const struct model_worker *worker = drawing->lane->worker;
    bool failed = timeline_plan_failed(worker);
    double share = timeline_plan_share(worker),
           size = plan->font < SVG_SMALL ? plan->font : SVG_SMALL;
    char words[64];
    size = plan->named ? size : SVG_SMALL;
    describe_state(worker, words, sizeof words);
    struct svg_words how = {.x = plan->end_x,
                            .y = drawing->y + size * 0.36,
                            .size = size,
                            .class = failed ? "bad" : "muted",
                            .bold = failed};
    svg_write(drawing->text, &how, words);
    if (share < 0 || !plan->named)
        return;
    snprintf(words, sizeof words, "%.0f %%", share * 100);
    how = (struct svg_words){
        .x = plan->share_x, .y = how.y, .size = size, .class = "muted", .anchor = "end"};
    svg_write(drawing->text, &how, words);
}

static void timeline_bars_add_name(const struct lane_drawing *drawing)
{
    const struct timeline_plan *plan = drawing->plan;
    bool failed = timeline_plan_failed(drawing->lane->worker);
    double size = plan->named ? plan->font : SVG_SMALL;
    svg_write(drawing->text,
              &(struct svg_words){.x = SVG_MARGIN,
                                  .y = drawing->y + size * 0.36,
                                  .size = size,
                                  .class = failed && !plan->named ? "bad" : "ink",
                                  .room = plan->left - SVG_MARGIN - 8},
              drawing->name);
}

// The least of 10, 20, 50, 100 and so on that is not below `apart`.
static size_t timeline_bars_step(size_t apart)
{
    static const size_t steps[] = {1, 2, 5};
    for (size_t ten = 10;; ten *= 10)
        for (size_t i = 0; i < 3; i++)
            if (steps[i] * ten >= apart)
                return steps[i] * ten;
}

// Whether a lane that is chosen stands less than `apart` from lane `i`.
static bool timeline_bars_is_near(const bool *chosen, size_t count, size_t i, size_t apart)
{
    for (size_t j = i + 1 > apart ? i + 1 - apart : 0; j < i + apart && j < count; j++)
        if (chosen[j])
            return true;
    return false;
}

// Chooses the lanes that are named where not all are: failures first, then every tenth or so. True
// for each of them in an array for free().
static bool *timeline_bars_choose(const struct timeline_plan *plan)
{
    size_t count = plan->past->lane_count;
    size_t apart = (size_t)(timeline_bars_line / plan->pitch) + 1;
    size_t step = timeline_bars_step(apart);
    bool *chosen = must_calloc(count + 1, sizeof *chosen);
    for (size_t i = 0, free_from = 0; i < count; i++) {
        if (i < free_from || !timeline_plan_failed(plan->past->lanes[i].worker))
            continue;
        chosen[i] = true;
        free_from = i + apart;
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || (i + 1) % step == 0)
            chosen[i] |= !timeline_bars_is_near(chosen, count, i, apart);
    }
    return chosen;
}

// Returns which part of its work an ended worker had a core for, from 0 to 1; 1 where that is not
// known.
static double timeline_bars_share(const struct timeline_plan *plan, const struct lane *lane)
{
    int64_t work = 0;
    for (size_t i = 0; i < lane->count; i++)
        if (look_svg_is_work(look_svg_of(plan->past, &lane->slices[i])))
            work += lane->slices[i].end - lane->slices[i].begin;
    if (!lane->worker->dead || work <= lane->worker->cpu_ns)
        return 1;
    return (double)lane->worker->cpu_ns / (double)work;
}

void timeline_bars_write(const struct timeline_plan *plan, struct text *text)
{
    bool *chosen = plan->named ? NULL : timeline_bars_choose(plan);
    for (size_t i = 0; i < plan->past->lane_count; i++) {
        struct lane_drawing drawing = {.plan = plan, .lane = &plan->past->lanes[i], .text = text};
        drawing.y = timeline_plan_y(plan, i);
        drawing.share = timeline_bars_share(plan, drawing.lane);
        describe_lane(drawing.lane, drawing.name, sizeof drawing.name);
        timeline_bars_add_bar(&drawing);
        if (chosen && !chosen[i])
            continue;
        timeline_bars_add_name(&drawing);
        if (plan->named || timeline_plan_failed(drawing.lane->worker))
            timeline_bars_add_end(&drawing);
    }
    free(chosen);
}
