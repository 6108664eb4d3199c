// SPDX-License-Identifier: GPL-3.0-or-later
// Where everything stands in a picture of one job: its lanes fill what head, axis and legend leave
// of a slide.
#ifndef FORKLAB_VIEW_TIMELINE_PLAN_H
#define FORKLAB_VIEW_TIMELINE_PLAN_H

#include "log/past.h"
#include "log/sharing.h"
#include "view/looks.h"
#include "view/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Above so many lanes they are thin, and only some are named.
enum { TIMELINE_PLAN_NAMED_MOST = 32 };

// px, from the picture's upper left corner. A lane's bar is `bar` high, and its letters `font`;
// lanes of values come below those of workers, `value_pitch` from one to the next.
struct timeline_plan {
    const struct past *past;
    const struct sharing *sharing;
    const struct values *values;
    size_t series;       // of values
    int64_t begin, span; // ns: what is drawn; `trimmed` before that are left out
    int64_t trimmed;
    double left, right, top, bottom, pitch, value_pitch, bar, font;
    double end_x, share_x; // of what stands behind the lanes: how they ended, their share of a core
    double height;
    bool named;       // each lane has its name
    bool seen[LOOKS]; // looks that occur
};

// Lays a job out on `height` px, of which the legend and notes below take `below`; it becomes
// higher where that leaves the lanes too little. Looks that occur are noted.
void timeline_plan_make(struct timeline_plan *plan, double height, double below);

// Returns how many px a job should have that is one of several in a picture.
double timeline_plan_part(const struct timeline_plan *plan, double below);

// Notes which looks occur, and what is left out before the first worker.
void timeline_plan_survey(struct timeline_plan *plan);

// Return where a time stands, within the plot, and the middle of a lane and of a lane of values.
double timeline_plan_x(const struct timeline_plan *plan, int64_t time);
double timeline_plan_y(const struct timeline_plan *plan, size_t lane);
double timeline_plan_value_y(const struct timeline_plan *plan, size_t series);

// Returns the part of its life that an ended worker had a core, from 0 to 1; below 0 where that is
// not known.
double timeline_plan_share(const struct model_worker *worker);

// Whether the worker was lost, or ended otherwise than by exit code 0.
bool timeline_plan_failed(const struct model_worker *worker);

#endif
