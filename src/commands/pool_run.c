// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/pool_run.h"

#include "base/clock.h"
#include "base/must.h"
#include "commands/pool_state.h"
#include "log/events.h"
#include "jobs/results.h"
#include "os/loop.h"
#include "jobs/terminate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// A worker whose chunks take less than FAST_CHUNK has two in flight, so that it need not wait for
// the next.
#define FAST_CHUNK (5 * NS_PER_MS)
enum { CHUNKS_IN_FLIGHT = 2 };

// When so many workers die in a row and nothing gets done, more would not help.
enum { DEATHS_MOST = 1000 };

// In a worker.

struct pool_birth {
    const struct pool *pool;
    const struct seat *seat;
};

static int pool_run_work_in_pool(const struct self *self, const void *argument)
{
    const struct pool_birth *birth = argument;
    struct pool_work work = {.map = (enum map)birth->pool->args->map,
                             .initialize = birth->pool->args->init,
                             .poison = birth->pool->args->poison,
                             .in_hand = &birth->pool->in_hand[birth->seat->number].task};
    return pool_worker_run(self, &work);
}

// In the REPL.

static bool pool_run_start_in(struct pool *pool, struct seat *seat, bool again)
{
    struct pool_birth birth = {.pool = pool, .seat = seat};
    // Only the first one in a seat is the one that --which means.
    struct assignment assignment =
        launch_assign(&pool->args->work, again ? -1 : (int64_t)seat->number);
    assignment.own_pipe = true; // blocks of results are longer than what is written as a whole
    assignment.down_pipe = true;
    assignment.run = pool_run_work_in_pool;
    assignment.argument = &birth;
    atomic_store(&pool->in_hand[seat->number].task, -1);
    *seat = (struct seat){.number = seat->number};
    // How many were started says nothing once some of them have been replaced.
    seat->worker =
        launch_start(pool->call, &assignment, seat->number, again ? 0 : pool->args->workers);
    if (!seat->worker)
        return false;
    seat->worker->place = seat;
    return true;
}

static void pool_run_stop(struct seat *seat)
{
    if (!seat->worker || seat->stopped)
        return;
    seat->stopped = true;
    if (!job_tell(seat->worker, FRAME_STOP, 0, 0) && errno != EPIPE)
        terminate_worker(seat->worker);
}

// Deals to one seat until it has enough.
static void pool_run_deal_to(struct pool *pool, struct seat *seat)
{
    struct frame chunks[CHUNKS_IN_FLIGHT];
    size_t enough = seat->fast ? CHUNKS_IN_FLIGHT : 1, dealt = 0;
    if (!seat->worker || seat->stopped || seat->worker->lost)
        return;
    while (scheduler_held(pool->deal, seat->number) < enough) {
        int64_t most = pool->args->max_tasks > 0 ? pool->args->max_tasks - seat->given : INT64_MAX;
        int64_t first, count;
        if (!scheduler_next(pool->deal, seat->number, most, &first, &count))
            break;
        chunks[dealt++] = (struct frame){.type = FRAME_CHUNK, .a = first, .b = count};
        seat->given += count;
        seat->given_at = clock_now();
        events_add(EVENT_DEALT, pool->call->job->id, seat->worker->number, first, count, NULL);
    }
    // A worker that has just died gives its tasks back when it is reaped.
    if (dealt > 0 && !job_tell_all(seat->worker, chunks, dealt) && errno != EPIPE)
        terminate_worker(seat->worker);
    bool used_up = pool->args->max_tasks > 0 && seat->given >= pool->args->max_tasks;
    if (used_up && scheduler_held(pool->deal, seat->number) == 0)
        pool_run_stop(seat);
}

static void pool_run_deal_to_all(struct pool *pool)
{
    for (int64_t i = 0; i < pool->args->workers; i++) {
        if (scheduler_is_over(pool->deal))
            pool_run_stop(&pool->seats[i]);
        else
            pool_run_deal_to(pool, &pool->seats[i]);
    }
}

static bool pool_run_take_results(struct pool *pool, struct worker *worker,
                                  const struct frame *frame, const void *block)
{
    struct seat *seat = worker->place;
    if (!scheduler_done(pool->deal, seat->number, frame->a, frame->b))
        return false;
    int64_t at = pool->args->unordered ? pool->arrived : frame->a;
    memcpy(pool->results + at, block, frame->length);
    pool->arrived += frame->b;
    pool->deaths_in_row = 0;
    if (scheduler_held(pool->deal, seat->number) == 0)
        seat->fast = clock_now() - seat->given_at < FAST_CHUNK;
    return true;
}

// Deals when all is heard: who has two chunks in flight and has finished both gets both in one
// write, and wakes once.
static void pool_run_go_on(struct worker *worker)
{
    struct pool *pool = worker->job->data;
    if (scheduler_is_over(pool->deal))
        pool_run_deal_to_all(pool);
    else
        pool_run_deal_to(pool, worker->place);
}

static bool pool_run_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    if (frame->type == FRAME_RESULTS)
        return pool_run_take_results(worker->job->data, worker, frame, block);
    if (frame->type == FRAME_OUTPUT)
        launch_print(frame, block);
    return true;
}

static void pool_run_finish(struct pool *pool)
{
    if (pool->timeout)
        loop_cancel(pool->timeout);
    pool->timeout = NULL;
    pool->ended = clock_now();
    pool->on_end(pool);
}

static void pool_run_time_out(void *data)
{
    struct pool *pool = data;
    char allowed[32];
    pool->timeout = NULL;
    number_format_duration(pool->args->timeout, allowed, sizeof allowed);
    call_fail(pool->call, "timed out after %s; %" PRId64 " of %" PRId64 " tasks were done", allowed,
              scheduler_count_done(pool->deal), pool->args->tasks);
    terminate_job(pool->call->job);
}

static void pool_run_log_given_up(void *data, int64_t first, int64_t count)
{
    const struct pool *pool = data;
    events_add(EVENT_TASK_LOST, pool->call->job->id, NO_WORKER, first, count, NULL);
}

static void pool_run_give_up(struct pool *pool)
{
    pool->given_up = true;
    scheduler_give_up(pool->deal, pool_run_log_given_up, pool);
}

static void pool_run_replace(struct pool *pool, struct seat *seat)
{
    if (pool->deaths_in_row >= DEATHS_MOST)
        pool_run_give_up(pool);
    else if (scheduler_has_next(pool->deal) && !pool_run_start_in(pool, seat, true))
        terminate_job(pool->call->job);
}

// Returns the task that a worker died of, or -1: none is to blame when someone ended it. One that
// was lost lived on until we ended it: what it had in hand then says nothing, but what it could not
// report any more does.
static int64_t pool_run_task_to_blame(const struct pool *pool, const struct worker *worker)
{
    const struct seat *seat = worker->place;
    if (worker_did_well(worker) || worker_was_ended(worker))
        return -1;
    if (worker->lost)
        return scheduler_first_held(pool->deal, seat->number);
    return atomic_load(&pool->in_hand[seat->number].task);
}

// Takes back what a dead worker had in hand.
static void pool_run_take_back(struct pool *pool, const struct worker *worker)
{
    const struct seat *seat = worker->place;
    int64_t blamed = pool_run_task_to_blame(pool, worker);
    int64_t lost_before = scheduler_count_lost(pool->deal);
    scheduler_died(pool->deal, seat->number, blamed);
    if (scheduler_count_lost(pool->deal) > lost_before)
        events_add(EVENT_TASK_LOST, worker->job->id, worker->number, blamed, 1, NULL);
}

static void pool_run_part(struct worker *worker)
{
    struct pool *pool = worker->job->data;
    struct seat *seat = worker->place;
    bool died = !worker_did_well(worker);
    seat->worker = NULL;
    pool_run_take_back(pool, worker);
    pool->deaths += died;
    pool->deaths_in_row += died;
    if (!worker->job->cancelled && !scheduler_is_over(pool->deal))
        pool_run_replace(pool, seat);
    pool_run_deal_to_all(pool);
    if (worker->job->unfinished == 0)
        pool_run_finish(pool);
}

static const struct job_ops pool_job_ops = {
    .frame = pool_run_hear, .heard = pool_run_go_on, .ended = pool_run_part};

static size_t pool_run_in_hand_size(const struct pool *pool)
{
    return (size_t)pool->args->workers * sizeof *pool->in_hand;
}

void pool_free(struct pool *pool)
{
    if (pool->results)
        munmap(pool->results, pool->results_size);
    if (pool->in_hand)
        munmap(pool->in_hand, pool_run_in_hand_size(pool));
    scheduler_free(pool->deal);
    free(pool->seats);
    free(pool);
}

// Returns NULL, or the name of the call that failed, with errno.
static const char *pool_run_map_memory(struct pool *pool)
{
    results_make_room(pool->results_size);
    void *results =
        mmap(NULL, pool->results_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED)
        return "mmap";
    pool->results = results;
    // Workers have no use for it, and forking one stays as cheap as without it.
    if (madvise(results, pool->results_size, MADV_DONTFORK) < 0)
        return "madvise";
    void *in_hand = mmap(NULL, pool_run_in_hand_size(pool), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in_hand == MAP_FAILED)
        return "mmap";
    pool->in_hand = in_hand;
    return NULL;
}

int pool_check(struct call *call, const struct pool_args *pool_args)
{
    int status = launch_check(call, &pool_args->work, 0, pool_args->workers - 1);
    if (status != STATUS_OK)
        return status;
    if (pool_args->poison >= pool_args->tasks)
        return call_misuse(call, "--poison must be one of the tasks: there are %" PRId64,
                           pool_args->tasks);
    return STATUS_OK;
}

struct pool *pool_new(struct call *call, const struct pool_args *pool_args,
                      void (*on_end)(struct pool *pool))
{
    struct pool *pool = must_calloc(1, sizeof *pool);
    size_t room = pool_args->tasks > 0 ? (size_t)pool_args->tasks : 1;
    *pool = (struct pool){.call = call,
                          .args = pool_args,
                          .results_size = room * sizeof *pool->results,
                          .on_end = on_end};
    struct scheduler_plan plan = {.tasks = pool_args->tasks,
                                  .seats = (uint32_t)pool_args->workers,
                                  .chunk = pool_args->chunk,
                                  .retries = pool_args->retries};
    pool->deal = scheduler_new(&plan);
    pool->seats = must_calloc((size_t)pool_args->workers, sizeof *pool->seats);
    const char *failed = pool_run_map_memory(pool);
    if (!failed)
        return pool;
    call_fail(call, "%s: %s; the results of %" PRId64 " tasks would have no place", failed,
              strerror(errno), pool_args->tasks);
    pool_free(pool);
    return NULL;
}

static void pool_run_join_job(struct pool *pool)
{
    struct call *call = pool->call;
    if (call->job)
        call->job->data = pool;
    else
        call_job(call, &pool_job_ops, pool)->daemon = pool->args->work.daemon;
    pool->first_worker = call->job->count;
    launch_log_mmap(call->job, false, pool->results_size, "the results", pool->results);
    launch_log_mmap(call->job, true, pool_run_in_hand_size(pool), "tasks in hand", pool->in_hand);
}

void pool_start(struct pool *pool)
{
    struct call *call = pool->call;
    const struct pool_args *pool_args = pool->args;
    pool->started = clock_now();
    pool_run_join_job(pool);
    for (int64_t i = 0; i < pool_args->workers && !call->failed && pool_args->tasks > 0; i++) {
        pool->seats[i].number = (uint32_t)i;
        if (pool_run_start_in(pool, &pool->seats[i], false))
            pool_run_deal_to(pool, &pool->seats[i]);
    }
    if (call->failed)
        terminate_job(call->job);
    else if (pool_args->timeout >= 0 && call->job->unfinished > 0)
        pool->timeout = loop_after(pool_args->timeout, pool_run_time_out, pool);
    if (call->job->unfinished == 0)
        pool_run_finish(pool);
}

struct call *pool_call(const struct pool *pool)
{
    return pool->call;
}

int64_t pool_done(const struct pool *pool)
{
    return scheduler_count_done(pool->deal);
}

int64_t pool_deaths(const struct pool *pool)
{
    return pool->deaths;
}
