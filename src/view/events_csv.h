// SPDX-License-Identifier: GPL-3.0-or-later
// The event log as data: CSV with a head line, or one JSON object a line.
#ifndef FORKLAB_VIEW_EVENTS_CSV_H
#define FORKLAB_VIEW_EVENTS_CSV_H

#include "base/text.h"
#include "log/past.h"

// Both add one record for each event of the jobs in `pasts`, or of all jobs when `count` is 0, in
// the order of the log. Times are seconds since the session's first event. A worker has its number
// in the job, from 0, its name and its pid. Events that the log has dropped are told by a first
// record "dropped", whose count is how many.

// Columns: time,job,worker,name,pid,event,call,times,errno,a_name,a,b_name,b,cpu_ns,text,object.
// `event` is the name of its kind in events.def; call, times and errno are those of a system call.
// `a` and `b` are what their names say; exit codes are negative for a signal, claims are words,
// progress goes from 0 to 1, and an answer of waitid() is event_text_answer()'s words. What an
// event does not have is empty.
void events_csv_write(struct past *const *pasts, size_t count, struct text *text);

// Fields: "time", "job", "worker", "name", "pid", and what event_json_add() adds. What an event
// does not have is left out.
void events_csv_write_ndjson(struct past *const *pasts, size_t count, struct text *text);

#endif
