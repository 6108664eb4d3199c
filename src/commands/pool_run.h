// SPDX-License-Identifier: GPL-3.0-or-later
// One run of a pool: what `pool` does once, and `scale` several times.
#ifndef FORKLAB_COMMANDS_POOL_RUN_H
#define FORKLAB_COMMANDS_POOL_RUN_H

#include "commands/launch.h"
#include "commands/summary.h"
#include "jobs/pool.h"
#include "worker/workload.h"

#include <stdbool.h>
#include <stdint.h>

struct pool_args {
    int64_t workers;
    int64_t tasks;
    int64_t map; // an enum map
    int64_t chunk;
    bool unordered;
    int64_t delivery; // an enum delivery
    int64_t max_tasks;
    int64_t retries;
    int64_t timeout; // ns, or -1
    int64_t init;    // an enum initializer
    bool all;
    bool live;
    int64_t poison, fail;
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
     .max = (workers_most),                                                                        \
     .help = "how many workers at a time"},                                                        \
    {.name = "N",                                                                                  \
     .type = ARG_COUNT,                                                                            \
     .required = true,                                                                             \
     .field = POOL_FIELD(tasks),                                                                   \
     .min = (tasks_least),                                                                         \
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
     .help = "results as they come, through the pipes: they have no place of their own"},         \
    {.name = "--results",                                                                          \
     .type = ARG_CHOICE,                                                                           \
     .field = POOL_FIELD(delivery),                                                                \
     .standard = DELIVER_MEMORY,                                                                   \
     .choices = delivery_names,                                                                    \
     .meanings = delivery_meanings,                                                                \
     .help = "how results come back"},                                                             \
    {.name = "--max-tasks",                                                                        \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(max_tasks),                                                               \
     .min = 1,                                                                                     \
     .max = TASKS_MOST,                                                                            \
     .help = "replaces a worker after so many tasks; Python's maxtasksperchild counts chunks"},    \
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
     .type = ARG_SWITCH,                                                                           \
     .field = POOL_FIELD(init),                                                                    \
     .choices = initializer_names,                                                                 \
     .meanings = initializer_meanings,                                                             \
     .help = "every worker runs an initializer first, and says so"},                               \
    {.name = "--all",                                                                              \
     .type = ARG_FLAG,                                                                             \
     .field = POOL_FIELD(all),                                                                     \
     .help = "prints every result"},                                                               \
    {.name = "--live",                                                                             \
     .type = ARG_FLAG,                                                                             \
     .field = POOL_FIELD(live),                                                                    \
     .help = "prints results as they come, in their order unless --unordered"},                    \
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
    {.name = "--fail",                                                                             \
     .type = ARG_COUNT,                                                                            \
     .field = POOL_FIELD(fail),                                                                    \
     .max = TASKS_MOST,                                                                            \
     .standard = -1,                                                                               \
     .help = "this task fails; its worker lives on"},                                              \
    ARG_EXIT(struct pool_args)
// clang-format on

struct pool_run {
    struct call *call;
    const struct pool_args *args;
    struct pool *pool;
    bool needs_all; // it is no use with fewer workers than it asked for
    int64_t shown;  // tasks whose results were printed as they came
    void (*ended)(struct pool_run *run);
};

// Checks what the table can't. STATUS_OK, or STATUS_MISUSE after it said so.
int pool_run_check(struct call *call, const struct pool_args *args);

// Begins a run in the call's job, which it begins if there is none: one job has one run at a time.
// The caller owns `run`, and fills in `call`, `args`, `needs_all` and `ended`, which is called
// once, when the last worker is gone, perhaps before this returns. job_finish() is left to it, and
// pool_run_free() to the caller. False after it said why there is no pool.
bool pool_run_begin(struct pool_run *run);
void pool_run_free(struct pool_run *run);

// The rest is for a run that has ended.

// False when it was ended before all tasks were done or given up.
bool pool_run_is_whole(const struct pool_run *run);

// Says what went wrong, if something did. Returns the status.
int pool_run_conclude(struct pool_run *run);

// Prints the list of results, with gaps where tasks were lost, have failed or were not done; with
// --json as objects.
void pool_run_print(const struct pool_run *run);

// Returns how long it took, and the CPU time of its workers.
struct times pool_run_times(const struct pool_run *run);

#endif
