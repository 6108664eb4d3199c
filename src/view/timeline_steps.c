// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_steps.h"

#include "log/describe.h"
#include "view/color.h"

#include <inttypes.h>
#include <string.h>

enum {
    PLACE_WIDTH = 6, // "step", and two blanks
    NARROWEST = 12,  // of a worker's column, its two blanks included
    WIDEST = 24,
    STEPS_TOLD = 60,
    NAME_SIZE = 256,
};

// Whether a worker took a step: one that replaces a dead one at the end took none.
static bool timeline_steps_has(const struct past *past, const struct lane *lane)
{
    for (size_t i = 0; i < past->mark_count; i++)
        if (past->marks[i]->kind == EVENT_STEP && past->marks[i]->worker == lane->worker->number)
            return true;
    return false;
}

// Returns the width of a column; 0 where there are none.
static size_t timeline_steps_width(const struct past *past, size_t columns)
{
    size_t left = columns > PLACE_WIDTH ? columns - PLACE_WIDTH : 0, lanes = 0;
    for (size_t i = 0; i < past->lane_count; i++)
        lanes += timeline_steps_has(past, &past->lanes[i]);
    size_t width = lanes > 0 ? left / lanes : 0;
    return width < WIDEST ? width : WIDEST;
}

bool timeline_steps_are_possible(const struct past *past, size_t columns)
{
    return timeline_steps_width(past, columns) >= NARROWEST;
}

// Adds words in the worker's colour, cut to its column. Returns the columns used.
static size_t timeline_steps_add_cell(const char *words, const struct lane *lane, size_t width,
                                      struct text *text)
{
    struct text safe = {0};
    text_add_visible(&safe, words, strlen(words));
    text_add_string(text, color_worker(lane->worker->number));
    size_t used = text_add_cut(text, text_string(&safe), width - 2);
    text_add_string(text, color_worker_end());
    text_free(&safe);
    return used;
}

static void timeline_steps_write_head(const struct past *past, size_t width, struct text *text)
{
    size_t pad = PLACE_WIDTH - strlen("step");
    text_add_string(text, "step");
    for (size_t i = 0; i < past->lane_count; i++) {
        char name[NAME_SIZE];
        if (!timeline_steps_has(past, &past->lanes[i]))
            continue;
        describe_lane(&past->lanes[i], name, sizeof name);
        text_print(text, "%*s", (int)pad, "");
        pad = width - timeline_steps_add_cell(name, &past->lanes[i], width, text);
    }
    text_add_string(text, "\n");
}

// Returns the worker's lane, and how many columns are left of it; NULL when there is no such lane.
static const struct lane *timeline_steps_lane(const struct past *past, const struct event *event,
                                              size_t *before)
{
    *before = 0;
    for (size_t i = 0; i < past->lane_count; i++) {
        if (past->lanes[i].worker->number == event->worker)
            return &past->lanes[i];
        *before += timeline_steps_has(past, &past->lanes[i]);
    }
    return NULL;
}

void timeline_steps_write(const struct past *past, size_t columns, struct text *text)
{
    size_t width = timeline_steps_width(past, columns), told = 0, all = 0;
    timeline_steps_write_head(past, width, text);
    for (size_t i = 0; i < past->mark_count; i++) {
        const struct event *mark = past->marks[i];
        size_t before;
        const struct lane *lane = timeline_steps_lane(past, mark, &before);
        if (mark->kind != EVENT_STEP || all++ >= STEPS_TOLD || !lane)
            continue;
        told++;
        text_print(text, "%4" PRId64 "  %*s", mark->a, (int)(before * width), "");
        timeline_steps_add_cell(mark->text ? mark->text : "", lane, width, text);
        text_add_string(text, "\n");
    }
    if (all > told)
        text_print(text, "%4s  and %zu more\n", "", all - told);
}
