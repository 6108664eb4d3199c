// SPDX-License-Identifier: GPL-3.0-or-later
// race litmus: two stores and two loads whose result no order of steps explains. It shows the limit
// of a search through orders: they are sequentially consistent ones, and a processor does more.
#include "commands/race_litmus.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "commands/summary.h"
#include "jobs/search.h"
#include "os/loop.h"
#include "shell/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LITMUS_CELLS = 4096, LITMUS_SPINS = 2000, LITMUS_LINE = 64 / sizeof(int64_t) };

// Each run has cells of its own, on a line of the cache each.
struct litmus {
    bool fence;
    _Atomic bool over, has_ended;
    _Alignas(64) _Atomic int64_t at[2][LITMUS_LINE];
    _Alignas(64) _Atomic int64_t cells[LITMUS_CELLS][2][LITMUS_LINE];
    int8_t saw[2][LITMUS_CELLS];
    int64_t counts[2][2]; // by what p1 and p2 have read
    _Atomic int64_t x[2], read[2];
};

struct race_litmus {
    struct call *call;
    struct litmus *litmus;
    struct search *search;
    struct search_options options;
    struct timer *timer;
    int64_t for_ns;
    uint64_t orders, wrong;
    int status;
};

// Waits until the other one is here, too. The core may be shared, so it is given away after a
// while.
static void race_litmus_meet(struct litmus *litmus, uint32_t number, int64_t *place)
{
    litmus->at[number][0] = ++*place;
    for (uint32_t spins = 0; litmus->at[1 - number][0] < *place; spins++)
        if (spins > LITMUS_SPINS)
            sched_yield();
}

static void race_litmus_try(struct litmus *litmus, uint32_t number, size_t cell)
{
    atomic_store_explicit(&litmus->cells[cell][number][0], 1, memory_order_relaxed);
    if (litmus->fence)
        atomic_thread_fence(memory_order_seq_cst);
    else
        atomic_signal_fence(memory_order_seq_cst); // only the compiler is held back
    litmus->saw[number][cell] =
        (int8_t)atomic_load_explicit(&litmus->cells[cell][1 - number][0], memory_order_relaxed);
}

static void race_litmus_count(struct litmus *litmus)
{
    for (size_t i = 0; i < LITMUS_CELLS; i++) {
        litmus->counts[litmus->saw[0][i]][litmus->saw[1][i]]++;
        litmus->cells[i][0][0] = litmus->cells[i][1][0] = 0;
    }
    litmus->has_ended = litmus->over;
}

static void race_litmus_run_freely(void *data, uint32_t number)
{
    struct litmus *litmus = data;
    int64_t place = 0;
    while (!litmus->has_ended) {
        for (size_t i = 0; i < LITMUS_CELLS; i++) {
            race_litmus_meet(litmus, number, &place);
            race_litmus_try(litmus, number, i);
        }
        race_litmus_meet(litmus, number, &place);
        if (number == 0)
            race_litmus_count(litmus);
        race_litmus_meet(litmus, number, &place);
    }
}

static void race_litmus_body(void *data, uint32_t number)
{
    struct litmus *litmus = data;
    static const char *const stores[] = {"stores x", "stores y"}, *const loads[] = {"loads y",
                                                                                    "loads x"};
    gate_before(stores[number], NULL);
    litmus->x[number] = 1;
    gate_before(loads[number], NULL);
    litmus->read[number] = litmus->x[1 - number];
    gate_saw(litmus->read[number]);
}

static void race_litmus_reset(void *data)
{
    struct race_litmus *race = data;
    for (int i = 0; i < 2; i++)
        race->litmus->x[i] = race->litmus->read[i] = 0;
}

static bool race_litmus_is_wrong(void *data, uint32_t dead, bool stuck)
{
    const struct race_litmus *race = data;
    (void)dead;
    (void)stuck;
    return race->litmus->read[0] == 0 && race->litmus->read[1] == 0;
}

static void race_litmus_finish(void *data)
{
    struct race_litmus *race = data;
    summary_report_times(race->call, summary_times(race->call->job), 2);
    job_finish(race->call->job, race->status);
}

static void race_litmus_end(struct race_litmus *race, int status)
{
    loop_stop(&race->timer);
    race->status = status;
    search_end(race->search, race_litmus_finish);
}

static bool race_litmus_fails(struct race_litmus *race)
{
    const struct search_result *result = search_result(race->search);
    struct call *call = race->call;
    if (!result->failed)
        return false;
    bool dismissed = call->dismissed && call->job->cancelled;
    race_litmus_end(race, dismissed ? STATUS_OK : call_fail(call, "%s", result->failure));
    return true;
}

static void race_litmus_summarize(const struct race_litmus *race)
{
    int64_t both = race->litmus->counts[0][0];
    if (race->litmus->fence && both == 0)
        call_summary(race->call, "with a fence behind each store it never happened");
    else if (both > 0)
        call_summary(race->call,
                     "%" PRId64 " times both read 0, which no order of the steps explains: the "
                     "processor kept a store back in its buffer while it loaded; 'race litmus "
                     "--repaired' has a fence between",
                     both);
    else
        call_summary(race->call, "it did not happen here; that does not mean that it can't");
}

static void race_litmus_tell_free(void *data)
{
    struct race_litmus *race = data;
    const struct litmus *litmus = race->litmus;
    if (race_litmus_fails(race))
        return;
    int64_t runs = 0;
    for (int i = 0; i < 4; i++)
        runs += litmus->counts[i / 2][i % 2];
    out_print("free: %" PRId64 " runs\n", runs);
    for (int i = 0; i < 4; i++)
        out_print("  p1 read %d, p2 read %d: %" PRId64 "\n", i / 2, i % 2,
                  litmus->counts[i / 2][i % 2]);
    figures_begin(race->call);
    figures_add("orders", (int64_t)race->orders);
    figures_add("wrong", (int64_t)race->wrong);
    figures_add("free_runs", runs);
    figures_add("both_zero", litmus->counts[0][0]);
    race_litmus_summarize(race);
    race_litmus_end(race, STATUS_OK);
}

static void race_litmus_stop(void *data)
{
    struct race_litmus *race = data;
    race->timer = NULL;
    race->litmus->over = true;
}

static void race_litmus_tell_orders(void *data)
{
    struct race_litmus *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_litmus_fails(race))
        return;
    race->orders = result->tried;
    race->wrong = result->wrong;
    out_print("all: %" PRIu64 " orders; both read 0 in %" PRIu64 " of them\n", race->orders,
              race->wrong);
    race->options = (struct search_options){
        .mode = SEARCH_FREE, .runs = 1, .for_ns = race->for_ns, .done = race_litmus_tell_free};
    race->timer = loop_after(race->for_ns, race_litmus_stop, race);
    search_run(race->search, race->call->job, &race->options);
}

static void race_litmus_free(struct call *call)
{
    struct race_litmus *race = call->state;
    loop_stop(&race->timer);
    search_free(race->search);
    if (race->litmus)
        munmap(race->litmus, sizeof *race->litmus);
    free(race);
}

static const struct call_ops race_litmus_call_ops = {.free = race_litmus_free};

int race_litmus_run(struct call *call, int64_t for_ns, bool fence, bool daemon)
{
    struct race_litmus *race = must_calloc(1, sizeof *race);
    *race = (struct race_litmus){.call = call, .for_ns = for_ns > 0 ? for_ns : NS_PER_S};
    call->state = race;
    call->ops = &race_litmus_call_ops;
    call_job(call, &search_job_ops, NULL)->daemon = daemon;
    struct litmus *litmus =
        mmap(NULL, sizeof *litmus, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    race->litmus = litmus == MAP_FAILED ? NULL : litmus;
    struct scenario scenario = {.workers = 2,
                                .life = {race_litmus_body, race_litmus_run_freely, NULL, litmus},
                                .reset = race_litmus_reset,
                                .is_wrong = race_litmus_is_wrong,
                                .data = race};
    race->search = race->litmus ? search_new(&scenario, race) : NULL;
    if (!race->search) {
        call_fail(call, "mmap: %s", strerror(errno));
        job_finish(call->job, STATUS_FAILED);
        return STATUS_PENDING;
    }
    litmus->fence = fence;
    call->job->data = race->search;
    out_print("p1 stores x = 1%s, loads y; p2 stores y = 1%s, loads x; both begin with 0\n",
              fence ? ", waits at a fence" : "", fence ? ", waits at a fence" : "");
    race->options = (struct search_options){
        .mode = SEARCH_ORDERS, .count = 6, .most = 6, .done = race_litmus_tell_orders};
    search_run(race->search, call->job, &race->options);
    return STATUS_PENDING;
}
