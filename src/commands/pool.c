// SPDX-License-Identifier: GPL-3.0-or-later
// pool: a function mapped over 0 ... N-1 on W workers. What a dead worker had in hand is done again.
#include "commands/table.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/out.h"
#include "commands/work.h"
#include "process/deal.h"
#include "process/events.h"
#include "process/kept.h"
#include "process/loop.h"
#include "process/work.h"
#include "shell/objects.h"
#include "view/list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct pool_args {
    int64_t workers;
    int64_t tasks;
    int64_t map;
    int64_t chunk;
    bool unordered;
    int64_t max_tasks;
    int64_t retries;
    int64_t timeout;
    bool init;
    bool all;
    int64_t poison;
    struct work_args work;
};

#define TASKS_MOST 100000000

static const struct arg args[] = {
    {"W", ARG_COUNT, true, offsetof(struct pool_args, workers), 1, 10000, 0, NULL,
     "how many workers at a time"},
    {"N", ARG_COUNT, true, offsetof(struct pool_args, tasks), 0, TASKS_MOST, 0, NULL,
     "how many tasks: the function is called with 0 ... N-1"},
    {"--map", ARG_CHOICE, false, offsetof(struct pool_args, map), 0, 0, MAP_SQUARE, map_names,
     "the square; the i-th prime, found the slow way; or i itself, after a sleep of 100ms"},
    {"--chunk", ARG_COUNT, false, offsetof(struct pool_args, chunk), 1, TASKS_MOST, 0, NULL,
     "tasks dealt at a time; if left out, many at first and few at the end"},
    {"--unordered", ARG_FLAG, false, offsetof(struct pool_args, unordered), 0, 0, 0, NULL,
     "results as they come"},
    {"--max-tasks", ARG_COUNT, false, offsetof(struct pool_args, max_tasks), 1, TASKS_MOST, 0, NULL,
     "replaces a worker after so many tasks"},
    {"--retries", ARG_COUNT, false, offsetof(struct pool_args, retries), 0, 1000, 1, NULL,
     "how often a task may kill its worker and be run again; 1 if left out"},
    {"--timeout", ARG_DURATION, false, offsetof(struct pool_args, timeout), 0, DURATION_MAX, -1,
     NULL, "ends it all after T"},
    {"--init", ARG_FLAG, false, offsetof(struct pool_args, init), 0, 0, 0, NULL,
     "every worker runs an initializer first, and says so"},
    {"--all", ARG_FLAG, false, offsetof(struct pool_args, all), 0, 0, 0, NULL,
     "prints every result"},
    {"--for", ARG_DURATION, false, offsetof(struct pool_args, work.for_ns), 0, DURATION_MAX, -1,
     NULL, "every task takes so long at least"},
    ARG_DAEMON(struct pool_args),
    ARG_AS(struct pool_args),
    ARG_WHICH(struct pool_args, 0),
    {"--poison", ARG_COUNT, false, offsetof(struct pool_args, poison), 0, TASKS_MOST, -1, NULL,
     "this task kills any worker that runs it"},
    ARG_EXIT(struct pool_args),
    {0},
};

// A worker whose chunks take less is given two at a time, so that it need not wait for the next.
#define FAST_CHUNK (5 * NS_PER_MS)

// When so many workers die in a row and nothing gets done, more would not help.
enum { DEATHS_MOST = 1000 };

// The place of one worker after another.
struct seat {
    uint32_t number;
    struct worker *worker; // or NULL
    int64_t given;         // tasks, to this worker
    int64_t given_at;
    bool fast;
    bool stopped;
};

// The task that a worker is at, alone in its cache line.
struct in_hand {
    _Atomic int64_t task;
    char padding[56];
};

struct pool {
    struct call *call;
    const struct pool_args *args;
    struct deal *deal;
    struct seat *seats;
    struct in_hand *in_hand; // by seat, shared with the workers
    int64_t *results;
    int64_t arrived; // results, for --unordered
    int64_t deaths, deaths_in_row;
    struct timer *timeout;
};

// In a worker.

struct pool_birth {
    const struct pool *pool;
    const struct seat *seat;
};

static int work_in_pool(const struct self *self, const void *argument)
{
    const struct pool_birth *birth = argument;
    struct map_work work = {.map = (enum map)birth->pool->args->map,
                            .initialize = birth->pool->args->init,
                            .poison = birth->pool->args->poison,
                            .in_hand = &birth->pool->in_hand[birth->seat->number].task};
    return work_map(self, &work);
}

// In the REPL.

static bool start_in(struct pool *pool, struct seat *seat, bool again)
{
    struct pool_birth birth = {.pool = pool, .seat = seat};
    // Only the first one in a seat is the one that --which means.
    struct assignment assignment =
        work_assign(&pool->args->work, again ? -1 : (int64_t)seat->number);
    assignment.own_pipe = true; // blocks of results are longer than what is written as a whole
    assignment.down_pipe = true;
    assignment.run = work_in_pool;
    assignment.argument = &birth;
    atomic_store(&pool->in_hand[seat->number].task, -1);
    *seat = (struct seat){.number = seat->number};
    seat->worker = work_start(pool->call, &assignment, pool->args->workers);
    if (!seat->worker)
        return false;
    seat->worker->place = seat;
    return true;
}

static void stop(struct seat *seat)
{
    if (!seat->worker || seat->stopped)
        return;
    seat->stopped = true;
    if (!job_tell(seat->worker, FRAME_STOP, 0, 0) && errno != EPIPE)
        job_end_worker(seat->worker);
}

// Deals to one seat until it has enough.
static void deal_to(struct pool *pool, struct seat *seat)
{
    size_t enough = seat->fast ? 2 : 1;
    if (!seat->worker || seat->stopped || seat->worker->lost)
        return;
    while (deal_held(pool->deal, seat->number) < enough) {
        int64_t most = pool->args->max_tasks > 0 ? pool->args->max_tasks - seat->given : INT64_MAX;
        int64_t first, count;
        if (!deal_next(pool->deal, seat->number, most, &first, &count))
            break;
        seat->given += count;
        seat->given_at = clock_now();
        events_add(EVENT_DEALT, pool->call->job->id, seat->worker->number, first, count, NULL);
        // A worker that has just died gives its tasks back when it is reaped.
        if (!job_tell(seat->worker, FRAME_CHUNK, first, count) && errno != EPIPE)
            job_end_worker(seat->worker);
    }
    bool used_up = pool->args->max_tasks > 0 && seat->given >= pool->args->max_tasks;
    if (used_up && deal_held(pool->deal, seat->number) == 0)
        stop(seat);
}

static void deal_to_all(struct pool *pool)
{
    for (int64_t i = 0; i < pool->args->workers; i++) {
        if (deal_is_over(pool->deal))
            stop(&pool->seats[i]);
        else
            deal_to(pool, &pool->seats[i]);
    }
}

static bool take_results(struct pool *pool, struct worker *worker, const struct frame *frame,
                         const void *block)
{
    struct seat *seat = worker->place;
    if (!deal_done(pool->deal, seat->number, frame->a, frame->b))
        return false;
    int64_t at = pool->args->unordered ? pool->arrived : frame->a;
    memcpy(pool->results + at, block, frame->length);
    pool->arrived += frame->b;
    pool->deaths_in_row = 0;
    if (deal_held(pool->deal, seat->number) == 0)
        seat->fast = clock_now() - seat->given_at < FAST_CHUNK;
    if (deal_is_over(pool->deal))
        deal_to_all(pool);
    else
        deal_to(pool, seat);
    return true;
}

static bool hear(struct worker *worker, const struct frame *frame, const void *block)
{
    if (frame->type == FRAME_RESULTS)
        return take_results(worker->job->data, worker, frame, block);
    if (frame->type == FRAME_OUTPUT)
        work_print(frame, block);
    return true;
}

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

static void print_results(const struct pool *pool)
{
    bool gaps = has_gaps(pool);
    if (objects_is_on())
        objects_results(pool->call->job->id, pool->results, count_results(pool),
                        gaps ? is_lost : NULL, pool);
    else
        list_print("Pool: ", pool->results, count_results(pool), pool->args->all,
                   gaps ? lost_gap : NULL, pool);
}

static size_t results_size(const struct pool *pool)
{
    return (size_t)(pool->args->tasks > 0 ? pool->args->tasks : 1) * sizeof *pool->results;
}

// Leaves the results to `results %J`.
static void keep_results(struct pool *pool)
{
    bool gaps = has_gaps(pool);
    kept_put((struct kept){.job = pool->call->job->id,
                           .results = pool->results,
                           .size = results_size(pool),
                           .count = count_results(pool),
                           .deal = gaps ? pool->deal : NULL});
    pool->results = NULL;
    pool->deal = gaps ? NULL : pool->deal;
}

static int report_lost(const struct pool *pool)
{
    int64_t lost = deal_count_lost(pool->deal), shown = 0;
    struct text which = {0};
    for (int64_t task = 0; task < pool->args->tasks && shown < 5 && shown < lost; task++)
        if (deal_is_lost(pool->deal, task))
            text_print(&which, "%s%" PRId64, shown++ > 0 ? ", " : "", task);
    if (shown < lost)
        text_add_string(&which, ", ...");
    call_fail(pool->call,
              "%" PRId64 " of %" PRId64 " tasks are lost: %s; they killed their workers", lost,
              pool->args->tasks, text_string(&which));
    text_free(&which);
    return STATUS_FAILED;
}

static void summarize(const struct pool *pool)
{
    struct text text = {0};
    int64_t workers = pool->args->workers, tasks = pool->args->tasks;
    text_print(&text, "%" PRId64 " worker%s, %" PRId64 " task%s: ", workers,
               workers == 1 ? "" : "s", tasks, tasks == 1 ? "" : "s");
    work_add_times(pool->call->job, workers, &text);
    if (pool->deaths > 0)
        text_print(&text, "; %" PRId64 " worker%s died and what they had in hand was run again",
                   pool->deaths, pool->deaths == 1 ? "" : "s");
    call_summary(pool->call, "%s", text_string(&text));
    text_free(&text);
}

static void finish(struct pool *pool)
{
    struct call *call = pool->call;
    int status = STATUS_FAILED;
    if (pool->timeout)
        loop_cancel(pool->timeout);
    pool->timeout = NULL;
    if (call->interrupted) {
        status = work_conclude(call);
    } else if (!call->failed && call->job->cancelled) {
        call_fail(call, "it was ended; %" PRId64 " of %" PRId64 " tasks were done",
                  deal_count_done(pool->deal), pool->args->tasks);
    } else if (!call->failed) {
        print_results(pool);
        status = deal_count_lost(pool->deal) > 0 ? report_lost(pool) : STATUS_OK;
        summarize(pool);
        work_report_times(call, pool->args->workers);
        keep_results(pool);
    }
    job_finish(call->job, status);
}

static void time_out(void *data)
{
    struct pool *pool = data;
    char allowed[32];
    pool->timeout = NULL;
    number_format_duration(pool->args->timeout, allowed, sizeof allowed);
    call_fail(pool->call, "timed out after %s; %" PRId64 " of %" PRId64 " tasks were done", allowed,
              deal_count_done(pool->deal), pool->args->tasks);
    job_cancel(pool->call->job);
}

static void replace(struct pool *pool, struct seat *seat)
{
    if (pool->deaths_in_row >= DEATHS_MOST)
        deal_give_up(pool->deal);
    else if (deal_has_next(pool->deal) && !start_in(pool, seat, true))
        job_cancel(pool->call->job);
}

static void note_lost_task(struct pool *pool, int64_t lost_before, int64_t task)
{
    if (deal_count_lost(pool->deal) > lost_before)
        events_add(EVENT_TASK_LOST, pool->call->job->id, NO_WORKER, task, 0, NULL);
}

static void part(struct worker *worker)
{
    struct pool *pool = worker->job->data;
    struct seat *seat = worker->place;
    int64_t in_hand = atomic_load(&pool->in_hand[seat->number].task);
    int64_t lost_before = deal_count_lost(pool->deal);
    bool died = !worker_did_well(worker);
    seat->worker = NULL;
    deal_died(pool->deal, seat->number, died ? in_hand : -1);
    note_lost_task(pool, lost_before, in_hand);
    pool->deaths += died;
    pool->deaths_in_row += died;
    if (!worker->job->cancelled && !deal_is_over(pool->deal))
        replace(pool, seat);
    deal_to_all(pool);
    if (worker->job->unfinished == 0)
        finish(pool);
}

static const struct job_ops pool_job_ops = {.frame = hear, .ended = part};

static void show_progress(const struct call *call, struct progress *progress)
{
    const struct pool *pool = call->state;
    progress->unit = "tasks";
    progress->done = deal_count_done(pool->deal);
    progress->total = pool->args->tasks;
    progress->part = progress->total > 0 ? (double)progress->done / (double)progress->total : 1;
}

static size_t in_hand_size(const struct pool *pool)
{
    return (size_t)pool->args->workers * sizeof *pool->in_hand;
}

static void free_pool(struct call *call)
{
    struct pool *pool = call->state;
    if (pool->results)
        munmap(pool->results, results_size(pool));
    if (pool->in_hand)
        munmap(pool->in_hand, in_hand_size(pool));
    deal_free(pool->deal);
    free(pool->seats);
    free(pool);
}

static const struct call_ops pool_call_ops = {.progress = show_progress, .free = free_pool};

// NULL with errno.
static void *map(size_t size, int flag)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flag | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

// False with errno.
static bool map_memory(struct pool *pool)
{
    const struct job *job = pool->call->job;
    kept_make_room(results_size(pool));
    pool->results = map(results_size(pool), MAP_PRIVATE);
    work_log_mmap(job, false, results_size(pool), "the results", pool->results);
    if (!pool->results)
        return false;
    // Workers have no use for it, and forking one stays as cheap as without it.
    if (madvise(pool->results, results_size(pool), MADV_DONTFORK) < 0)
        return false;
    pool->in_hand = map(in_hand_size(pool), MAP_SHARED);
    work_log_mmap(job, true, in_hand_size(pool), "tasks in hand", pool->in_hand);
    return pool->in_hand != NULL;
}

static int run(struct call *call)
{
    const struct pool_args *pool_args = call->args;
    int status = work_check(call, &pool_args->work, 0, pool_args->workers - 1);
    if (status != STATUS_OK)
        return status;
    if (pool_args->poison >= pool_args->tasks)
        return call_misuse(call, "--poison must be one of the tasks: there are %" PRId64,
                           pool_args->tasks);
    struct pool *pool = must_calloc(1, sizeof *pool);
    *pool = (struct pool){.call = call, .args = pool_args};
    call->state = pool;
    call->ops = &pool_call_ops;
    struct deal_plan plan = {.tasks = pool_args->tasks,
                             .seats = (uint32_t)pool_args->workers,
                             .chunk = pool_args->chunk,
                             .retries = pool_args->retries};
    pool->deal = deal_new(&plan);
    pool->seats = must_calloc((size_t)pool_args->workers, sizeof *pool->seats);
    call_job(call, &pool_job_ops, pool)->daemon = pool_args->work.daemon;
    if (!map_memory(pool)) {
        status = call_fail(call, "mmap: %s; there is no room for %" PRId64 " results",
                           strerror(errno), pool_args->tasks);
        job_finish(call->job, status);
        return STATUS_PENDING;
    }
    for (int64_t i = 0; i < pool_args->workers && !call->failed && pool_args->tasks > 0; i++) {
        pool->seats[i].number = (uint32_t)i;
        if (start_in(pool, &pool->seats[i], false))
            deal_to(pool, &pool->seats[i]);
    }
    if (call->failed)
        job_cancel(call->job);
    else if (pool_args->timeout >= 0 && call->job->unfinished > 0)
        pool->timeout = loop_after(pool_args->timeout, time_out, pool);
    if (call->job->unfinished == 0)
        finish(pool);
    return STATUS_PENDING;
}

const struct command command_pool = {
    .name = "pool",
    .group = "The six",
    .summary = "maps a function over 0 ... N-1 on W workers",
    .details =
        "Results come in the order of the tasks. A worker that dies is replaced, and what it had "
        "in hand is run again; a task that keeps killing its worker is lost, all others are "
        "done, and the command fails.",
    .example = "pool 4 10",
    .args = args,
    .args_size = sizeof(struct pool_args),
    .background = true,
    .run = run,
};
