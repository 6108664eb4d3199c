// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_legend.h"

#include "base/number.h"
#include "log/describe.h"
#include "view/event_text.h"
#include "view/look_svg.h"
#include "view/svg.h"
#include "view/timeline_signs.h"

#include <stdio.h>

enum { LINE = 30, SAMPLE = 26, NOTES_MOST = 5, NOTES_GAP = 8, AXIS = 44 };

// Goes over all entries; without `text` they are only measured.
struct legend {
    const struct timeline_plan *plan;
    struct text *text;
    double x, y; // of the next one
    bool any, noted;
};

// Moves on behind an entry of these words. Returns where it begins.
static double timeline_legend_place(struct legend *legend, const char *words)
{
    double width = SAMPLE + 8 + svg_width(words, SVG_SMALL);
    if (legend->x > SVG_MARGIN && legend->x + width > SVG_WIDTH - SVG_MARGIN) {
        legend->x = SVG_MARGIN;
        legend->y += LINE;
    }
    double x = legend->x;
    legend->x += width + 26;
    legend->any = true;
    return x;
}

static void timeline_legend_add_words(const struct legend *legend, double x, const char *words)
{
    svg_text(legend->text, x + SAMPLE + 8, legend->y, SVG_SMALL, "ink", words);
}

static void timeline_legend_add_look(struct legend *legend, enum look look, double share,
                                     const char *words)
{
    double x = timeline_legend_place(legend, words);
    struct look_svg_box box = {x, x + SAMPLE, legend->y - 7, 20, share};
    if (!legend->text)
        return;
    look_svg_write(look, &box, NULL, legend->text);
    timeline_legend_add_words(legend, x, words);
}

static bool timeline_legend_has_sign(const struct past *past, enum sign sign)
{
    for (size_t i = 0; i < past->mark_count; i++)
        if (schema_sign(past->marks[i]) == sign && past_lane(past, past->marks[i]->worker))
            return true;
    return false;
}

static void timeline_legend_add_signs(struct legend *legend)
{
    for (int i = SIGN_SIGNAL; i <= SIGN_LOSS; i++) {
        const struct timeline_sign *sign = &timeline_signs[i];
        if (!timeline_legend_has_sign(legend->plan->past, (enum sign)i))
            continue;
        double x = timeline_legend_place(legend, sign->meaning);
        if (!legend->text)
            continue;
        sign->write(legend->text, x + SAMPLE / 2.0, legend->y - 7, 7, sign->meaning);
        timeline_legend_add_words(legend, x, sign->meaning);
    }
}

// Whether some worker had clearly less than a whole core for its work.
static bool timeline_legend_shares(const struct past *past)
{
    for (size_t i = 0; i < past->lane_count; i++) {
        double share = timeline_plan_share(past->lanes[i].worker);
        if (share >= 0 && share < 0.9)
            return true;
    }
    return false;
}

static void timeline_legend_add_arrow(struct legend *legend)
{
    static const char words[] = "freed it for the next";
    if (legend->plan->sharing->handover_count == 0)
        return;
    double x = timeline_legend_place(legend, words);
    if (!legend->text)
        return;
    text_print(legend->text,
               "<path class=\"line\" d=\"M%.1f %.1f v18 m-4 -6 l4 6 l4 -6\" stroke=\"%s\" "
               "stroke-width=\"2\" fill=\"none\"/>\n",
               x + SAMPLE / 2.0, legend->y - 17, SVG_INK);
    timeline_legend_add_words(legend, x, words);
}

// Goes over the entries; returns where the last line of them stands.
static double timeline_legend_add_entries(struct legend *legend)
{
    const struct timeline_plan *plan = legend->plan;
    bool works = plan->seen[LOOK_WORKING] || plan->seen[LOOK_HOLDING];
    for (int look = 0; look < LOOKS; look++) {
        struct text meaning = {0};
        if (!plan->seen[look])
            continue;
        looks_add_meaning(plan->past, (enum look)look, &meaning);
        timeline_legend_add_look(legend, (enum look)look, 1, text_string(&meaning));
        text_free(&meaning);
    }
    if (works && timeline_legend_shares(plan->past))
        timeline_legend_add_look(legend, plan->seen[LOOK_WORKING] ? LOOK_WORKING : LOOK_HOLDING,
                                 0.4, "filled: with a core");
    timeline_legend_add_signs(legend);
    timeline_legend_add_arrow(legend);
    return legend->y;
}

// Whether a mark is told in words alone.
static bool timeline_legend_is_note(const struct event *mark)
{
    enum sign sign = schema_sign(mark);
    return event_text_is_told(mark) && sign != SIGN_SIGNAL && sign != SIGN_DEATH &&
           sign != SIGN_LOSS;
}

static void timeline_legend_add_note(struct legend *legend, const char *class, const char *words)
{
    legend->y += LINE - 4 + (legend->noted ? 0 : NOTES_GAP);
    legend->noted = true;
    if (legend->text)
        svg_write(legend->text,
                  &(struct svg_words){.x = SVG_MARGIN,
                                      .y = legend->y,
                                      .size = SVG_SMALL,
                                      .class = class,
                                      .room = SVG_WIDTH - 2 * SVG_MARGIN},
                  words);
}

// Adds what a mark tells; of the steps of an order all that one worker takes in a row. Returns the
// last mark that is told.
static size_t timeline_legend_describe(const struct past *past, size_t mark, struct text *note)
{
    char time[32];
    number_format_time(past->marks[mark]->time - past->origin, time, sizeof time);
    text_print(note, "%s: ", time);
    event_text_mark(past->marks[mark], past->job, note);
    for (; past->marks[mark]->kind == EVENT_STEP && mark + 1 < past->mark_count; mark++) {
        const struct event *next = past->marks[mark + 1];
        if (next->kind != EVENT_STEP || next->worker != past->marks[mark]->worker)
            break;
        text_print(note, ", %s", text_visible(next->text ? next->text : ""));
    }
    return mark;
}

static void timeline_legend_add_notes(struct legend *legend)
{
    const struct past *past = legend->plan->past;
    char words[256];
    size_t all = 0;
    for (size_t i = 0; i < past->mark_count; i++) {
        struct text note = {0};
        if (!timeline_legend_is_note(past->marks[i]))
            continue;
        i = timeline_legend_describe(past, i, &note);
        if (all++ < NOTES_MOST)
            timeline_legend_add_note(legend, "muted", text_string(&note));
        text_free(&note);
    }
    snprintf(words, sizeof words, "and %zu more", all > NOTES_MOST ? all - NOTES_MOST : 0);
    if (all > NOTES_MOST)
        timeline_legend_add_note(legend, "muted", words);
    snprintf(words, sizeof words, "%zu releases, too many to be drawn here", past->releases);
    if (past->releases > TIMELINE_SIGNS_RELEASES_MOST)
        timeline_legend_add_note(legend, "muted", words);
    describe_dropped(past, words, sizeof words);
    if (*words)
        timeline_legend_add_note(legend, "bad", words);
}

double timeline_legend_height(const struct timeline_plan *plan)
{
    struct legend legend = {.plan = plan, .x = SVG_MARGIN};
    timeline_legend_add_entries(&legend);
    legend.y += legend.any ? LINE : 0;
    timeline_legend_add_notes(&legend);
    return legend.y;
}

void timeline_legend_write(const struct timeline_plan *plan, struct text *text)
{
    struct legend legend = {
        .plan = plan, .text = text, .x = SVG_MARGIN, .y = plan->bottom + AXIS + LINE - 6};
    timeline_legend_add_entries(&legend);
    legend.y -= legend.any ? 0 : LINE;
    timeline_legend_add_notes(&legend);
}
