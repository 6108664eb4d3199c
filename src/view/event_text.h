// SPDX-License-Identifier: GPL-3.0-or-later
// One event of the log in words.
#ifndef FORKLAB_VIEW_EVENT_TEXT_H
#define FORKLAB_VIEW_EVENT_TEXT_H

#include "base/text.h"
#include "log/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Says what happened, into `words`, and returns who speaks: "forklab" for what it did or called,
// "kernel" for what that found out, or `name`, the worker's. No words when others have told it
// already.
const char *event_text_sentence(const struct event *event, const char *name, struct text *words);

// Parts of it, which add to `words`: a system call with its arguments and result, and what
// waitid(2) answered, in one of events.h's numbers: "exited 0", "killed SIGTERM", "no change".
void event_text_call(const struct event *event, struct text *words);
void event_text_answer(int64_t answer, struct text *words);

// Events are alike when they have the same shape; a label names what they have in common.
uint64_t event_text_shape(const struct event *event);
void event_text_label(const struct event *event, char *label, size_t size);

// Whether it only tells how far a worker is.
bool event_text_is_progress(const struct event *event);

// Writes a number as people read it: 1,204.
void event_text_count(int64_t number, char *text, size_t size);

#endif
