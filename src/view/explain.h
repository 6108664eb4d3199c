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

struct past;
struct model_job;

struct explain_style {
    size_t columns;   // lines are broken to fit, or 0
    const char *mark; // what every line begins with
    bool all; // nothing is folded; else of many alike the first few are shown, and the rest counted
    const char *spent; // to what the workers' time went, in words, or NULL
};

// Tells all that the log has about a job.
void explain_past(const struct past *past, const struct explain_style *style, struct text *text);

// Tells events one after another, as they come: of one job.
struct explain;

// `style` is copied, the mark not. explain_free() ends it.
struct explain *explain_new(const struct explain_style *style);
void explain_free(struct explain *explain);

// Adds the lines for the next event to `text`: none, one or more. `job` knows the names of workers
// and objects; NULL where nothing is known.
void explain_event(struct explain *explain, const struct event *event, const struct model_job *job,
                   struct text *text);

// Adds what was folded and not yet counted, and the sentences that the whole story teaches.
void explain_end(struct explain *explain, const struct past *past, struct text *text);

#endif
