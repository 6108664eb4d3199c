// SPDX-License-Identifier: GPL-3.0-or-later
// An event of the log as fields of a JSON object.
#ifndef FORKLAB_VIEW_EVENT_JSON_H
#define FORKLAB_VIEW_EVENT_JSON_H

#include "base/text.h"
#include "log/events.h"

// Adds what an event's kind, object, a, b, c, text, call and error say, under the names of
// events.def; not its time, job and worker.
void event_json_add(struct text *text, const struct event *event);

#endif
