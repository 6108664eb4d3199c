// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes of a picture: each worker's name, what it did, and how it ended.
#ifndef FORKLAB_VIEW_TIMELINE_BARS_H
#define FORKLAB_VIEW_TIMELINE_BARS_H

#include "base/text.h"
#include "view/timeline_plan.h"

// Adds all lanes. No phase is too short to be seen: what would be narrower than 2 px is that wide,
// and where many such lie side by side the one that has most of their time is drawn, with marks of
// the others on it.
void timeline_bars_write(const struct timeline_plan *plan, struct text *text);

#endif
