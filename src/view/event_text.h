// SPDX-License-Identifier: GPL-3.0-or-later
// One event of the log in words.
#ifndef FORKLAB_VIEW_EVENT_TEXT_H
#define FORKLAB_VIEW_EVENT_TEXT_H

#include "base/text.h"
#include "log/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Says what happened in `job` (NULL where nothing is known of it), into `words`, and returns the
// speaker: "forklab" for what it did or called, "kernel" for what that found out, or the worker's
// name. No words when others have told it already.
const char *event_text_sentence(const struct event *event, const struct model_job *job,
                                struct text *words);

// Whether a mark of a picture is told in words, too: all but releases and exits, which the lanes
// show by themselves. The second adds those words: "SIGTERM to p1", "round 1 released", "p2 killed
// by SIGSEGV".
bool event_text_is_told(const struct event *event);
void event_text_mark(const struct event *event, const struct model_job *job, struct text *words);

// Adds what waitid(2) answered, in one of events.h's numbers: "exited 0", "killed SIGTERM", "no
// change".
void event_text_answer(int64_t answer, struct text *words);

// Events are alike when they have the same shape; a label names what they have in common.
uint64_t event_text_shape(const struct event *event);
void event_text_label(const struct event *event, char *label, size_t size);

// Whether it only tells how far a worker is.
bool event_text_is_progress(const struct event *event);

// Writes a number in groups of three digits: 1,204.
void event_text_count(int64_t number, char *text, size_t size);

#endif
