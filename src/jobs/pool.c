// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/pool.h"

#include "base/clock.h"
#include "base/must.h"
#include "jobs/inbox.h"
#include "jobs/results.h"
#include "jobs/speaker.h"
#include "jobs/terminate.h"
#include "log/events.h"
#include "os/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// A worker whose chunks take less than FAST_CHUNK has two in flight, so that it need not wait for
// the next.
#define FAST_CHUNK (5 * NS_PER_MS)
enum { CHUNKS_IN_FLIGHT = 2 };

// The largest chunks that are chosen without being asked for: what a worker reports at once.
enum { CHUNK_SENT = FRAME_BLOCK_MAX / sizeof(int64_t), CHUNK_SHARED = POOL_REPORT_MOST };

// When so many workers die in a row and nothing gets done, more would not help; nor do more tries
// of an initializer that fails.
enum { DEATHS_MOST = 1000, UNPREPARED_MOST = 3 };

// How long workers are started in one turn of the loop: signals are served in between.
#define START_NS (5 * NS_PER_MS)

// After a worker could not be started it is tried again, later each time.
#define RETRY_NS      (100 * NS_PER_MS)
#define RETRY_MOST_NS (1600 * NS_PER_MS)

// How often that is tried in a row while no worker lives; a living one makes patience cheap.
enum { ALONE_MOST = 3 };

// The place of one worker after another.
struct seat {
    uint32_t number;
    struct worker *worker; // or NULL
    bool used;             // there has been a worker
    int64_t given;         // tasks, to this worker
    int64_t given_at;
    bool fast;
    bool stopped;
};

// The task that a worker is at, alone in its cache line.
struct in_hand {
    _Alignas(64) _Atomic int64_t task;
};

struct pool {
    struct pool_plan plan;
    const struct pool_ops *ops;
    void *data;
    struct job *job;
    struct scheduler *deal;
    struct seat *seats;
    uint32_t *empty; // seats to be filled: a ring of `empty_count` from `empty_first` on
    size_t empty_first, empty_count;
    struct in_hand *in_hand; // by seat, shared with the workers
    int64_t *results;
    size_t results_size; // bytes mapped
    int64_t arrived;     // results, if unordered
    int64_t deaths, deaths_in_row, unprepared, alive;
    int64_t seats_used; // seats that have had a worker
    bool given_up, was_short, short_told;
    int error; // of the last start that failed
    int alone; // tries that failed in a row while no worker lived
    enum pool_end end;
    struct timer *timeout;
    struct timer *starting; // fills empty seats
    bool retrying;          // and does so only after a while
    int64_t retry_after;
    size_t first_worker; // of this pool in the job
    int64_t started, ended;
};

static void pool_fill_seats(void *data);

// Whether workers write results where they belong.
static bool pool_is_shared(const struct pool_plan *plan)
{
    return plan->delivery == DELIVER_MEMORY && !plan->unordered;
}

// In a worker.

struct pool_birth {
    const struct pool *pool;
    const struct seat *seat;
};

static int pool_be_worker(const struct self *self, const void *argument)
{
    const struct pool_birth *birth = argument;
    const struct pool_plan *plan = &birth->pool->plan;
    struct pool_work work = {.map = plan->map,
                             .initializer = plan->initializer,
                             .poison = plan->poison,
                             .fail = plan->fail,
                             .results = pool_is_shared(plan) ? birth->pool->results : NULL,
                             .in_hand = &birth->pool->in_hand[birth->seat->number].task};
    return pool_worker_run(self, &work);
}

// In the parent.

static void pool_want(struct pool *pool, uint32_t seat)
{
    size_t room = (size_t)pool->plan.workers;
    pool->empty[(pool->empty_first + pool->empty_count++) % room] = seat;
}

static uint32_t pool_take_empty(struct pool *pool)
{
    uint32_t seat = pool->empty[pool->empty_first];
    pool->empty_first = (pool->empty_first + 1) % (size_t)pool->plan.workers;
    pool->empty_count--;
    return seat;
}

// False with errno when it could not be started.
static bool pool_start_in(struct pool *pool, struct seat *seat)
{
    struct pool_birth birth = {.pool = pool, .seat = seat};
    struct assignment assignment = pool->ops->assign(pool->data, seat->number, seat->used);
    assignment.own_pipe = true; // blocks of results are longer than what is written as a whole
    assignment.down_pipe = true;
    assignment.run = pool_be_worker;
    assignment.argument = &birth;
    atomic_store(&pool->in_hand[seat->number].task, -1);
    struct worker *worker = job_start(pool->job, &assignment);
    if (!worker)
        return false;
    pool->seats_used += !seat->used;
    *seat = (struct seat){.number = seat->number, .worker = worker, .used = true};
    worker->place = seat;
    pool->alive++;
    return true;
}

// A worker that has just died gives its tasks back when it is reaped.
static void pool_note_untold(struct worker *worker)
{
    if (errno == EPIPE)
        inbox_doubt(worker);
    else
        terminate_worker(worker);
}

static void pool_stop(struct seat *seat)
{
    if (!seat->worker || seat->stopped)
        return;
    seat->stopped = true;
    if (!job_tell(seat->worker, FRAME_STOP, 0, 0))
        pool_note_untold(seat->worker);
}

// Deals to one seat until it has enough.
static void pool_deal_to(struct pool *pool, struct seat *seat)
{
    struct frame chunks[CHUNKS_IN_FLIGHT];
    size_t enough = seat->fast ? CHUNKS_IN_FLIGHT : 1, dealt = 0;
    int64_t max_tasks = pool->plan.max_tasks;
    if (!seat->worker || seat->stopped || seat->worker->lost)
        return;
    while (scheduler_held(pool->deal, seat->number) < enough) {
        int64_t most = max_tasks > 0 ? max_tasks - seat->given : INT64_MAX;
        int64_t first, count;
        if (!scheduler_next(pool->deal, seat->number, most, &first, &count))
            break;
        chunks[dealt++] = (struct frame){.type = FRAME_CHUNK, .a = first, .b = count};
        seat->given += count;
        seat->given_at = clock_now();
        events_add(EVENT_DEALT, pool->job->id, seat->worker->number, first, count, NULL);
    }
    if (dealt > 0 && !job_tell_all(seat->worker, chunks, dealt))
        pool_note_untold(seat->worker);
    bool used_up = max_tasks > 0 && seat->given >= max_tasks;
    if (used_up && scheduler_held(pool->deal, seat->number) == 0)
        pool_stop(seat);
}

static void pool_deal_to_all(struct pool *pool)
{
    for (int64_t i = 0; i < pool->plan.workers; i++) {
        if (scheduler_is_over(pool->deal))
            pool_stop(&pool->seats[i]);
        else
            pool_deal_to(pool, &pool->seats[i]);
    }
}

// Results count from here on: what a worker wrote and did not tell of is as if it never were.
static bool pool_take_results(struct pool *pool, struct worker *worker, const struct frame *frame,
                              const void *block)
{
    struct seat *seat = worker->place;
    bool written = frame->type == FRAME_WRITTEN;
    if (written != pool_is_shared(&pool->plan))
        return false;
    if (!scheduler_done(pool->deal, seat->number, frame->a, frame->b))
        return false;
    int64_t at = pool->plan.unordered ? pool->arrived : frame->a;
    if (!written)
        memcpy(pool->results + at, block, frame->length);
    pool->arrived += frame->b;
    pool->deaths_in_row = 0;
    if (scheduler_held(pool->deal, seat->number) == 0)
        seat->fast = clock_now() - seat->given_at < FAST_CHUNK;
    if (pool->ops->arrived)
        pool->ops->arrived(pool->data, frame->a, frame->b, at);
    return true;
}

// Called once all frames of one read are handled: a worker that has finished both of its chunks in
// flight gets two more in one write, and wakes once.
static void pool_go_on(struct worker *worker)
{
    struct pool *pool = worker->job->data;
    if (scheduler_is_over(pool->deal))
        pool_deal_to_all(pool);
    else
        pool_deal_to(pool, worker->place);
}

static bool pool_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct pool *pool = worker->job->data;
    const struct seat *seat = worker->place;
    if (frame->type == FRAME_RESULTS || frame->type == FRAME_WRITTEN)
        return pool_take_results(pool, worker, frame, block);
    if (frame->type == FRAME_FAILED)
        return scheduler_failed(pool->deal, seat->number, frame->a);
    if (frame->type == FRAME_OUTPUT)
        pool->ops->output(pool->data, frame, block);
    return true;
}

static void pool_drop_timer(struct timer **timer)
{
    if (*timer)
        loop_cancel(*timer);
    *timer = NULL;
}

static void pool_finish(struct pool *pool)
{
    pool_drop_timer(&pool->timeout);
    pool_drop_timer(&pool->starting);
    pool->job->deadline = 0;
    if (pool->end == POOL_OVER && !scheduler_is_over(pool->deal))
        pool->end = POOL_ENDED;
    scheduler_close(pool->deal);
    pool->ended = clock_now();
    pool->ops->ended(pool->data);
}

// Ends it for a reason of its own. What is not done will not be.
static void pool_give_up(struct pool *pool, enum pool_end end)
{
    pool->end = end;
    pool->empty_count = 0;
    pool_drop_timer(&pool->starting);
    terminate_job(pool->job);
}

static void pool_time_out(void *data)
{
    struct pool *pool = data;
    const struct job *before = speaker_set(pool->job);
    pool->timeout = NULL;
    pool->ops->timed_out(pool->data);
    pool_give_up(pool, POOL_TIMED_OUT);
    if (pool->job->unfinished == 0)
        pool_finish(pool);
    speaker_set(before);
}

static void pool_schedule_start(struct pool *pool, int64_t after)
{
    pool_drop_timer(&pool->starting);
    if (pool->empty_count > 0)
        pool->starting = loop_after(after, pool_fill_seats, pool);
}

// Says once that there are fewer workers than wanted, when it is known that some go on.
static void pool_tell_short(struct pool *pool)
{
    if (pool->short_told || !pool->ops->short_of)
        return;
    pool->short_told = true;
    errno = pool->error;
    pool->ops->short_of(pool->data, pool->alive);
}

// A worker could not be started: the others go on, and it is tried again after a while; a few times
// even if there are none, as what was short may be there a moment later.
static void pool_note_short(struct pool *pool)
{
    pool->error = errno;
    pool->was_short = true;
    if (pool->job->unfinished > 0) {
        pool_tell_short(pool);
    } else if (pool->plan.needs_all || pool->alone++ == ALONE_MOST) {
        pool->end = POOL_UNSTARTED;
        pool->empty_count = 0;
        return;
    }
    pool->retrying = true;
    pool->retry_after = pool->retry_after == 0 ? RETRY_NS : pool->retry_after * 2;
    if (pool->retry_after > RETRY_MOST_NS)
        pool->retry_after = RETRY_MOST_NS;
    pool_schedule_start(pool, pool->retry_after);
}

// A seat's first worker is started whatever there is to do, unless that was tried in vain while
// others had been started.
static bool pool_is_needed(const struct pool *pool, const struct seat *seat)
{
    bool at_first = !pool->was_short || pool->seats_used == 0;
    return scheduler_has_next(pool->deal) || (!seat->used && at_first);
}

// Fills the next empty seat. False when that failed, and will be tried again later, if at all.
static bool pool_fill_one(struct pool *pool)
{
    struct seat *seat = &pool->seats[pool_take_empty(pool)];
    if (!pool_is_needed(pool, seat))
        return true;
    if (!pool_start_in(pool, seat)) {
        pool_want(pool, seat->number); // errno stays
        pool_note_short(pool);
        return false;
    }
    pool->retry_after = 0;
    pool->alone = 0;
    if (pool->was_short)
        pool_tell_short(pool);
    pool_deal_to(pool, seat);
    if (scheduler_is_over(pool->deal))
        pool_stop(seat);
    return true;
}

// Fills empty seats for a while, and the others at the loop's next turns: typed input and signals
// must not wait for a thousand forks.
static void pool_fill_seats(void *data)
{
    struct pool *pool = data;
    const struct job *before = speaker_set(pool->job);
    int64_t end = clock_now() + START_NS;
    bool going = true;
    pool->starting = NULL;
    pool->retrying = false;
    while (going && pool->empty_count > 0) {
        going = pool_fill_one(pool);
        if (clock_now() >= end)
            break;
    }
    if (going)
        pool_schedule_start(pool, 0);
    if (pool->job->unfinished == 0 && pool->empty_count == 0)
        pool_finish(pool);
    speaker_set(before);
}

static void pool_log_lost(void *data, int64_t first, int64_t count)
{
    const struct pool *pool = data;
    events_add(EVENT_TASK_LOST, pool->job->id, NO_WORKER, first, count, NULL);
}

static void pool_replace(struct pool *pool, const struct seat *seat)
{
    if (pool->deaths_in_row >= DEATHS_MOST) {
        pool->given_up = true;
        scheduler_give_up(pool->deal, pool_log_lost, pool);
        pool->empty_count = 0;
        return;
    }
    if (!scheduler_has_next(pool->deal))
        return;
    pool_want(pool, seat->number);
    if (!pool->starting || pool->retrying) // the end of a worker may have made room for another
        pool_schedule_start(pool, 0);
}

// Returns the task that a worker died of, or -1: none is to blame when the user or forklab ended
// the worker, or when no chunk reached it. A lost worker lived on until forklab ended it: the task
// in its hand then says nothing, but the first one that it could not report does.
static int64_t pool_task_to_blame(const struct pool *pool, const struct worker *worker)
{
    const struct seat *seat = worker->place;
    if (worker_did_well(worker) || worker_was_ended(worker))
        return -1;
    if (worker->lost)
        return worker->deaf ? -1 : scheduler_first_held(pool->deal, seat->number);
    return atomic_load(&pool->in_hand[seat->number].task);
}

// Takes back what a dead worker had in hand.
static void pool_take_back(struct pool *pool, const struct worker *worker)
{
    const struct seat *seat = worker->place;
    int64_t blamed = pool_task_to_blame(pool, worker);
    int64_t lost_before = scheduler_count_lost(pool->deal);
    scheduler_died(pool->deal, seat->number, blamed);
    if (scheduler_count_lost(pool->deal) > lost_before)
        events_add(EVENT_TASK_LOST, worker->job->id, worker->number, blamed, 1, NULL);
}

// Whether no worker will get ready: all that ended before their first task ended so by themselves.
static bool pool_is_unprepared(struct pool *pool, const struct worker *worker)
{
    bool failed = pool->plan.initializer == INIT_FAILS && worker->exit_code == 1;
    pool->unprepared += failed;
    return pool->unprepared >= UNPREPARED_MOST ||
           (failed && pool->unprepared >= pool->plan.workers && !scheduler_has_next(pool->deal));
}

static void pool_part(struct worker *worker)
{
    struct pool *pool = worker->job->data;
    struct seat *seat = worker->place;
    bool died = !worker_did_well(worker);
    seat->worker = NULL;
    pool->alive--;
    pool_take_back(pool, worker);
    pool->deaths += died;
    pool->deaths_in_row += died;
    if (pool_is_unprepared(pool, worker) && !worker->job->cancelled)
        pool_give_up(pool, POOL_UNPREPARED);
    if (!worker->job->cancelled && !scheduler_is_over(pool->deal))
        pool_replace(pool, seat);
    pool_deal_to_all(pool);
    if (worker->job->unfinished > 0)
        return;
    if (pool->empty_count == 0)
        pool_finish(pool);
    else if (pool->retrying)
        pool_schedule_start(pool, 0);
}

static void pool_cancel(struct job *job)
{
    struct pool *pool = job->data;
    bool was_starting = pool->empty_count > 0;
    pool->empty_count = 0;
    pool_drop_timer(&pool->starting);
    if (was_starting && job->unfinished == 0)
        pool_finish(pool);
}

static int64_t pool_count_settled(const struct pool *pool)
{
    return scheduler_count_done(pool->deal) + scheduler_count_lost(pool->deal) +
           scheduler_count_failed(pool->deal);
}

static int64_t pool_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void pool_tell_plan(const struct job *job, struct job_plan *plan)
{
    const struct pool *pool = job->data;
    for (size_t i = 0; i < pool->empty_count; i++)
        plan->starting +=
            !pool->retrying &&
            !pool->seats[pool->empty[(pool->empty_first + i) % (size_t)pool->plan.workers]].used;
    if (!job->cancelled && !scheduler_is_over(pool->deal))
        plan->replacing = pool_least(pool->alive, pool->plan.tasks - pool_count_settled(pool));
}

const struct job_ops pool_job_ops = {.frame = pool_hear,
                                     .heard = pool_go_on,
                                     .ended = pool_part,
                                     .cancelled = pool_cancel,
                                     .plan = pool_tell_plan};

static size_t pool_in_hand_size(const struct pool *pool)
{
    return (size_t)pool->plan.workers * sizeof *pool->in_hand;
}

void pool_free(struct pool *pool)
{
    pool_drop_timer(&pool->starting);
    if (pool->results)
        munmap(pool->results, pool->results_size);
    if (pool->in_hand)
        munmap(pool->in_hand, pool_in_hand_size(pool));
    scheduler_free(pool->deal);
    free(pool->seats);
    free(pool->empty);
    free(pool);
}

// Returns NULL, or the name of the call that failed, with errno.
static const char *pool_map_memory(struct pool *pool)
{
    results_make_room(pool->results_size);
    bool shared = pool_is_shared(&pool->plan);
    void *results = mmap(NULL, pool->results_size, PROT_READ | PROT_WRITE,
                         MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
    if (results == MAP_FAILED)
        return "mmap";
    pool->results = results;
    // Where workers have no use for it, forking one stays as cheap as without it. Of shared memory
    // a fork copies no page table.
    if (!shared && madvise(results, pool->results_size, MADV_DONTFORK) < 0)
        return "madvise";
    void *in_hand = mmap(NULL, pool_in_hand_size(pool), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (in_hand == MAP_FAILED)
        return "mmap";
    pool->in_hand = in_hand;
    return NULL;
}

struct pool *pool_new(const struct pool_plan *plan, const struct pool_ops *ops, void *data,
                      const char **failed)
{
    struct pool *pool = must_calloc(1, sizeof *pool);
    size_t room = plan->tasks > 0 ? (size_t)plan->tasks : 1;
    *pool = (struct pool){
        .plan = *plan, .ops = ops, .data = data, .results_size = room * sizeof *pool->results};
    pool->deal = scheduler_new(
        &(struct scheduler_plan){.tasks = plan->tasks,
                                 .seats = (uint32_t)plan->workers,
                                 .chunk = plan->chunk,
                                 .chunk_most = pool_is_shared(plan) ? CHUNK_SHARED : CHUNK_SENT,
                                 .retries = plan->retries,
                                 .in_order = plan->in_order});
    pool->seats = must_calloc((size_t)plan->workers, sizeof *pool->seats);
    pool->empty = must_calloc((size_t)plan->workers, sizeof *pool->empty);
    *failed = pool_map_memory(pool);
    if (!*failed)
        return pool;
    int error = errno;
    pool_free(pool);
    errno = error;
    return NULL;
}

static void pool_log_mmap(const struct pool *pool, bool shared, size_t size, const char *what)
{
    events_call(pool->job->id, NO_WORKER,
                (struct event){.call = CALL_MMAP, .a = (int64_t)size, .b = shared, .text = what});
}

void pool_start(struct pool *pool, struct job *job)
{
    pool->job = job;
    job->data = pool;
    job->replaces = true;
    pool->started = clock_now();
    pool->first_worker = job->count;
    pool_log_mmap(pool, pool_is_shared(&pool->plan), pool->results_size, "the results");
    pool_log_mmap(pool, true, pool_in_hand_size(pool), "tasks in hand");
    bool idle = pool->plan.tasks == 0 && pool->plan.initializer == INIT_NONE;
    for (uint32_t i = 0; i < pool->plan.workers; i++) {
        pool->seats[i].number = i;
        if (!idle)
            pool_want(pool, i);
    }
    if (pool->plan.timeout >= 0 && !idle) {
        pool->timeout = loop_after(pool->plan.timeout, pool_time_out, pool);
        job->deadline = clock_now() + pool->plan.timeout;
    }
    pool_fill_seats(pool);
}

int64_t pool_done(const struct pool *pool)
{
    return scheduler_count_done(pool->deal);
}

int64_t pool_deaths(const struct pool *pool)
{
    return pool->deaths;
}

int64_t pool_settled(const struct pool *pool)
{
    return scheduler_settled(pool->deal);
}

int64_t pool_workers(const struct pool *pool)
{
    return pool->seats_used;
}

const struct scheduler *pool_scheduler(const struct pool *pool)
{
    return pool->deal;
}

const int64_t *pool_results(const struct pool *pool)
{
    return pool->results;
}

int64_t pool_result_count(const struct pool *pool)
{
    return pool->plan.unordered ? pool->arrived : pool->plan.tasks;
}

enum pool_end pool_end(const struct pool *pool)
{
    return pool->end;
}

bool pool_was_given_up(const struct pool *pool)
{
    return pool->given_up;
}

int64_t pool_count_unprepared(const struct pool *pool)
{
    return pool->unprepared;
}

int pool_error(const struct pool *pool)
{
    return pool->error;
}

bool pool_was_short(const struct pool *pool)
{
    return pool->was_short;
}

bool pool_has_gaps(const struct pool *pool)
{
    return !pool->plan.unordered && scheduler_count_done(pool->deal) < pool->plan.tasks;
}

void pool_keep_results(struct pool *pool)
{
    bool gaps = pool_has_gaps(pool);
    // No later worker is to reach them. Where the kernel refuses, each has one mapping more.
    (void)madvise(pool->results, pool->results_size, MADV_DONTFORK);
    results_put((struct kept){.job = pool->job->id,
                              .results = pool->results,
                              .size = pool->results_size,
                              .count = pool_result_count(pool),
                              .deal = gaps ? pool->deal : NULL});
    pool->results = NULL;
    pool->deal = gaps ? NULL : pool->deal;
}

int64_t pool_wall(const struct pool *pool)
{
    return pool->ended - pool->started;
}

size_t pool_first_worker(const struct pool *pool)
{
    return pool->first_worker;
}

// Spreads one number over 64 bits (the finalizer of SplitMix64: Steele, Lea and Flood, 2014).
static uint64_t pool_scatter(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint64_t pool_digest(const struct pool *pool)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < pool->plan.tasks; i++) {
        uint64_t place = pool->plan.unordered ? 0 : pool_scatter((uint64_t)i + 1);
        sum += pool_scatter((uint64_t)pool->results[i] + 1 + place);
    }
    return sum;
}
