// SPDX-License-Identifier: GPL-3.0-or-later
// A job's lanes in the Trace Event Format, for Perfetto and chrome://tracing.
#ifndef FORKLAB_VIEW_TIMELINE_TRACE_H
#define FORKLAB_VIEW_TIMELINE_TRACE_H

#include "base/text.h"
#include "log/past.h"

// Adds one JSON object. Times are us since the job's first event. Track 1 is forklab itself, with
// what it did to its workers; each worker has a track of its own after that, in order. On no track
// do slices overlap: their ends are cut to whole us. Arrows lead from what forklab did to the
// slices it caused.
void timeline_trace_write(const struct past *past, struct text *text);

#endif
