// SPDX-License-Identifier: GPL-3.0-or-later
// An event of the log as fields of a JSON object.
#ifndef FORKLAB_VIEW_EVENT_JSON_H
#define FORKLAB_VIEW_EVENT_JSON_H

#include "base/text.h"
#include "log/events.h"

// Adds what an event's kind, a, b, c, text, call and error say, under their names; not its time,
// job and worker.
void event_json_add(struct text *text, const struct event *event);

// Returns the word there for an enum claim: "at_barrier"; "?" for any other number.
const char *event_json_claim(int64_t claim);

#endif
