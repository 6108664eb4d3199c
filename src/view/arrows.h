// SPDX-License-Identifier: GPL-3.0-or-later
// Which worker waits for which: an arrow a wait, from the one that waits to those that keep it so.
#ifndef FORKLAB_VIEW_ARROWS_H
#define FORKLAB_VIEW_ARROWS_H

#include "base/text.h"
#include "log/model.h"

#include <stddef.h>

// Writes the waits of a job, wrapped to `columns` (0 for no limit), below a title: "p1 -> waits for
// lock B, held by p2, which is stopped"; and each circle of them: "! deadlock: p1 has ...". Of many
// workers that wait for one object only the first ones are named. Nothing for a job without waits.
void arrows_write(const struct model_job *job, size_t columns, struct text *text);

// Adds which workers have an object, and what is wrong with them: "p2", "p2, which is stopped", "p2
// and p3", "p2, p3 and 7 more". Nothing for an object that none has.
void arrows_add_holders(const struct model_job *job, const struct model_object *object,
                        struct text *text);

#endif
