// SPDX-License-Identifier: GPL-3.0-or-later
// The half of pool_run.h that is for a pool that has ended: what it says, and what it leaves.
#include "commands/pool_run.h"

#include "commands/pool_state.h"
#include "jobs/results.h"
#include "shell/json_output.h"
#include "view/list.h"
#include "commands/summary.h"

#include <inttypes.h>

static const char *pool_end_lost_gap(const void *data, int64_t index)
{
    const struct pool *pool = data;
    return scheduler_is_lost(pool->deal, index) ? "lost" : NULL;
}

static bool pool_end_is_lost(const void *data, int64_t index)
{
    return pool_end_lost_gap(data, index) != NULL;
}

static bool pool_end_has_gaps(const struct pool *pool)
{
    return scheduler_count_lost(pool->deal) > 0 && !pool->args->unordered;
}

static int64_t pool_end_count_results(const struct pool *pool)
{
    return pool->args->unordered ? pool->arrived : pool->args->tasks;
}

void pool_print_results(const struct pool *pool)
{
    bool gaps = pool_end_has_gaps(pool);
    if (json_output_is_on())
        json_output_results(pool->call->job->id, pool->results, pool_end_count_results(pool),
                            gaps ? pool_end_is_lost : NULL, pool);
    else
        list_print("Pool: ", pool->results, pool_end_count_results(pool), pool->args->all,
                   gaps ? pool_end_lost_gap : NULL, pool);
}

void pool_keep_results(struct pool *pool)
{
    bool gaps = pool_end_has_gaps(pool);
    results_put((struct kept){.job = pool->call->job->id,
                              .results = pool->results,
                              .size = pool->results_size,
                              .count = pool_end_count_results(pool),
                              .deal = gaps ? pool->deal : NULL});
    pool->results = NULL;
    pool->deal = gaps ? NULL : pool->deal;
}

static int pool_end_report_lost(const struct pool *pool)
{
    int64_t lost = scheduler_count_lost(pool->deal), shown = 0;
    struct text which = {0};
    for (int64_t task = scheduler_next_lost(pool->deal, 0); task >= 0 && shown < 5;
         task = scheduler_next_lost(pool->deal, task + 1))
        text_print(&which, "%s%" PRId64, shown++ > 0 ? ", " : "", task);
    if (shown < lost)
        text_add_string(&which, ", ...");
    const char *why = pool->given_up            ? "given up, as too many workers died in a row"
                      : lost > 1                ? "their workers died with them in hand"
                      : pool->args->retries > 0 ? "its workers died with it in hand"
                                                : "its worker died with it in hand";
    call_fail(pool->call, "%" PRId64 " of %" PRId64 " task%s %s lost: %s; %s", lost,
              pool->args->tasks, pool->args->tasks == 1 ? "" : "s", lost == 1 ? "is" : "are",
              text_string(&which), why);
    text_free(&which);
    return STATUS_FAILED;
}

bool pool_is_whole(const struct pool *pool)
{
    const struct call *call = pool->call;
    bool over = !call->job->cancelled || (call->dismissed && scheduler_is_over(pool->deal));
    return !call->interrupted && !call->failed && over;
}

int pool_conclude(struct pool *pool)
{
    struct call *call = pool->call;
    if (call->interrupted)
        return summary_conclude(call);
    if (call->failed)
        return STATUS_FAILED;
    if (call->job->cancelled && !call->dismissed)
        return call_fail(call, "it was ended; %" PRId64 " of %" PRId64 " tasks were done",
                         scheduler_count_done(pool->deal), pool->args->tasks);
    return scheduler_count_lost(pool->deal) > 0 ? pool_end_report_lost(pool) : STATUS_OK;
}

struct times pool_times(const struct pool *pool)
{
    return (struct times){.wall = pool->ended - pool->started,
                          .cpu = summary_cpu(pool->call->job, pool->first_worker)};
}

// Spreads one number over 64 bits (the finalizer of SplitMix64: Steele, Lea and Flood, 2014).
static uint64_t pool_end_scatter(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t pool_digest(const struct pool *pool)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < pool->args->tasks; i++) {
        uint64_t place = pool->args->unordered ? 0 : pool_end_scatter((uint64_t)i + 1);
        sum += pool_end_scatter((uint64_t)pool->results[i] + 1 + place);
    }
    return sum;
}
