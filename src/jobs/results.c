// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/results.h"

#include "base/must.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Oldest first; those forgotten have no results any more. There are no more of them than jobs that
// are remembered, so that they can be looked through.
static struct kept *all;
static size_t total;

// What is mapped is whole pages.
static size_t results_whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

static size_t results_cost(const struct kept *kept)
{
    return results_whole_pages(kept->size) + sizeof *kept +
           (kept->deal ? scheduler_size(kept->deal) : 0);
}

static void results_forget(struct kept *kept)
{
    total -= results_cost(kept);
    munmap(kept->results, kept->size);
    scheduler_free(kept->deal);
    kept->results = NULL;
    kept->deal = NULL;
}

void results_make_room(size_t size)
{
    size_t needed = results_whole_pages(size);
    for (struct kept *kept = all; kept && total + needed > KEPT_MOST; kept = kept->next)
        if (kept->results)
            results_forget(kept);
}

void results_put(struct kept kept)
{
    results_make_room(results_cost(&kept));
    struct kept **place = &all;
    while (*place)
        place = &(*place)->next;
    *place = must_calloc(1, sizeof **place);
    **place = kept;
    (*place)->next = NULL;
    total += results_cost(*place);
}

void results_drop(uint32_t job)
{
    struct kept **place = &all;
    while (*place && (*place)->job != job)
        place = &(*place)->next;
    struct kept *kept = *place;
    if (!kept)
        return;
    *place = kept->next;
    if (kept->results)
        results_forget(kept);
    free(kept);
}

size_t results_total(void)
{
    return total;
}

static const struct kept *results_find_one(uint32_t job)
{
    const struct kept *kept = all;
    while (kept && kept->job != job)
        kept = kept->next;
    return kept;
}

const struct kept *results_find(uint32_t job)
{
    const struct kept *kept = results_find_one(job);
    return kept && kept->results ? kept : NULL;
}

bool results_is_forgotten(uint32_t job)
{
    const struct kept *kept = results_find_one(job);
    return kept && !kept->results;
}

const char *results_gap(const void *data, int64_t index)
{
    const struct kept *kept = data;
    return kept->deal ? scheduler_gap_word(scheduler_gap(kept->deal, index)) : NULL;
}

void results_free(void)
{
    while (all)
        results_drop(all->job);
}
