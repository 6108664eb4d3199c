// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that start workers have in common: options, starting, and how it all ended.
#ifndef FORKLAB_COMMANDS_WORK_H
#define FORKLAB_COMMANDS_WORK_H

#include "base/number.h"
#include "process/misbehave.h"
#include "shell/call.h"

#include <stddef.h>

// The options' values; every command uses those it offers.
struct work_args {
    int64_t for_ns; // -1 when it was not given
    int64_t size;
    bool daemon;
    int64_t as;    // an enum misbehaviour
    int64_t which; // the one worker that misbehaves, or -1 for all
    int64_t exit;
};

#define SIZE_MOST 1000000000

// Entries for a command's table of arguments; its struct has a `struct work_args work`.
#define ARG_FOR(type)                                                                              \
    {                                                                                              \
        "--for", ARG_DURATION, false, offsetof(type, work.for_ns), 0, DURATION_MAX, -1, NULL,      \
            "keeps each worker computing until T has passed"                                       \
    }
#define ARG_SIZE(type, usual)                                                                      \
    {                                                                                              \
        "--size", ARG_COUNT, false, offsetof(type, work.size), 0, SIZE_MOST, usual, NULL,          \
            "how many results do_something computes; " #usual " if left out"                       \
    }
#define ARG_DAEMON(type)                                                                           \
    {                                                                                              \
        "--daemon", ARG_FLAG, false, offsetof(type, work.daemon), 0, 0, 0, NULL,                   \
            "marks the workers as daemons: quit terminates them"                                   \
    }
#define ARG_AS(type)                                                                               \
    {                                                                                              \
        "--as", ARG_CHOICE, false, offsetof(type, work.as), 0, 0, 0, misbehaviour_names,           \
            "makes workers misbehave on purpose"                                                   \
    }
#define ARG_WHICH(type, first)                                                                     \
    {                                                                                              \
        "--which", ARG_COUNT, false, offsetof(type, work.which), first, 100000, -1, NULL,          \
            "only this one misbehaves, all if left out; counted from " #first                      \
    }
#define ARG_EXIT(type)                                                                             \
    {                                                                                              \
        "--exit", ARG_COUNT, false, offsetof(type, work.exit), 0, 255, 0, NULL,                    \
            "the status that workers end with"                                                     \
    }

// Checks what the table can't: --which needs --as and one of the workers first..last. STATUS_OK, or
// STATUS_MISUSE after it said so.
int work_check(struct call *call, const struct work_args *args, int64_t first, int64_t last);

// Returns what worker `number`, counted like --which, is to be. `run`, `argument` and the name are left
// to the caller.
struct assignment work_assign(const struct work_args *args, int64_t number);

// How many results they compute: SIZE, else --size, else `otherwise`; -1 for those left out.
int64_t work_size(int64_t size, const struct work_args *args, int64_t otherwise);

// How long workers compute: --for, else `set for`, else `otherwise`.
int64_t work_for(const struct work_args *args, int64_t otherwise);

// Starts a worker. NULL after it told the call's user why not and, unless `wanted` is 0, that only `started`
// of `wanted` workers were started.
struct worker *work_start(struct call *call, const struct assignment *assignment, int64_t started,
                          int64_t wanted);

// Logs that memory was mapped for the job, or could not be when `memory` is NULL (then errno says why).
// `size` is 0 when whoever asked for it keeps that to itself.
void work_log_mmap(const struct job *job, bool shared, size_t size, const char *what,
                   const void *memory);

// Prints a line that a worker sent.
void work_print(const struct frame *frame, const void *block);

// Once all workers have finished: says what went wrong, if something did that nobody asked for.
// Returns the job's status.
int work_conclude(struct call *call);

// How long something took by the clock, and how long its workers computed, in ns.
struct times {
    int64_t wall, cpu;
};

// Returns the times of a job until now.
struct times work_times(const struct job *job);

// Returns the CPU time of a job's workers from number `first` on.
int64_t work_cpu(const struct job *job, size_t first);

// With --json: how many results a worker had, or -1; and the figures that work_add_times() says.
void work_report_worker(const struct call *call, const struct worker *worker);
void work_report_times(const struct call *call, struct times times, int64_t at_once);

// Adds the summary of a call that started no worker.
void work_summarize_nobody(const struct call *call);

// Adds "wall 0.43 s, CPU 0.81 s; speed-up (CPU/wall) 1.9 of 2 on 2 cores": the last is what `at_once`
// workers could reach.
void work_add_times(struct times times, int64_t at_once, struct text *text);

// What `help` says of that, behind a command's other details.
#define WORK_ABOUT_TIMES                                                                           \
    "The speed-up is CPU time over wall time, of what workers and cores allow: the number of "     \
    "cores "                                                                                       \
    "that the workers kept busy. While one waits or sleeps, it counts nothing. 'scale' measures "  \
    "against one worker instead."

#endif
