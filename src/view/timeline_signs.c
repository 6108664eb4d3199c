// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_signs.h"

#include "base/must.h"
#include "base/signal.h"
#include "view/event_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// Each at its own height, so that all are seen when they come together.
const struct timeline_sign timeline_signs[SIGN_WAKE + 1] = {
    [SIGN_SIGNAL] = {svg_arrow_head, -1.5, "signal sent"},
    [SIGN_DEATH] = {svg_cross, 0, "killed"},
    [SIGN_LOSS] = {svg_question, 2, "lost: it can't be heard any more"},
};

// Above so high lanes a sign has its name.
static const double timeline_signs_named = 20;

static void timeline_signs_add_tooltip(const struct timeline_plan *plan, const struct event *mark,
                                       struct text *words)
{
    text_print(words, "%.6f s: ", (double)(mark->time - plan->past->origin) / 1e9);
    event_text_mark(mark, plan->past->job, words);
}

static void timeline_signs_add_line(const struct timeline_plan *plan, const struct event *mark,
                                    struct text *text)
{
    bool broken = schema_sign(mark) == SIGN_BREAK;
    double bottom = plan->bottom - plan->value_pitch * (double)plan->series;
    struct text words = {0};
    timeline_signs_add_tooltip(plan, mark, &words);
    text_print(text,
               "<path class=\"%s\" d=\"M%.1f %.1f V%.1f\" stroke=\"%s\" stroke-width=\"2\"%s "
               "fill=\"none\">",
               broken ? "broken" : "line", timeline_plan_x(plan, mark->time), plan->top - 4, bottom,
               broken ? SVG_BAD : SVG_INK, broken ? "" : " stroke-dasharray=\"5 4\"");
    svg_tooltip(text, text_string(&words));
    text_add_string(text, "</path>\n");
    text_free(&words);
}

// Rounds whose labels would run into each other share one: "3-7".
struct round_label {
    double x;
    int64_t first, last;
    bool any;
};

static double timeline_signs_format_rounds(const struct round_label *label, char *words,
                                           size_t size)
{
    if (label->first == label->last)
        snprintf(words, size, "%" PRId64, label->first);
    else
        snprintf(words, size, "%" PRId64 "-%" PRId64, label->first, label->last);
    return svg_width(words, SVG_SMALL);
}

static void timeline_signs_end_label(const struct timeline_plan *plan, struct round_label *label,
                                     struct text *text)
{
    char words[64];
    if (!label->any)
        return;
    timeline_signs_format_rounds(label, words, sizeof words);
    svg_write(text,
              &(struct svg_words){.x = label->x,
                                  .y = plan->top - 12,
                                  .size = SVG_SMALL,
                                  .class = "ink",
                                  .anchor = label->first == label->last ? "middle" : "start"},
              words);
    label->any = false;
}

static void timeline_signs_add_round(const struct timeline_plan *plan, const struct event *mark,
                                     struct round_label *label, struct text *text)
{
    char words[64];
    double x = timeline_plan_x(plan, mark->time);
    int64_t round = mark->a + 1;
    struct round_label next = {x, round, round, true};
    // One alone stands in the middle of its line; more begin there.
    double taken = timeline_signs_format_rounds(label, words, sizeof words);
    taken = label->first == label->last ? taken / 2 : taken;
    taken += timeline_signs_format_rounds(&next, words, sizeof words) / 2 + 8;
    if (label->any && x - label->x < taken && label->last + 1 == round) {
        label->last = round;
        return;
    }
    timeline_signs_end_label(plan, label, text);
    *label = next;
}

static void timeline_signs_add_break(const struct timeline_plan *plan, const struct event *mark,
                                     struct text *text)
{
    struct svg_words how = {.x = timeline_plan_x(plan, mark->time),
                            .y = plan->top - 12,
                            .size = SVG_SMALL,
                            .class = "bad",
                            .anchor = "end",
                            .bold = true,
                            .halo = true};
    svg_write(text, &how, schema_of(mark->kind)->name);
}

void timeline_signs_write_releases(const struct timeline_plan *plan, struct text *text)
{
    const struct past *past = plan->past;
    struct round_label label = {0};
    bool few = past->releases <= TIMELINE_SIGNS_RELEASES_MOST, any = false;
    for (size_t i = 0; i < past->mark_count; i++) {
        const struct event *mark = past->marks[i];
        enum sign sign = schema_sign(mark);
        if (!(sign == SIGN_RELEASE && few) && sign != SIGN_BREAK)
            continue;
        timeline_signs_add_line(plan, mark, text);
        if (sign == SIGN_BREAK)
            timeline_signs_add_break(plan, mark, text);
        else if (mark->kind == EVENT_RELEASED)
            timeline_signs_add_round(plan, mark, &label, text);
        any |= mark->kind == EVENT_RELEASED;
    }
    timeline_signs_end_label(plan, &label, text);
    if (any)
        svg_write(text,
                  &(struct svg_words){
                      .x = SVG_MARGIN, .y = plan->top - 12, .size = SVG_SMALL, .class = "muted"},
                  past->releases == 1 ? "round" : "rounds");
}

// A sign in a lane, and px that are free at its sides.
struct placed_sign {
    const struct event *mark;
    size_t lane;
    double x, y, left, right;
};

// Writes a signal's name at the side of its sign where there is room. Returns how far it reaches to
// the right.
static double timeline_signs_add_name(const struct timeline_plan *plan,
                                      const struct placed_sign *sign, struct text *text)
{
    const struct event *mark = sign->mark;
    const char *name = signal_name((int)(mark->kind == EVENT_DIED ? mark->b : mark->a));
    double size = plan->pitch * 0.5 > SVG_SMALL ? SVG_SMALL : plan->pitch * 0.5;
    double width = svg_width(name, size) * SVG_BOLDER + 14;
    bool right = width <= sign->right, left = !right && width <= sign->left;
    // How a worker died stands at the end of its lane, too.
    bool below =
        !right && !left && mark->kind != EVENT_DIED && (plan->pitch - plan->bar) / 2 > size + 4;
    if (plan->pitch < timeline_signs_named || !plan->named || !(right || left || below))
        return sign->x;
    struct svg_words how = {.x = sign->x + (right  ? 12
                                            : left ? -12
                                                   : 0),
                            .y = sign->y + size * 0.36,
                            .size = size,
                            .class = mark->kind == EVENT_DIED ? "bad" : "ink",
                            .anchor = right  ? "start"
                                      : left ? "end"
                                             : "middle",
                            .bold = true,
                            .halo = true};
    how.y = below ? timeline_plan_y(plan, sign->lane) + plan->bar / 2 + size : how.y;
    svg_write(text, &how, name);
    return right ? sign->x + width : sign->x;
}

// Finds the signs of all lanes, in the order of time. Returns an array for free().
static struct placed_sign *timeline_signs_place(const struct timeline_plan *plan, double size,
                                                size_t *count)
{
    const struct past *past = plan->past;
    struct placed_sign *signs = must_calloc(past->mark_count + 1, sizeof *signs);
    double *next = must_calloc(past->lane_count + 1, sizeof *next);
    *count = 0;
    for (size_t i = 0; i < past->mark_count; i++) {
        const struct event *mark = past->marks[i];
        const struct timeline_sign *sign = &timeline_signs[schema_sign(mark)];
        const struct lane *lane = past_lane(past, mark->worker);
        if (!lane || !sign->write)
            continue;
        size_t number = (size_t)(lane - past->lanes);
        signs[(*count)++] = (struct placed_sign){.mark = mark,
                                                 .lane = number,
                                                 .x = timeline_plan_x(plan, mark->time),
                                                 .y = timeline_plan_y(plan, number) +
                                                      (plan->named ? sign->below * size : 0)};
        next[number] = plan->right;
    }
    for (size_t i = *count; i > 0; i--) {
        signs[i - 1].right = next[signs[i - 1].lane] - signs[i - 1].x;
        next[signs[i - 1].lane] = signs[i - 1].x - 12;
    }
    free(next);
    return signs;
}

void timeline_signs_write(const struct timeline_plan *plan, struct text *text)
{
    size_t count;
    double size = plan->bar / 4 < 4 ? 4 : plan->bar / 4 > 9 ? 9 : plan->bar / 4;
    struct placed_sign *signs = timeline_signs_place(plan, size, &count);
    double *taken = must_calloc(plan->past->lane_count + 1, sizeof *taken);
    for (size_t i = 0; i < count; i++) {
        struct text words = {0};
        timeline_signs_add_tooltip(plan, signs[i].mark, &words);
        timeline_signs[schema_sign(signs[i].mark)].write(text, signs[i].x, signs[i].y, size,
                                                         text_string(&words));
        text_free(&words);
    }
    for (size_t i = 0; i < count; i++) {
        if (schema_sign(signs[i].mark) == SIGN_LOSS)
            continue;
        signs[i].left = signs[i].x - taken[signs[i].lane] - 12;
        taken[signs[i].lane] = timeline_signs_add_name(plan, &signs[i], text);
    }
    free(taken);
    free(signs);
}
