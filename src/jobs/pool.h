// SPDX-License-Identifier: GPL-3.0-or-later
// A pool: workers on their seats, the tasks that each gets, the replacement of dead ones, and the
// end of the run. It prints nothing.
#ifndef FORKLAB_JOBS_POOL_H
#define FORKLAB_JOBS_POOL_H

#include "jobs/job.h"
#include "jobs/scheduler.h"
#include "worker/pool_worker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_plan {
    int64_t workers; // at a time
    int64_t tasks;
    enum map map;
    int64_t chunk; // tasks dealt at a time, or 0
    bool unordered;
    enum delivery delivery; // DELIVER_PIPE if unordered: results then have no place of their own
    bool in_order;          // pool_settled() is asked for
    int64_t max_tasks;      // a worker is replaced after so many, or 0
    int64_t retries;
    int64_t timeout; // ns, or -1
    enum initializer initializer;
    int64_t poison, fail; // tasks, or -1
    bool needs_all;       // one whose first start fails is not tried again
};

struct pool;

// Why it has ended.
enum pool_end {
    POOL_OVER,       // every task is done, failed or lost
    POOL_TIMED_OUT,  // its time was over
    POOL_UNSTARTED,  // no worker is left, and in several tries none could be started
    POOL_UNPREPARED, // the initializer failed in all that were tried
    POOL_ENDED,      // its job was ended
};

// Callbacks of the command. `data` is what pool_new() was given.
struct pool_ops {
    // Returns what the next worker on a seat is to be; `again` for one that replaces another. Pipes
    // and what it runs are filled in by the pool.
    struct assignment (*assign)(void *data, uint32_t seat, bool again);
    // A worker has sent a line.
    void (*output)(void *data, const struct frame *frame, const void *block);
    // A worker could not be started (errno, and job->failed_call); `living` others go on. Told
    // once, when there are some. More tries follow. May be NULL.
    void (*short_of)(void *data, int64_t living);
    // These tasks are done. Their results stand at pool_results()[at]. May be NULL.
    void (*arrived)(void *data, int64_t first, int64_t count, int64_t at);
    // Its time is over; its workers are being ended.
    void (*timed_out)(void *data);
    // Its last worker is gone: may free the pool.
    void (*ended)(void *data);
};

// The job of a pool has these, and the pool as its data.
extern const struct job_ops pool_job_ops;

// Makes a pool, for pool_free() to free. NULL with errno when there is no memory for so many tasks,
// and `failed` names the call.
struct pool *pool_new(const struct pool_plan *plan, const struct pool_ops *ops, void *data,
                      const char **failed);
void pool_free(struct pool *pool);

// Runs it in a job that has pool_job_ops: one job has one pool at a time. Its workers are started
// in turns of the loop. ops->ended may be called before this returns.
void pool_start(struct pool *pool, struct job *job);

// Tasks done, and workers that died, so far.
int64_t pool_done(const struct pool *pool);
int64_t pool_deaths(const struct pool *pool);

// How many tasks have been settled, done or not, with none before them that has not; with in_order.
int64_t pool_settled(const struct pool *pool);

// How many workers it has had, without those that replaced others.
int64_t pool_workers(const struct pool *pool);

// How the tasks went.
const struct scheduler *pool_scheduler(const struct pool *pool);

// The results by task or, if unordered, as they came, and how many are in the list.
const int64_t *pool_results(const struct pool *pool);
int64_t pool_result_count(const struct pool *pool);

// The rest is for a pool that has ended.

enum pool_end pool_end(const struct pool *pool);

// Whether it was given up because too many workers died in a row.
bool pool_was_given_up(const struct pool *pool);

// How many workers' initializer failed.
int64_t pool_count_unprepared(const struct pool *pool);

// Returns the errno of the last worker that could not be started, or 0; job->failed_call names the
// call.
int pool_error(const struct pool *pool);

// Whether a worker could not be started, at any time.
bool pool_was_short(const struct pool *pool);

// Whether a result is missing from the list.
bool pool_has_gaps(const struct pool *pool);

// Leaves the results to results_find(). Of the pool's own only times and deaths can be asked after
// that, and pool_free() is still due.
void pool_keep_results(struct pool *pool);

// Returns how long it took by the clock, and its first worker's number in the job.
int64_t pool_wall(const struct pool *pool);
size_t pool_first_worker(const struct pool *pool);

// Returns a number that two pools share when their results are the same; if unordered, in any
// order.
uint64_t pool_digest(const struct pool *pool);

#endif
