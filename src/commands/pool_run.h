// SPDX-License-Identifier: GPL-3.0-or-later
// One run of a pool: what `pool` does once, and `scale` several times.
#ifndef FORKLAB_COMMANDS_POOL_RUN_H
#define FORKLAB_COMMANDS_POOL_RUN_H

#include "commands/launch.h"
#include "worker/pool_worker.h"
#include "worker/workload.h"
#include "commands/summary.h"

#include <stdbool.h>
#include <stdint.h>

struct pool_args {
    int64_t workers;
    int64_t tasks;
    int64_t map; // an enum map
    int64_t chunk;
    bool unordered;
    int64_t max_tasks;
    int64_t retries;
    int64_t timeout; // ns, or -1
    bool init;
    bool all;
    int64_t poison;
    struct launch_args work;
};

#define TASKS_MOST 100000000

// Entries for a command's table of arguments; the first member of its struct is a `struct
// pool_args`.
#define POOL_FIELD(member) offsetof(struct pool_args, member)
// clang-format off
#define POOL_ARGS(workers_most, tasks_least)                                                       \
    {.name = "W",                                                                                  \
     .type = ARG_COUNT,                                                                            \
     .required = true,                                                                             \
     .field = POOL_FIELD(workers),                                                                 \
     .min = 1,                                                                                     \
     .max = workers_most,                                                                          \
     .help = "how many workers at a time"},                                                        \
    {.name = "N",                                                                                  \
     .type = ARG_COUNT,                                                                            \
     .required = true,                                                                             \
     .field = POOL_FIELD(tasks),                                                                   \
     .min = tasks_least,                                                                           \
     .max = TASKS_MOST,                                                                            \
     .help = "how many tasks: the function is called with 0 ... N-1"},                             \
    {.name = "--map",                                                                              \
     .type = ARG_CHOICE,                                                                           \
     .field = POOL_FIELD(map),                                                                     \
     .standard = MAP_SQUARE,                                                                       \
     .choices = map_names,                                                                         \
     .meanings = map_meanings, .help = "what a task computes"},                                    \
    {.name = "--chunk",                                                                            \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(chunk),                                                                   \
     .min = 1,                                                                                     \
     .max = TASKS_MOST,                                                                            \
     .standard_is = "many at first and few at the end", .help = "tasks dealt at a time"},          \
    {.name = "--unordered",                                                                        \
     .type = ARG_FLAG,                                                                             \
     .field = POOL_FIELD(unordered),                                                               \
     .help = "results as they come"},                                                              \
    {.name = "--max-tasks",                                                                        \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(max_tasks),                                                               \
     .min = 1,                                                                                     \
     .max = TASKS_MOST,                                                                            \
     .help = "replaces a worker after so many tasks"},                                             \
    {.name = "--retries",                                                                          \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(retries),                                                                 \
     .max = 100,                                                                                   \
     .standard = 1,                                                                                \
     .help = "how often a task may kill its worker and be run again"},                             \
    {.name = "--timeout",                                                                          \
     .type = ARG_DURATION,                                                                         \
     .field = POOL_FIELD(timeout),                                                                 \
     .max = DURATION_MAX,                                                                          \
     .standard = -1,                                                                               \
     .help = "ends a pool after T"},                                                               \
    {.name = "--init",                                                                             \
     .type = ARG_FLAG,                                                                             \
     .field = POOL_FIELD(init),                                                                    \
     .help = "every worker runs an initializer first, and says so"},                               \
    {.name = "--all",                                                                              \
     .type = ARG_FLAG,                                                                             \
     .field = POOL_FIELD(all),                                                                     \
     .help = "prints every result"},                                                               \
    {.name = "--for",                                                                              \
     .type = ARG_DURATION,                                                                         \
     .field = POOL_FIELD(work.for_ns),                                                             \
     .max = DURATION_MAX,                                                                          \
     .standard = -1,                                                                               \
     .help = "every task takes so long at least"},                                                 \
    ARG_DAEMON(struct pool_args), ARG_AS(struct pool_args), ARG_WHICH(struct pool_args, 0),        \
    {.name = "--poison",                                                                           \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(poison),                                                                  \
     .max = TASKS_MOST,                                                                            \
     .standard = -1,                                                                               \
     .help = "this task kills any worker that runs it"},                                           \
    ARG_EXIT(struct pool_args)
// clang-format on

struct pool;

// Checks what the table can't. STATUS_OK, or STATUS_MISUSE after it said so.
int pool_check(struct call *call, const struct pool_args *args);

// Makes a pool, for pool_free() to free; `args` stay the caller's and must outlive it. `on_end` is
// called once, when its last worker is gone. NULL after it said why there is none.
struct pool *pool_new(struct call *call, const struct pool_args *args,
                      void (*on_end)(struct pool *pool));
void pool_free(struct pool *pool);

// Runs it in the call's job, which it begins if there is none: one job has one pool at a time.
// on_end may be called before this returns, and may free the pool; job_finish() is left to it.
void pool_start(struct pool *pool);

// Returns the call that it was made for.
struct call *pool_call(const struct pool *pool);

// Tasks done, and workers that died, so far.
int64_t pool_done(const struct pool *pool);
int64_t pool_deaths(const struct pool *pool);

// The rest is for a pool that has ended.

// False when it was given up: interrupted, timed out, or not all workers could be started.
bool pool_is_whole(const struct pool *pool);

// Says what went wrong, if something did. Returns the status.
int pool_conclude(struct pool *pool);

// Prints the list of results, with gaps where tasks are lost; with --json as objects.
void pool_print_results(const struct pool *pool);

// Leaves the results to `results %J`; nothing above can be asked after that, and pool_free() is
// still due.
void pool_keep_results(struct pool *pool);

// Returns a number that two pools share when their results are the same; with --unordered, in any
// order.
uint64_t pool_digest(const struct pool *pool);

// Returns how long it took, and the CPU time of its workers.
struct times pool_times(const struct pool *pool);

#endif
