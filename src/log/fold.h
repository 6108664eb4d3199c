// SPDX-License-Identifier: GPL-3.0-or-later
// Folds events, one after another, into the model: what each kind does to it stands in events.def.
#ifndef FORKLAB_LOG_FOLD_H
#define FORKLAB_LOG_FOLD_H

#include "log/events.h"
#include "log/model.h"

#include <stdint.h>

// Folds an event into a model; one that begins a job adds that. Events of jobs that it does not
// know are passed over.
void fold_add(struct model *model, const struct event *event);

// Folds an event of a job into that.
void fold_event(struct model_job *job, const struct event *event);

// Returns the job as it was at `time`, from what the log still has, with names from the model of
// now where it has dropped them. NULL when the log has no event of it until then. For
// model_free_job().
struct model_job *fold_at(uint32_t id, int64_t time);

#endif
