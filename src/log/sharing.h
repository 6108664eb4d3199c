// SPDX-License-Identifier: GPL-3.0-or-later
// What workers of a job shared over time, for pictures: which of them had an object from when to
// when, and by which of them one that waited could go on.
#ifndef FORKLAB_LOG_SHARING_H
#define FORKLAB_LOG_SHARING_H

#include "log/past.h"

#include <stddef.h>
#include <stdint.h>

// Monotonic ns. A span lasts: begin < end.
struct holding {
    int64_t begin, end;
    uint32_t worker;
    uint16_t object;
};

// `from` freed the object, or changed its value, at `freed`; after that `to`, which had waited for
// it, went on.
struct handover {
    int64_t freed, went_on;
    uint32_t from, to;
    uint16_t object;
};

struct sharing {
    struct holding *holdings; // in the order of their ends
    size_t holding_count, holding_room;
    struct handover *handovers; // in the order of time
    size_t handover_count, handover_room;
};

// Reads them out of a job's events; sharing_free() ends it. The log has no notion of a hand-over:
// it is what lies between a wait and its end, so one whose letting go was heard too late is missed.
struct sharing *sharing_read(const struct past *past);
void sharing_free(struct sharing *sharing);

#endif
