// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/kept.h"

#include "base/fail.h"

#include <stdlib.h>
#include <sys/mman.h>

static struct kept *all; // oldest first; those forgotten have no results any more
static size_t total;

static void forget(struct kept *kept)
{
    munmap(kept->results, kept->size);
    deal_free(kept->deal);
    total -= kept->size;
    kept->results = NULL;
    kept->deal = NULL;
}

void kept_make_room(size_t size)
{
    for (struct kept *kept = all; kept && total + size > KEPT_MOST; kept = kept->next)
        if (kept->results)
            forget(kept);
}

void kept_put(struct kept kept)
{
    kept_make_room(kept.size);
    struct kept **place = &all;
    while (*place)
        place = &(*place)->next;
    *place = must_calloc(1, sizeof **place);
    **place = kept;
    (*place)->next = NULL;
    total += kept.size;
}

static const struct kept *find(uint32_t job)
{
    const struct kept *kept = all;
    while (kept && kept->job != job)
        kept = kept->next;
    return kept;
}

const struct kept *kept_find(uint32_t job)
{
    const struct kept *kept = find(job);
    return kept && kept->results ? kept : NULL;
}

bool kept_is_forgotten(uint32_t job)
{
    const struct kept *kept = find(job);
    return kept && !kept->results;
}

bool kept_is_lost(const void *data, int64_t index)
{
    const struct kept *kept = data;
    return kept->deal && deal_is_lost(kept->deal, index);
}

void kept_free(void)
{
    while (all) {
        struct kept *kept = all;
        all = kept->next;
        if (kept->results)
            forget(kept);
        free(kept);
    }
}
