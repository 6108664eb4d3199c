// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/object_svg.h"

#include "log/describe.h"
#include "view/look_svg.h"
#include "view/svg.h"

#include <inttypes.h>
#include <stdio.h>

enum { HANDOVERS_DRAWN = 100, HOLDINGS_DRAWN = 2000 };

// px between two points of a line, at least: what lies closer is drawn as one.
static const double object_svg_step = 0.5;

// px: the height of a strip, and what a bar must have so that it has one.
static const double object_svg_strip = 5, object_svg_high = 12;

static void object_svg_add_line(const struct timeline_plan *plan, const struct values *values,
                                double y, struct text *text)
{
    double height = plan->value_pitch * 0.6, before = -1;
    text_print(text, "<path class=\"line\" d=\"");
    for (size_t i = 0; i < values->count; i++) {
        double x = timeline_plan_x(plan, values->all[i].time);
        double level = y + height / 2 - height * values_part(values, values->all[i].value);
        if (i == 0)
            text_print(text, "M%.1f %.1f", x, level);
        else if (i + 1 == values->count || x - before >= object_svg_step)
            text_print(text, "H%.1fV%.1f", x, level);
        else
            continue;
        before = x;
    }
    text_print(text, "H%.1f\" stroke=\"%s\" stroke-width=\"2\" fill=\"none\"/>\n", plan->right,
               SVG_INK);
}

void object_svg_write_values(const struct timeline_plan *plan, struct text *text)
{
    char words[64];
    for (size_t i = 0; i < plan->series && plan->values[i].count > 0; i++) {
        const struct values *values = &plan->values[i];
        double y = timeline_plan_value_y(plan, i);
        double size = plan->value_pitch * 0.8 < SVG_SMALL ? plan->value_pitch * 0.8 : SVG_SMALL;
        svg_write(text,
                  &(struct svg_words){.x = SVG_MARGIN,
                                      .y = y + size * 0.36,
                                      .size = size,
                                      .class = "muted",
                                      .room = plan->left - SVG_MARGIN - 8},
                  describe_object_name(plan->past->job, values->object->number));
        text_print(text,
                   "<path class=\"grid\" d=\"M%.1f %.1f H%.1f\" stroke=\"%s\" fill=\"none\"/>\n",
                   plan->left, y + plan->value_pitch / 2, plan->right, SVG_GRID);
        object_svg_add_line(plan, values, y, text);
        snprintf(words, sizeof words, "%" PRId64 " (%" PRId64 " to %" PRId64 ")",
                 values->object->value, values->least, values->most);
        svg_text(text, plan->end_x, y + size * 0.36, size, "muted", words);
    }
}

static void object_svg_add_strip(const struct timeline_plan *plan, const struct holding *holding,
                                 size_t lane, double from, double to, struct text *text)
{
    double y = timeline_plan_y(plan, lane) + plan->bar / 2 + object_svg_strip / 2 + 1;
    char words[400], name[256];
    to = to - from < 2 ? from + 2 : to;
    describe_lane(&plan->past->lanes[lane], name, sizeof name);
    const char *object = describe_object_name(plan->past->job, holding->object);
    snprintf(words, sizeof words, "%s has %s all the while", name, object);
    // A look that holds is a little lower than a bar.
    struct look_svg_box box = {from, to, y, object_svg_strip / 0.85, 1};
    look_svg_write(LOOK_HOLDING, &box, words, text);
    double size = plan->bar * 0.42 > SVG_SMALL ? SVG_SMALL : plan->bar * 0.42;
    snprintf(words, sizeof words, "has %s", object);
    if (size >= 9 && svg_width(words, size) + 4 <= to - from)
        svg_write(text,
                  &(struct svg_words){.x = from + 4,
                                      .y = y - object_svg_strip / 2 - 2,
                                      .size = size,
                                      .class = "ink",
                                      .halo = true},
                  words);
}

// Adds strips where the lane shows something else than that the worker has the object.
static void object_svg_add_holding(const struct timeline_plan *plan, const struct holding *holding,
                                   size_t number, struct text *text)
{
    const struct lane *lane = &plan->past->lanes[number];
    for (size_t i = past_slice_at(lane, holding->begin); i < lane->count; i++) {
        const struct slice *slice = &lane->slices[i];
        if (slice->begin >= holding->end)
            break;
        if (slice->activity == ACTIVITY_HOLDING && slice->object == holding->object)
            continue;
        int64_t begin = slice->begin > holding->begin ? slice->begin : holding->begin;
        int64_t end = slice->end < holding->end ? slice->end : holding->end;
        object_svg_add_strip(plan, holding, number, timeline_plan_x(plan, begin),
                             timeline_plan_x(plan, end), text);
    }
}

void object_svg_write_holdings(const struct timeline_plan *plan, struct text *text)
{
    const struct sharing *sharing = plan->sharing;
    if (!plan->named || plan->bar < object_svg_high || sharing->holding_count > HOLDINGS_DRAWN)
        return;
    for (size_t i = 0; i < sharing->holding_count; i++) {
        const struct lane *lane = past_lane(plan->past, sharing->holdings[i].worker);
        if (lane)
            object_svg_add_holding(plan, &sharing->holdings[i], (size_t)(lane - plan->past->lanes),
                                   text);
    }
}

static void object_svg_add_handover(const struct timeline_plan *plan,
                                    const struct handover *handover, struct text *text)
{
    const struct past *past = plan->past;
    const struct lane *from = past_lane(past, handover->from), *to = past_lane(past, handover->to);
    char names[2][256];
    struct text words = {0};
    if (!from || !to || from == to)
        return;
    double x = timeline_plan_x(plan, handover->freed),
           end = timeline_plan_x(plan, handover->went_on);
    double y = timeline_plan_y(plan, (size_t)(from - past->lanes));
    double last = timeline_plan_y(plan, (size_t)(to - past->lanes));
    double back = last > y ? -7 : 7;
    describe_lane(from, names[0], sizeof names[0]);
    describe_lane(to, names[1], sizeof names[1]);
    text_print(&words, "%s freed %s for %s", names[0],
               describe_object_name(past->job, handover->object), names[1]);
    text_print(text,
               "<path class=\"line\" d=\"M%.1f %.1f L%.1f %.1f m-4 %.1f l4 %.1f l4 %.1f\" "
               "stroke=\"%s\" stroke-width=\"2\" fill=\"none\">",
               x, y, end, last, back, -back, back, SVG_INK);
    svg_tooltip(text, text_string(&words));
    text_add_string(text, "</path>\n");
    text_free(&words);
}

void object_svg_write_handovers(const struct timeline_plan *plan, struct text *text)
{
    for (size_t i = 0; i < plan->sharing->handover_count; i++)
        if (plan->sharing->handover_count <= HANDOVERS_DRAWN)
            object_svg_add_handover(plan, &plan->sharing->handovers[i], text);
}
