// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/scheduler.h"

#include "base/die.h"
#include "base/must.h"

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

struct scheduler {
    struct scheduler_plan plan;
    int64_t next;                       // the first task never dealt
    struct ranges again;                // to be dealt again, before new ones
    struct ranges lost, failed, undone; // in their order
    struct ranges settled;              // the same, if plan.in_order
    struct ranges *held;                // by seat, oldest first
    struct killer *killers;
    size_t killer_count;
    int64_t done_count, lost_count, failed_count;
};

static void scheduler_insert(struct ranges *ranges, size_t at, struct range range)
{
    if (ranges->count == ranges->room) {
        ranges->room = ranges->room ? ranges->room * 2 : 4;
        ranges->all = must_realloc(ranges->all, ranges->room, sizeof *ranges->all);
    }
    memmove(&ranges->all[at + 1], &ranges->all[at], (ranges->count - at) * sizeof range);
    ranges->all[at] = range;
    ranges->count++;
}

static struct range scheduler_take_out(struct ranges *ranges, size_t at)
{
    struct range range = ranges->all[at];
    memmove(&ranges->all[at], &ranges->all[at + 1], (--ranges->count - at) * sizeof range);
    return range;
}

static void scheduler_push(struct ranges *ranges, int64_t first, int64_t count)
{
    if (count > 0)
        scheduler_insert(ranges, ranges->count, (struct range){first, count});
}

// Returns which of `ranges`, which are in order, is the first that ends behind `task`.
static size_t scheduler_find(const struct ranges *ranges, int64_t task)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct range *range = &ranges->all[middle];
        if (range->first + range->count <= task)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool scheduler_touch(struct range range, struct range next)
{
    return range.first + range.count == next.first;
}

// Adds a range in its order. Those that touch become one: few are left to look through.
static void scheduler_merge(struct ranges *ranges, struct range range)
{
    if (range.count <= 0)
        return;
    size_t at = scheduler_find(ranges, range.first);
    BUG_IF(at > ranges->count);
    if (at < ranges->count && scheduler_touch(range, ranges->all[at]))
        range.count += scheduler_take_out(ranges, at).count;
    if (at > 0 && scheduler_touch(ranges->all[at - 1], range)) {
        struct range before = scheduler_take_out(ranges, --at);
        range = (struct range){before.first, before.count + range.count};
    }
    scheduler_insert(ranges, at, range);
}

struct scheduler *scheduler_new(const struct scheduler_plan *plan)
{
    struct scheduler *deal = must_calloc(1, sizeof *deal);
    deal->plan = *plan;
    deal->held = must_calloc(plan->seats, sizeof *deal->held);
    return deal;
}

void scheduler_free(struct scheduler *deal)
{
    if (!deal)
        return;
    for (uint32_t seat = 0; seat < deal->plan.seats; seat++)
        free(deal->held[seat].all);
    free(deal->held);
    free(deal->again.all);
    free(deal->lost.all);
    free(deal->failed.all);
    free(deal->undone.all);
    free(deal->settled.all);
    free(deal->killers);
    free(deal);
}

static int64_t scheduler_at_most(int64_t value, int64_t limit)
{
    return value < limit ? value : limit;
}

// A fixed part of what is left for each (guided self-scheduling: Polychronopoulos and Kuck, 1987):
// few chunks while much is left, single tasks at the end, so that all end together.
static int64_t scheduler_chunk_size(const struct scheduler *deal)
{
    if (deal->plan.chunk > 0)
        return deal->plan.chunk;
    int64_t left = deal->plan.tasks - deal->next;
    int64_t share = left / (8 * (int64_t)deal->plan.seats);
    return share < 1 ? 1 : scheduler_at_most(share, deal->plan.chunk_most);
}

bool scheduler_next(struct scheduler *deal, uint32_t seat, int64_t most, int64_t *first,
                    int64_t *count)
{
    if (most <= 0)
        return false;
    if (deal->again.count > 0) {
        struct range *range = &deal->again.all[deal->again.count - 1];
        *first = range->first;
        *count = scheduler_at_most(range->count, most);
        range->first += *count;
        range->count -= *count;
        deal->again.count -= range->count == 0;
    } else {
        if (deal->next == deal->plan.tasks)
            return false;
        *first = deal->next;
        *count = scheduler_at_most(scheduler_at_most(scheduler_chunk_size(deal), most),
                                   deal->plan.tasks - deal->next);
        deal->next += *count;
    }
    scheduler_push(&deal->held[seat], *first, *count);
    return true;
}

bool scheduler_has_next(const struct scheduler *deal)
{
    return deal->again.count > 0 || deal->next < deal->plan.tasks;
}

static void scheduler_settle(struct scheduler *deal, struct range range)
{
    if (deal->plan.in_order)
        scheduler_merge(&deal->settled, range);
}

bool scheduler_done(struct scheduler *deal, uint32_t seat, int64_t first, int64_t count)
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
        scheduler_take_out(held, 0);
    scheduler_settle(deal, (struct range){first, count});
    return true;
}

bool scheduler_failed(struct scheduler *deal, uint32_t seat, int64_t task)
{
    if (!scheduler_done(deal, seat, task, 1))
        return false;
    deal->done_count--;
    deal->failed_count++;
    scheduler_merge(&deal->failed, (struct range){task, 1});
    return true;
}

// Returns how often `task` has killed its worker by now.
static int64_t scheduler_count_kill(struct scheduler *deal, int64_t task)
{
    for (size_t i = 0; i < deal->killer_count; i++)
        if (deal->killers[i].task == task)
            return ++deal->killers[i].times;
    deal->killers = must_realloc(deal->killers, deal->killer_count + 1, sizeof *deal->killers);
    deal->killers[deal->killer_count++] = (struct killer){task, 1};
    return 1;
}

static void scheduler_lose(struct scheduler *deal, struct range range)
{
    scheduler_merge(&deal->lost, range);
    deal->lost_count += range.count;
    scheduler_settle(deal, range);
}

void scheduler_died(struct scheduler *deal, uint32_t seat, int64_t in_hand)
{
    struct ranges *held = &deal->held[seat];
    // The last one goes back first: what was to be done first is dealt first again.
    for (size_t i = held->count; i-- > 0;) {
        struct range range = held->all[i];
        bool killed = in_hand >= range.first && in_hand - range.first < range.count;
        if (killed && scheduler_count_kill(deal, in_hand) > deal->plan.retries) {
            scheduler_push(&deal->again, in_hand + 1, range.first + range.count - in_hand - 1);
            scheduler_push(&deal->again, range.first, in_hand - range.first);
            scheduler_lose(deal, (struct range){in_hand, 1});
        } else {
            scheduler_push(&deal->again, range.first, range.count);
        }
    }
    held->count = 0;
}

int64_t scheduler_first_held(const struct scheduler *deal, uint32_t seat)
{
    const struct ranges *held = &deal->held[seat];
    return held->count > 0 ? held->all[0].first : -1;
}

// Takes all that is not settled.
static void scheduler_take_rest(struct scheduler *deal, struct ranges *rest)
{
    for (uint32_t seat = 0; seat < deal->plan.seats; seat++)
        scheduler_died(deal, seat, -1);
    for (size_t i = 0; i < deal->again.count; i++)
        scheduler_merge(rest, deal->again.all[i]);
    scheduler_merge(rest, (struct range){deal->next, deal->plan.tasks - deal->next});
    deal->again.count = 0;
    deal->next = deal->plan.tasks;
}

void scheduler_close(struct scheduler *deal)
{
    scheduler_take_rest(deal, &deal->undone);
}

void scheduler_give_up(struct scheduler *deal, scheduler_loss_fn *each, void *data)
{
    struct ranges left = {0};
    scheduler_take_rest(deal, &left);
    for (size_t i = 0; i < left.count; i++) {
        scheduler_lose(deal, left.all[i]);
        each(data, left.all[i].first, left.all[i].count);
    }
    free(left.all);
}

size_t scheduler_held(const struct scheduler *deal, uint32_t seat)
{
    return deal->held[seat].count;
}

bool scheduler_is_over(const struct scheduler *deal)
{
    return deal->done_count + deal->lost_count + deal->failed_count == deal->plan.tasks;
}

int64_t scheduler_count_done(const struct scheduler *deal)
{
    return deal->done_count;
}

int64_t scheduler_count_lost(const struct scheduler *deal)
{
    return deal->lost_count;
}

int64_t scheduler_count_failed(const struct scheduler *deal)
{
    return deal->failed_count;
}

// Returns the first task of `ranges` that is not before `task`, or -1.
static int64_t scheduler_next_of(const struct ranges *ranges, int64_t task)
{
    size_t at = scheduler_find(ranges, task);
    if (at == ranges->count)
        return -1;
    return ranges->all[at].first > task ? ranges->all[at].first : task;
}

int64_t scheduler_next_lost(const struct scheduler *deal, int64_t task)
{
    return scheduler_next_of(&deal->lost, task);
}

int64_t scheduler_next_failed(const struct scheduler *deal, int64_t task)
{
    return scheduler_next_of(&deal->failed, task);
}

enum gap scheduler_gap(const struct scheduler *deal, int64_t task)
{
    if (scheduler_next_of(&deal->lost, task) == task)
        return GAP_LOST;
    if (scheduler_next_of(&deal->failed, task) == task)
        return GAP_FAILED;
    return scheduler_next_of(&deal->undone, task) == task ? GAP_NOT_DONE : GAP_NONE;
}

const char *scheduler_gap_word(enum gap gap)
{
    switch (gap) {
    case GAP_NONE:
        return NULL;
    case GAP_LOST:
        return "lost";
    case GAP_FAILED:
        return "failed";
    case GAP_NOT_DONE:
        return "not done";
    }
    return NULL;
}

int64_t scheduler_settled(const struct scheduler *deal)
{
    bool begun = deal->settled.count > 0 && deal->settled.all[0].first == 0;
    return begun ? deal->settled.all[0].count : 0;
}

size_t scheduler_size(const struct scheduler *deal)
{
    size_t ranges = deal->again.room + deal->lost.room + deal->failed.room + deal->undone.room +
                    deal->settled.room;
    for (uint32_t seat = 0; seat < deal->plan.seats; seat++)
        ranges += deal->held[seat].room;
    return sizeof *deal + ranges * sizeof(struct range) + deal->plan.seats * sizeof *deal->held +
           deal->killer_count * sizeof *deal->killers;
}
