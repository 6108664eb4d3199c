// SPDX-License-Identifier: GPL-3.0-or-later
// A lab runs a scenario: workers that share objects, from the first start to the end of the last.
// It starts them as planned, handles their frames, tells the objects of each death, and decides
// when all is over. What is printed about it is up to its command (struct lab_ops).
#ifndef FORKLAB_JOBS_LAB_H
#define FORKLAB_JOBS_LAB_H

#include "jobs/deadlock.h"
#include "jobs/job.h"
#include "sync/sync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab;

// When the workers are started: each after the one before has ended; all at once (some in each turn
// of the loop); some time apart; or the first now and each other one by lab_start_next().
enum lab_start { LAB_ONE_BY_ONE, LAB_TOGETHER, LAB_STAGGERED, LAB_ON_DEMAND };

struct lab_plan {
    int64_t workers; // how many are to be started
    int64_t first;   // only so many of them before lab_start_rest(); 0 for all
    enum lab_start start;
    int64_t stagger; // ns between two starts
    int64_t timeout; // ns from the beginning until all are ended; -1 for no limit
    // Without such a limit: ns from the first circle of workers that wait for each other; -1 for
    // none.
    int64_t circle_timeout;
    int (*body)(const struct self *self, const void *argument); // in the worker
    const void *argument;
};

// What the command does and says. All are called in the parent; any but `assign` and `over` may be
// NULL.
struct lab_ops {
    // Worker `number` is to be started now: fills in what it is to be. The body is the plan's
    // unless it sets another.
    void (*assign)(struct lab *lab, uint32_t number, struct assignment *assignment);
    // A worker could not be started, errno and job->failed_call say why. No more will be.
    void (*not_started)(struct lab *lab);
    // As in struct job_ops.
    bool (*frame)(struct worker *worker, const struct frame *frame, const void *block);
    void (*lost)(struct worker *worker);
    void (*ended)(struct worker *worker);
    // The death of `worker` meant something for an object.
    void (*death)(struct worker *worker, const struct sync *object, struct sync_death death);
    // Workers wait for each other in a circle; or for an object that a stopped one has: a sentence.
    void (*stuck)(struct lab *lab, const char *words);
    // Time is over: all workers are being ended.
    void (*timed_out)(struct lab *lab);
    // All is over: concludes. Returns the job's status.
    int (*over)(struct lab *lab);
};

struct lab {
    struct job *job;
    struct lab_plan plan;
    const struct lab_ops *ops;
    void *data;              // the command's own
    struct sync_set objects; // of the job
    struct deadlock_watch deadlocks;
    struct timer *starting, *pause, *timeout;
    int64_t timeout_ns; // of `timeout`
    // Of waits for objects that have ended: how many there were, and the longest.
    int64_t waits, longest_ns;
    uint32_t longest_of;
    void (*after_pause)(struct lab *lab);
    char name[WORKER_NAME_ROOM]; // of the worker that is being started
    bool rest;                   // after lab_start_rest()
    bool stopped;                // no more workers are started
};

// The callbacks for a job whose data is a lab.
extern const struct job_ops lab_job_ops;

// Makes a lab without workers or objects. Its `job` is to be set before anything else: a new one
// with lab_job_ops and the lab as its data. lab_free() frees it with its objects, once the job is
// done; `data` is the caller's.
struct lab *lab_new(const struct lab_plan *plan, const struct lab_ops *ops, void *data);
void lab_free(struct lab *lab);

// Returns the lab of a worker whose job is not done.
struct lab *lab_of(const struct worker *worker);

// Within ops->assign: names worker `number` "p1", "p2", ..., so that %J.1 is the first, too.
void lab_name(struct lab *lab, uint32_t number, struct assignment *assignment);

// Adds an object to the job, before lab_begin(); as sync_add().
void *lab_share(struct lab *lab, const struct sync_kind *kind, const char *name, uint32_t workers,
                int64_t capacity);

// Starts workers as planned. The lab may be over when this returns.
void lab_begin(struct lab *lab);

// Ends a lab that has not begun, because a resource that it needs could not be made.
void lab_give_up(struct lab *lab);

// Starts the next worker, with LAB_ON_DEMAND. False when it could not be started.
bool lab_start_next(struct lab *lab);

// Starts the workers beyond the plan's `first`, as planned; once, in a later turn of the loop.
void lab_start_rest(struct lab *lab);

// Calls `next` once, in `ns`. The scenario is not over before, unless it is cancelled: then there
// is no call.
void lab_after(struct lab *lab, int64_t ns, void (*next)(struct lab *lab));

// Starts no more workers, and ends those that live.
void lab_end(struct lab *lab);

// Returns how much of all workers' work is done, from 0 to 1, as they report it; and how many have
// finished.
double lab_progress(const struct lab *lab);
int64_t lab_finished(const struct lab *lab);

#endif
