// SPDX-License-Identifier: GPL-3.0-or-later
// What a whole job shows, one sentence each: what the barrier did, what forking cost, what became
// of a task whose worker died. All times in them were measured in that run.
#ifndef FORKLAB_VIEW_CONCLUSIONS_H
#define FORKLAB_VIEW_CONCLUSIONS_H

#include "base/text.h"
#include "log/past.h"

// Adds the sentences that hold for a job that is done, a line each.
void conclusions_add(const struct past *past, struct text *text);

#endif
