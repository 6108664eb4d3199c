// SPDX-License-Identifier: GPL-3.0-or-later
// The event log as data: CSV with a head line, or one JSON object a line.
#ifndef FORKLAB_VIEW_CSV_H
#define FORKLAB_VIEW_CSV_H

#include "base/text.h"

#include <stdint.h>

// Both add one record for each event of `job`, or of all jobs when it is 0, in the order of the log.
// Times are seconds since the session's first event. A record has: time, job, worker (its number in the
// job, from 0), name, pid, event (event_name()), then what `a` and `b` of the event mean, and its text;
// what an event does not have is empty, or left out. Events that the log has dropped are told by a first
// record "dropped", whose count is how many.

// Columns: time,job,worker,name,pid,event,a_name,a,b_name,b,text.
void csv_write(uint32_t job, struct text *text);

// Fields: "time", "job", "worker", "name", "pid", "event", event_a_name(), event_b_name(), "text".
void ndjson_write(uint32_t job, struct text *text);

#endif
