// SPDX-License-Identifier: GPL-3.0-or-later
// The value of an object over time, for pictures.
#ifndef FORKLAB_VIEW_VALUES_H
#define FORKLAB_VIEW_VALUES_H

#include "log/past.h"

#include <stddef.h>
#include <stdint.h>

struct value_change {
    int64_t time, value;
};

// The changes of one object's value in the order of time; the first one is its value when it was
// made.
struct values {
    const struct model_object *object;
    struct value_change *all;
    size_t count, room;
    int64_t least, most;
};

// Returns the series of every object whose value the log tells, `*count` of them, for
// values_free().
struct values *values_read(const struct past *past, size_t *count);
void values_free(struct values *values, size_t count);

// Returns where `value` stands between the least and the most of the series: from 0 to 1.
double values_part(const struct values *values, int64_t value);

#endif
