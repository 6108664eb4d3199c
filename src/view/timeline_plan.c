// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/timeline_plan.h"

#include "log/describe.h"
#include "view/look_svg.h"
#include "view/svg.h"

enum {
    HEAD = 132, // above the lanes
    AXIS = 44,  // below them
    FOOT = 18,
    PLOT_LEAST = 120,
    ROW = 30,         // of a lane whose letters have their size
    PART_LEAST = 360, // one job of several
    BAR_MOST = 64,
    NAME_MOST = 330,
    SHARE_WIDTH = 72,
    GAP = 14,
};

static double timeline_plan_least(double a, double b)
{
    return a < b ? a : b;
}

double timeline_plan_x(const struct timeline_plan *plan, int64_t time)
{
    double part = (double)(time - plan->begin) / (double)plan->span;
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return plan->left + part * (plan->right - plan->left);
}

double timeline_plan_y(const struct timeline_plan *plan, size_t lane)
{
    return plan->top + ((double)lane + 0.5) * plan->pitch;
}

double timeline_plan_value_y(const struct timeline_plan *plan, size_t series)
{
    return plan->bottom - ((double)(plan->series - series) - 0.5) * plan->value_pitch;
}

bool timeline_plan_failed(const struct model_worker *worker)
{
    return worker->lost || (worker->dead && (worker->exit_code != 0 || worker->exit_signal != 0));
}

double timeline_plan_share(const struct model_worker *worker)
{
    int64_t life = worker->ended - worker->began;
    if (!worker->dead || worker->began == 0 || life <= 0)
        return -1;
    return timeline_plan_least((double)worker->cpu_ns / (double)life, 1);
}

void timeline_plan_survey(struct timeline_plan *plan)
{
    const struct past *past = plan->past;
    int64_t first = past->end;
    for (size_t i = 0; i < past->lane_count; i++) {
        const struct lane *lane = &past->lanes[i];
        if (lane->count > 0 && lane->slices[0].begin < first)
            first = lane->slices[0].begin;
        for (size_t j = 0; j < lane->count; j++)
            plan->seen[look_svg_of(past, &lane->slices[j])] = true;
    }
    // Less than a fiftieth is no dead time.
    plan->trimmed = first - past->begin > (past->end - past->begin) / 50 ? first - past->begin : 0;
    plan->trimmed = past->lane_count > 0 ? plan->trimmed : 0;
    plan->begin = past->begin + plan->trimmed;
    plan->span = past->end > plan->begin ? past->end - plan->begin : 1;
}

static double timeline_plan_measure_name(const struct timeline_plan *plan, const struct lane *lane)
{
    char words[256];
    describe_lane(lane, words, sizeof words);
    return svg_width(words, plan->named ? plan->font : SVG_SMALL);
}

static double timeline_plan_measure_end(const struct timeline_plan *plan,
                                        const struct model_worker *worker)
{
    char words[256];
    bool failed = timeline_plan_failed(worker);
    double size = plan->named ? timeline_plan_least(plan->font, SVG_SMALL) : SVG_SMALL;
    if (!failed && !plan->named)
        return 0;
    describe_state(worker, words, sizeof words);
    return svg_width(words, size) * (failed ? SVG_BOLDER : 1);
}

// How much the names at the left and the ends at the right take.
static void timeline_plan_measure_sides(struct timeline_plan *plan)
{
    const struct past *past = plan->past;
    double names = 0, ends = 0;
    for (size_t i = 0; i < past->lane_count; i++) {
        double name = timeline_plan_measure_name(plan, &past->lanes[i]);
        double end = timeline_plan_measure_end(plan, past->lanes[i].worker);
        names = name > names ? name : names;
        ends = end > ends ? end : ends;
    }
    for (size_t i = 0; i < plan->series; i++) {
        const char *name = describe_object_name(past->job, plan->values[i].object->number);
        double width = svg_width(name, SVG_SMALL);
        names = width > names ? width : names;
    }
    double rounds = past->releases > 0 ? svg_width("rounds", SVG_SMALL) : 0;
    names = rounds > names ? rounds : names;
    plan->left = SVG_MARGIN + timeline_plan_least(names, NAME_MOST) + GAP;
    plan->share_x = SVG_WIDTH - SVG_MARGIN;
    plan->end_x = plan->share_x - SHARE_WIDTH - ends;
    plan->right = plan->end_x - GAP;
}

double timeline_plan_part(const struct timeline_plan *plan, double below)
{
    double rows = (double)plan->past->lane_count + (double)plan->series;
    double height = HEAD + AXIS + below + FOOT + ROW * rows;
    return height < PART_LEAST ? PART_LEAST : timeline_plan_least(height, SVG_HEIGHT);
}

void timeline_plan_make(struct timeline_plan *plan, double height, double below)
{
    size_t lanes = plan->past->lane_count;
    double room = height - HEAD - AXIS - below - FOOT;
    plan->height = room < PLOT_LEAST ? height + PLOT_LEAST - room : height;
    room = room < PLOT_LEAST ? PLOT_LEAST : room;
    plan->top = HEAD;
    plan->bottom = HEAD + room;
    plan->named = lanes <= TIMELINE_PLAN_NAMED_MOST;
    double rows = (double)lanes + (double)plan->series;
    plan->value_pitch = plan->series > 0 ? room * 0.5 / (double)plan->series : 0;
    plan->value_pitch =
        timeline_plan_least(plan->value_pitch, rows > 0 && room / rows > 56 ? room / rows : 56);
    room -= plan->value_pitch * (double)plan->series;
    plan->pitch = lanes > 0 ? room / (double)lanes : room;
    plan->bar = plan->named ? timeline_plan_least(plan->pitch * 0.7, BAR_MOST) : plan->pitch;
    plan->font = timeline_plan_least(plan->pitch * 0.8, SVG_LANE);
    timeline_plan_measure_sides(plan);
}
