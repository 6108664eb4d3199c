// SPDX-License-Identifier: GPL-3.0-or-later
// The half of pool_run.h that is for a pool that has ended: what it says, and what it leaves.
#include "commands/pool_run.h"

#include "commands/pool_state.h"
#include "process/kept.h"
#include "shell/objects.h"
#include "view/list.h"

#include <inttypes.h>

static const char *lost_gap(const void *data, int64_t index)
{
    const struct pool *pool = data;
    return deal_is_lost(pool->deal, index) ? "lost" : NULL;
}

static bool is_lost(const void *data, int64_t index)
{
    return lost_gap(data, index) != NULL;
}

static bool has_gaps(const struct pool *pool)
{
    return deal_count_lost(pool->deal) > 0 && !pool->args->unordered;
}

static int64_t count_results(const struct pool *pool)
{
    return pool->args->unordered ? pool->arrived : pool->args->tasks;
}

void pool_print_results(const struct pool *pool)
{
    bool gaps = has_gaps(pool);
    if (objects_is_on())
        objects_results(pool->call->job->id, pool->results, count_results(pool),
                        gaps ? is_lost : NULL, pool);
    else
        list_print("Pool: ", pool->results, count_results(pool), pool->args->all,
                   gaps ? lost_gap : NULL, pool);
}

void pool_keep_results(struct pool *pool)
{
    bool gaps = has_gaps(pool);
    kept_put((struct kept){.job = pool->call->job->id,
                           .results = pool->results,
                           .size = pool->results_size,
                           .count = count_results(pool),
                           .deal = gaps ? pool->deal : NULL});
    pool->results = NULL;
    pool->deal = gaps ? NULL : pool->deal;
}

static int report_lost(const struct pool *pool)
{
    int64_t lost = deal_count_lost(pool->deal), shown = 0;
    struct text which = {0};
    for (int64_t task = deal_next_lost(pool->deal, 0); task >= 0 && shown < 5;
         task = deal_next_lost(pool->deal, task + 1))
        text_print(&which, "%s%" PRId64, shown++ > 0 ? ", " : "", task);
    if (shown < lost)
        text_add_string(&which, ", ...");
    const char *why = pool->given_up            ? "given up, as too many workers died in a row"
                      : lost > 1                ? "they killed their workers"
                      : pool->args->retries > 0 ? "it killed its workers"
                                                : "it killed its worker";
    call_fail(pool->call, "%" PRId64 " of %" PRId64 " task%s %s lost: %s; %s", lost,
              pool->args->tasks, pool->args->tasks == 1 ? "" : "s", lost == 1 ? "is" : "are",
              text_string(&which), why);
    text_free(&which);
    return STATUS_FAILED;
}

bool pool_is_whole(const struct pool *pool)
{
    const struct call *call = pool->call;
    bool over = !call->job->cancelled || (call->dismissed && deal_is_over(pool->deal));
    return !call->interrupted && !call->failed && over;
}

int pool_conclude(struct pool *pool)
{
    struct call *call = pool->call;
    if (call->interrupted)
        return work_conclude(call);
    if (call->failed)
        return STATUS_FAILED;
    if (call->job->cancelled && !call->dismissed)
        return call_fail(call, "it was ended; %" PRId64 " of %" PRId64 " tasks were done",
                         deal_count_done(pool->deal), pool->args->tasks);
    return deal_count_lost(pool->deal) > 0 ? report_lost(pool) : STATUS_OK;
}

struct times pool_times(const struct pool *pool)
{
    return (struct times){.wall = pool->ended - pool->started,
                          .cpu = work_cpu(pool->call->job, pool->first_worker)};
}

// Spreads one number over 64 bits (the finalizer of SplitMix64: Steele, Lea and Flood, 2014).
static uint64_t scatter(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t pool_digest(const struct pool *pool)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < pool->args->tasks; i++) {
        uint64_t place = pool->args->unordered ? 0 : scatter((uint64_t)i + 1);
        sum += scatter((uint64_t)pool->results[i] + 1 + place);
    }
    return sum;
}
