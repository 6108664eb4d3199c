// SPDX-License-Identifier: GPL-3.0-or-later
// The log in plain terms: each system call with its arguments and answer, what each worker
// reported, what the kernel said, one line an event; and a sentence where people often get it
// wrong.
#ifndef FORKLAB_VIEW_EXPLAIN_H
#define FORKLAB_VIEW_EXPLAIN_H

#include "base/text.h"
#include "log/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct story;

struct explain_style {
    size_t columns;   // lines are broken to fit, or 0
    const char *mark; // what every line begins with
    bool all; // nothing is folded; else of many alike the first few are shown, and the rest counted
};

// Tells the whole story of job `job`.
void explain_story(const struct story *story, uint32_t job, const struct explain_style *style,
                   struct text *text);

// Tells events one after another, as they come: of one job.
struct explain;

// `style` is copied, the mark not. explain_free() ends it.
struct explain *explain_new(uint32_t job, const struct explain_style *style);
void explain_free(struct explain *explain);

// Learns who a worker is, from an event before the first one that is told.
void explain_learn(struct explain *explain, const struct event *event);

// Adds the lines for the next event to `text`: none, one or more.
void explain_event(struct explain *explain, const struct event *event, struct text *text);

// Adds what was folded and not yet counted, and the sentences that the whole story teaches.
void explain_end(struct explain *explain, const struct story *story, struct text *text);

#endif
