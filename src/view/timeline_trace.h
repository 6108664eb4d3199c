// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs' lanes in the Trace Event Format, for Perfetto and chrome://tracing.
#ifndef FORKLAB_VIEW_TIMELINE_TRACE_H
#define FORKLAB_VIEW_TIMELINE_TRACE_H

#include "base/text.h"
#include "log/past.h"

// Adds one JSON object. Each job is a process of the viewer, whose pid is the job's number. Times
// are us since the first event of the first job. In each, track 1 is forklab itself, with
// what it did to its workers; each worker has a track of its own after that, in order. On no track
// do slices overlap: their ends are cut to whole us. Arrows lead from what forklab did to the
// slices it caused.
void timeline_trace_write(struct past *const *pasts, size_t count, struct text *text);

#endif
