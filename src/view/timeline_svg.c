// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_svg.h"

#include "base/number.h"
#include "log/describe.h"
#include "view/object_svg.h"
#include "view/svg.h"
#include "view/ticks.h"
#include "view/timeline_bars.h"
#include "view/timeline_legend.h"
#include "view/timeline_plan.h"
#include "view/timeline_signs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// A title that is too long in its size becomes smaller, down to this.
enum { TITLE_LEAST = 20, TICKS = 8 };

static void timeline_svg_add_title(const struct past *past, struct text *title)
{
    text_print(title, "%%%u%s%s", past->job->id, *past->job->title ? " " : "", past->job->title);
}

// Adds how it went: "6 workers on 2 cores, 0.41 s, done".
static void timeline_svg_add_summary(const struct timeline_plan *plan, struct text *words)
{
    char summary[128];
    describe_summary(plan->past, summary, sizeof summary);
    size_t workers = strcspn(summary, ",");
    text_add(words, summary, workers);
    if (plan->past->job->cores > 0)
        text_print(words, " on %" PRId64 " core%s", plan->past->job->cores,
                   plan->past->job->cores == 1 ? "" : "s");
    text_add_string(words, summary + workers);
    if (plan->trimmed > 0) {
        char time[32];
        number_format_time(plan->trimmed, time, sizeof time);
        text_print(words, ", drawn from the first fork on, after %s", time);
    }
}

static size_t timeline_svg_failures(const struct past *past)
{
    size_t failures = 0;
    for (size_t i = 0; i < past->lane_count; i++)
        failures += timeline_plan_failed(past->lanes[i].worker);
    return failures;
}

static void timeline_svg_write_head(const struct timeline_plan *plan, struct text *text)
{
    const double room = SVG_WIDTH - 2 * SVG_MARGIN;
    struct text title = {0}, words = {0};
    struct svg_words how = {
        .x = SVG_MARGIN, .y = 50, .size = SVG_TITLE, .class = "ink", .bold = true, .room = room};
    size_t failures = timeline_svg_failures(plan->past);
    timeline_svg_add_title(plan->past, &title);
    double width = svg_width(text_string(&title), SVG_TITLE) * SVG_BOLDER;
    how.size = width > room ? SVG_TITLE * room / width : SVG_TITLE;
    how.size = how.size < TITLE_LEAST ? TITLE_LEAST : how.size;
    svg_write(text, &how, text_string(&title));
    timeline_svg_add_summary(plan, &words);
    how = (struct svg_words){.x = SVG_MARGIN, .y = 84, .size = SVG_SMALL, .class = "muted"};
    svg_write(text, &how, text_string(&words));
    if (failures > 0) {
        char failed[32];
        how.x = SVG_WIDTH - SVG_MARGIN;
        how.anchor = "end";
        how.class = "bad";
        how.bold = true;
        snprintf(failed, sizeof failed, "%zu failed", failures);
        svg_write(text, &how, failed);
    }
    text_free(&title);
    text_free(&words);
}

// Lines of the grid with their times; the unit stands once, behind them.
static void timeline_svg_write_axis(const struct timeline_plan *plan, struct text *text)
{
    int64_t step = ticks_step(plan->span, TICKS), origin = plan->past->origin;
    int64_t begin = plan->begin - origin, end = begin + plan->span;
    char label[32] = "";
    struct svg_words how = {
        .y = plan->bottom + 28, .size = SVG_SMALL, .class = "muted", .anchor = "middle"};
    for (int64_t tick = ticks_first(begin, step); tick <= end; tick += step) {
        how.x = timeline_plan_x(plan, origin + tick);
        ticks_format(tick, step, end, label, sizeof label);
        label[strcspn(label, " ")] = '\0';
        text_print(text,
                   "<path class=\"grid\" d=\"M%.1f %.1f V%.1f\" stroke=\"%s\" fill=\"none\"/>\n",
                   how.x, plan->top - 4, plan->bottom + 6, SVG_GRID);
        svg_write(text, &how, label);
    }
    text_print(text, "<path class=\"line\" d=\"M%.1f %.1f H%.1f\" stroke=\"%s\" fill=\"none\"/>\n",
               plan->left, plan->bottom, plan->right, SVG_INK);
    ticks_format(end > 0 ? end : 1, 1, end > 0 ? end : 1, label, sizeof label);
    how.x = plan->right + 30;
    how.anchor = "start";
    svg_write(text, &how, label + strcspn(label, " ") + (strchr(label, ' ') ? 1 : 0));
}

static void timeline_svg_write_share_head(const struct timeline_plan *plan, struct text *text)
{
    bool known = false;
    for (size_t i = 0; i < plan->past->lane_count; i++)
        known |= timeline_plan_share(plan->past->lanes[i].worker) >= 0;
    if (known && plan->named)
        svg_write(text,
                  &(struct svg_words){.x = plan->share_x,
                                      .y = plan->top - 12,
                                      .size = SVG_SMALL,
                                      .class = "muted",
                                      .anchor = "end"},
                  "CPU");
}

// Adds a job as a part of the picture, or as all of it; returns how high it is.
static double timeline_svg_write_job(const struct past *past, bool is_part, struct text *text)
{
    struct timeline_plan plan = {.past = past};
    struct values *values = values_read(past, &plan.series);
    struct sharing *sharing = sharing_read(past);
    plan.values = values;
    plan.sharing = sharing;
    timeline_plan_survey(&plan);
    double below = timeline_legend_height(&plan);
    timeline_plan_make(&plan, is_part ? timeline_plan_part(&plan, below) : SVG_HEIGHT, below);
    timeline_svg_write_head(&plan, text);
    if (past->lane_count > 0) {
        timeline_svg_write_share_head(&plan, text);
        timeline_svg_write_axis(&plan, text);
    }
    timeline_signs_write_releases(&plan, text);
    timeline_bars_write(&plan, text);
    object_svg_write_holdings(&plan, text);
    object_svg_write_handovers(&plan, text);
    timeline_signs_write(&plan, text);
    object_svg_write_values(&plan, text);
    timeline_legend_write(&plan, text);
    sharing_free(sharing);
    values_free(values, plan.series);
    return plan.height;
}

void timeline_svg_write(struct past *const *pasts, size_t count, struct text *text)
{
    struct text body = {0}, title = {0}, about = {0};
    char summary[128];
    double height = 0;
    for (size_t i = 0; i < count; i++) {
        text_print(&body, "<g transform=\"translate(0 %.1f)\">\n", height);
        height += timeline_svg_write_job(pasts[i], count > 1, &body);
        text_add_string(&body, "</g>\n");
        text_add_string(&title, i > 0 ? ", " : "");
        timeline_svg_add_title(pasts[i], &title);
        describe_summary(pasts[i], summary, sizeof summary);
        text_print(&about, "%s%%%u: %s", i > 0 ? "; " : "", pasts[i]->job->id, summary);
    }
    svg_begin(text, height, text_string(&title), text_string(&about));
    text_add(text, text_string(&body), body.length);
    svg_end(text);
    text_free(&body);
    text_free(&title);
    text_free(&about);
}
