// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/deal.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

struct range {
    int64_t first, count;
};

struct ranges {
    struct range *all;
    size_t count, room;
};

// A task that has killed its worker.
struct killer {
    int64_t task;
    int64_t times;
};

struct deal {
    struct deal_plan plan;
    int64_t next;        // the first task never dealt
    struct ranges again; // to be dealt again, before new ones
    struct ranges lost;
    struct ranges *held; // by seat, oldest first
    struct killer *killers;
    size_t killer_count;
    int64_t done_count, lost_count;
};

// The largest chunk that is chosen without being asked for: its results fill one block of a frame.
enum { CHUNK_MOST = 8192 };

static void push(struct ranges *ranges, int64_t first, int64_t count)
{
    if (count <= 0)
        return;
    if (ranges->count == ranges->room) {
        ranges->room = ranges->room ? ranges->room * 2 : 4;
        ranges->all = must_realloc(ranges->all, ranges->room, sizeof *ranges->all);
    }
    ranges->all[ranges->count++] = (struct range){first, count};
}

struct deal *deal_new(const struct deal_plan *plan)
{
    struct deal *deal = must_calloc(1, sizeof *deal);
    deal->plan = *plan;
    deal->held = must_calloc(plan->seats, sizeof *deal->held);
    return deal;
}

void deal_free(struct deal *deal)
{
    if (!deal)
        return;
    for (uint32_t seat = 0; seat < deal->plan.seats; seat++)
        free(deal->held[seat].all);
    free(deal->held);
    free(deal->again.all);
    free(deal->lost.all);
    free(deal->killers);
    free(deal);
}

// A fixed part of what is left for each (guided self-scheduling: Polychronopoulos and Kuck, 1987):
// few chunks while much is left, single tasks at the end, so that all end together.
static int64_t chunk_size(const struct deal *deal)
{
    if (deal->plan.chunk > 0)
        return deal->plan.chunk;
    int64_t left = deal->plan.tasks - deal->next;
    int64_t share = left / (8 * (int64_t)deal->plan.seats);
    return share < 1 ? 1 : share > CHUNK_MOST ? CHUNK_MOST : share;
}

static int64_t at_most(int64_t value, int64_t limit)
{
    return value < limit ? value : limit;
}

bool deal_next(struct deal *deal, uint32_t seat, int64_t most, int64_t *first, int64_t *count)
{
    if (most <= 0)
        return false;
    if (deal->again.count > 0) {
        struct range *range = &deal->again.all[deal->again.count - 1];
        *first = range->first;
        *count = at_most(range->count, most);
        range->first += *count;
        range->count -= *count;
        deal->again.count -= range->count == 0;
    } else {
        if (deal->next == deal->plan.tasks)
            return false;
        *first = deal->next;
        *count = at_most(at_most(chunk_size(deal), most), deal->plan.tasks - deal->next);
        deal->next += *count;
    }
    push(&deal->held[seat], *first, *count);
    return true;
}

bool deal_has_next(const struct deal *deal)
{
    return deal->again.count > 0 || deal->next < deal->plan.tasks;
}

bool deal_done(struct deal *deal, uint32_t seat, int64_t first, int64_t count)
{
    struct ranges *held = &deal->held[seat];
    if (held->count == 0 || count <= 0)
        return false;
    struct range *oldest = &held->all[0];
    if (oldest->first != first || oldest->count < count)
        return false;
    oldest->first += count;
    oldest->count -= count;
    deal->done_count += count;
    if (oldest->count == 0)
        memmove(held->all, held->all + 1, --held->count * sizeof *held->all);
    return true;
}

// Returns how often `task` has killed its worker by now.
static int64_t count_kill(struct deal *deal, int64_t task)
{
    for (size_t i = 0; i < deal->killer_count; i++)
        if (deal->killers[i].task == task)
            return ++deal->killers[i].times;
    deal->killers = must_realloc(deal->killers, deal->killer_count + 1, sizeof *deal->killers);
    deal->killers[deal->killer_count++] = (struct killer){task, 1};
    return 1;
}

static void lose(struct deal *deal, int64_t first, int64_t count)
{
    push(&deal->lost, first, count);
    deal->lost_count += count > 0 ? count : 0;
}

void deal_died(struct deal *deal, uint32_t seat, int64_t in_hand)
{
    struct ranges *held = &deal->held[seat];
    // The last one goes back first: what was to be done first is dealt first again.
    for (size_t i = held->count; i-- > 0;) {
        struct range range = held->all[i];
        bool killed = in_hand >= range.first && in_hand - range.first < range.count;
        if (killed && count_kill(deal, in_hand) > deal->plan.retries) {
            push(&deal->again, in_hand + 1, range.first + range.count - in_hand - 1);
            push(&deal->again, range.first, in_hand - range.first);
            lose(deal, in_hand, 1);
        } else {
            push(&deal->again, range.first, range.count);
        }
    }
    held->count = 0;
}

void deal_give_up(struct deal *deal)
{
    for (uint32_t seat = 0; seat < deal->plan.seats; seat++)
        deal_died(deal, seat, -1);
    for (size_t i = 0; i < deal->again.count; i++)
        lose(deal, deal->again.all[i].first, deal->again.all[i].count);
    deal->again.count = 0;
    lose(deal, deal->next, deal->plan.tasks - deal->next);
    deal->next = deal->plan.tasks;
}

size_t deal_held(const struct deal *deal, uint32_t seat)
{
    return deal->held[seat].count;
}

bool deal_is_over(const struct deal *deal)
{
    return deal->done_count + deal->lost_count == deal->plan.tasks;
}

int64_t deal_count_done(const struct deal *deal)
{
    return deal->done_count;
}

int64_t deal_count_lost(const struct deal *deal)
{
    return deal->lost_count;
}

bool deal_is_lost(const struct deal *deal, int64_t task)
{
    for (size_t i = 0; i < deal->lost.count; i++)
        if (task >= deal->lost.all[i].first &&
            task - deal->lost.all[i].first < deal->lost.all[i].count)
            return true;
    return false;
}
