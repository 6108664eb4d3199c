// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/kept.h"

#include "base/fail.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Oldest first; those forgotten have no results any more. There are no more of them than jobs that are
// remembered, so that they can be looked through.
static struct kept *all;
static size_t total;

// What is mapped is whole pages.
static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

static size_t cost(const struct kept *kept)
{
    return whole_pages(kept->size) + sizeof *kept + (kept->deal ? deal_size(kept->deal) : 0);
}

static void forget(struct kept *kept)
{
    total -= cost(kept);
    munmap(kept->results, kept->size);
    deal_free(kept->deal);
    kept->results = NULL;
    kept->deal = NULL;
}

void kept_make_room(size_t size)
{
    size_t needed = whole_pages(size);
    for (struct kept *kept = all; kept && total + needed > KEPT_MOST; kept = kept->next)
        if (kept->results)
            forget(kept);
}

void kept_put(struct kept kept)
{
    kept_make_room(cost(&kept));
    struct kept **place = &all;
    while (*place)
        place = &(*place)->next;
    *place = must_calloc(1, sizeof **place);
    **place = kept;
    (*place)->next = NULL;
    total += cost(*place);
}

void kept_drop(uint32_t job)
{
    struct kept **place = &all;
    while (*place && (*place)->job != job)
        place = &(*place)->next;
    struct kept *kept = *place;
    if (!kept)
        return;
    *place = kept->next;
    if (kept->results)
        forget(kept);
    free(kept);
}

size_t kept_total(void)
{
    return total;
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
    while (all)
        kept_drop(all->job);
}
