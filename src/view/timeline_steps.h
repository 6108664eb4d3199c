// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of an order as a table: a column for each worker, a row for each step, from top to
// bottom in the order in which they were taken.
#ifndef FORKLAB_VIEW_TIMELINE_STEPS_H
#define FORKLAB_VIEW_TIMELINE_STEPS_H

#include "base/text.h"
#include "log/past.h"

#include <stdbool.h>
#include <stddef.h>

// Whether a job has steps, and so few workers that each has a column of its own in `columns`.
bool timeline_steps_are_possible(const struct past *past, size_t columns);

// Adds the table to `text`, where it is possible.
void timeline_steps_write(const struct past *past, size_t columns, struct text *text);

#endif
