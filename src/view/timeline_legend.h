// SPDX-License-Identifier: GPL-3.0-or-later
// What stands below a picture of lanes: what its looks and signs mean, and what no sign tells.
#ifndef FORKLAB_VIEW_TIMELINE_LEGEND_H
#define FORKLAB_VIEW_TIMELINE_LEGEND_H

#include "base/text.h"
#include "view/timeline_plan.h"

// Returns how many px it takes; timeline_plan_survey() comes before.
double timeline_legend_height(const struct timeline_plan *plan);

// Adds it, below the axis of the plot.
void timeline_legend_write(const struct timeline_plan *plan, struct text *text);

#endif
