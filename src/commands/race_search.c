// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_search.h"

#include "commands/race_report.h"
#include "commands/summary.h"

#include <inttypes.h>
#include <sys/mman.h>

static void race_search_reset(void *data)
{
    const struct race *race = data;
    struct race_shared *shared = race->shared;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        shared->locks[i].holder = shared->locks[i].dead = 0;
    shared->x = 0;
    for (uint32_t i = 0; i < RACE_CELLS; i++)
        shared->cells[i] = 0;
    for (uint32_t i = 0; i < race->workers; i++) {
        shared->own[i] = shared->done[i] = shared->saw[i] = 0;
        shared->through[i] = false;
    }
    shared->taken_over = 0;
    shared->hopeless = false;
}

static void race_search_note_death(void *data, uint32_t number)
{
    const struct race *race = data;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        race->shared->locks[i].dead |= UINT32_C(1) << number;
}

static bool race_search_is_wrong(void *data, uint32_t dead, bool stuck)
{
    struct race *race = data;
    bool held = false;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        held = held || race->shared->locks[i].holder != 0;
    const char *fault = race->scene->fault(race->shared, race->workers);
    bool wrong = stuck || race->shared->hopeless || fault;
    if (!race->fault)
        race->fault = fault;
    if (!dead)
        return wrong;
    race->deaths++;
    race->deaths_wrong += wrong;
    race->left_held += held;
    race->left_taken += race->shared->taken_over > 0;
    return wrong;
}

static void race_search_body(void *data, uint32_t number)
{
    struct race_shared *shared = data;
    (shared->repaired ? shared->scene->repaired : shared->scene->body)(shared, number);
    race_is_through(shared, number);
}

static void race_search_finish(void *data)
{
    struct race *race = data;
    struct call *call = race->call;
    summary_report_times(call, summary_times(call->job), (int64_t)race->workers);
    job_finish(call->job, race->status);
}

void race_search_end(struct race *race, int status)
{
    race->status = status;
    search_end(race->search, race_search_finish);
}

bool race_search_failed(struct race *race)
{
    const struct search_result *result = search_result(race->search);
    if (!result->failed)
        return false;
    if (race->call->interrupted || race->call->job->cancelled)
        race_search_end(race, race->call->dismissed
                                  ? STATUS_OK
                                  : call_fail(race->call, "interrupted after %" PRIu64 " orders",
                                              result->tried));
    else
        race_search_end(race,
                        call_fail(race->call, "%s; %" PRIu64 " order%s tried", result->failure,
                                  result->tried, race_report_plural(result->tried)));
    return true;
}

static bool race_search_map(struct race *race)
{
    static const char *const names[RACE_LOCKS] = {"lock A", "lock B", "lock C"};
    race->shared =
        mmap(NULL, sizeof *race->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (race->shared == MAP_FAILED) {
        race->shared = NULL;
        return false;
    }
    race->objects.job = race->call->job->id;
    for (uint32_t i = 0; i < RACE_LOCKS; i++) {
        race->shared->locks[i].lock =
            sync_add(&race->objects, &sync_lock, names[i], race->workers, 0);
        if (!race->shared->locks[i].lock)
            return false;
    }
    return true;
}

// Counts the orders in which no worker waits; UINT64_MAX stands for more than that.
static uint64_t race_search_count(const struct race *race)
{
    uint32_t steps[GATE_WORKERS];
    for (uint32_t i = 0; i < race->workers; i++)
        steps[i] = race->scene->steps * (uint32_t)race->args->times;
    return race->scene->steps ? orders_count(steps, race->workers) : 1;
}

bool race_search_new(struct race *race)
{
    struct job *job = race->call->job;
    if (!race_search_map(race))
        return false;
    race->shared->times = race->args->times;
    race->shared->scene = race->scene;
    race->shared->workers = race->workers;
    race->shared->repaired = race->args->repaired;
    race->count = race_search_count(race);
    struct scenario scenario = {
        .workers = race->workers,
        .life = {race_search_body, race_search_body, race_abandon, race->shared},
        .reset = race_search_reset,
        .died = race_search_note_death,
        .is_wrong = race_search_is_wrong,
        .data = race};
    race->search = search_new(&scenario, race);
    job->data = race->search;
    job->objects = (uint16_t)race->objects.count;
    return race->search != NULL;
}

void race_search_free(struct race *race)
{
    search_free(race->search);
    sync_free(&race->objects);
    if (race->shared)
        munmap(race->shared, sizeof *race->shared);
}
