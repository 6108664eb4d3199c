// SPDX-License-Identifier: GPL-3.0-or-later
// Many records of one size in memory of the parent alone (nofork.h). No worker may touch one.
#ifndef FORKLAB_BASE_SLAB_H
#define FORKLAB_BASE_SLAB_H

#include <stddef.h>

struct slab {
    size_t size; // of one, in bytes: the only thing to set
    void *given; // those that were given back, each with the next one's address in it
    char *fresh; // what was never taken yet
    size_t left; // bytes there
};

// Takes a record, all zero; dies when there is no memory. It is given back by slab_give() and to
// the same slab, which keeps it for the next.
void *slab_take(struct slab *records);
void slab_give(struct slab *records, void *record);

#endif
