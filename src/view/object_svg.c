// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/object_svg.h"

#include "log/describe.h"
#include "view/svg.h"

#include <inttypes.h>
#include <stdio.h>

enum { WAKES_DRAWN = 100 };

// px between two points of a line, at least: what lies closer is drawn as one.
static const double object_step = 0.5;

static double object_svg_x(const struct object_area *area, int64_t time)
{
    double part = (double)(time - area->begin) / (double)area->span;
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return area->left + part * (area->right - area->left);
}

static double object_svg_y(const struct object_area *area, size_t row)
{
    return area->top + ((double)row + 0.5) * area->pitch;
}

static void object_svg_write_line(const struct values *values, double y,
                                  const struct object_area *area, struct text *text)
{
    double height = area->pitch * 0.6, before = -1;
    text_print(text, "<path class=\"line\" d=\"");
    for (size_t i = 0; i < values->count; i++) {
        double x = object_svg_x(area, values->all[i].time);
        double level = y + height / 2 - height * values_part(values, values->all[i].value);
        if (i == 0)
            text_print(text, "M%.1f %.1f", x, level);
        else if (i + 1 == values->count || x - before >= object_step)
            text_print(text, "H%.1fV%.1f", x, level);
        else
            continue;
        before = x;
    }
    text_print(text, "H%.1f\" stroke=\"%s\" stroke-width=\"1.5\" fill=\"none\"/>\n", area->right,
               SVG_INK);
}

void object_svg_write_values(const struct past *past, const struct values *values, size_t count,
                             size_t row, const struct object_area *area, struct text *text)
{
    char words[64];
    for (size_t i = 0; i < count && values[i].count > 0; i++) {
        double y = object_svg_y(area, row + i);
        svg_text(text, area->name_x, y + area->font * 0.36, area->font, "muted",
                 describe_object_name(past->job, values[i].object->number));
        object_svg_write_line(&values[i], y, area, text);
        snprintf(words, sizeof words, "%" PRId64 " (%" PRId64 " to %" PRId64 ")",
                 values[i].object->value, values[i].least, values[i].most);
        svg_text(text, area->right + 18, y + area->font * 0.36, area->font * 0.9, "muted", words);
    }
}

static void object_svg_write_wake(const struct past *past, const struct event *event,
                                  const struct object_area *area, struct text *text)
{
    const struct lane *from = past_lane(past, event->worker), *to = past_lane(past, event->a);
    if (!from || !to || from == to)
        return;
    double x = object_svg_x(area, event->time);
    double begin = object_svg_y(area, (size_t)(from - past->lanes));
    double end = object_svg_y(area, (size_t)(to - past->lanes));
    double back = end > begin ? -6 : 6;
    text_print(text,
               "<path class=\"line\" d=\"M%.1f %.1f V%.1f m-3 %.1f l3 %.1f l3 %.1f\" "
               "stroke=\"%s\" stroke-width=\"1.5\" fill=\"none\"/>\n",
               x, begin, end, back, -back, back, SVG_INK);
}

void object_svg_write_wakes(const struct past *past, const struct object_area *area,
                            struct text *text)
{
    size_t wakes = 0;
    for (size_t i = 0; i < past->event_count; i++)
        wakes += past->events[i]->kind == EVENT_WOKE;
    for (size_t i = 0; i < past->event_count && wakes <= WAKES_DRAWN; i++)
        if (past->events[i]->kind == EVENT_WOKE && past->events[i]->worker != NO_WORKER)
            object_svg_write_wake(past, past->events[i], area, text);
}
