// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that start workers have in common: options, starting, and how it all ended.
#ifndef FORKLAB_COMMANDS_LAUNCH_H
#define FORKLAB_COMMANDS_LAUNCH_H

#include "base/number.h"
#include "jobs/lab.h"
#include "worker/faults.h"
#include "shell/call.h"

#include <stddef.h>

// The options' values; every command uses those it offers.
struct launch_args {
    int64_t for_ns; // -1 when it was not given
    int64_t size;
    bool daemon;
    int64_t as;    // an enum fault
    int64_t which; // the one worker that misbehaves, or -1 for all
    int64_t at;    // the step where, as an index into the command's list of words, or -1
    int64_t exit;
    int64_t stagger; // ns
    int64_t timeout; // ns, or -1
};

#define SIZE_MOST 1000000000

// Entries for a command's table of arguments; its struct has a `struct launch_args work`.
#define ARG_FOR(owner)                                                                             \
    {                                                                                              \
        .name = "--for", .type = ARG_DURATION, .field = offsetof(owner, work.for_ns),              \
        .max = DURATION_MAX, .standard = -1,                                                       \
        .help = "keeps each worker computing until T has passed"                                   \
    }
#define ARG_SIZE(owner, usual)                                                                     \
    {                                                                                              \
        .name = "--size", .type = ARG_COUNT, .field = offsetof(owner, work.size),                  \
        .max = SIZE_MOST, .standard = (usual), .help = "how many results do_something computes"    \
    }
#define ARG_DAEMON(owner)                                                                          \
    {                                                                                              \
        .name = "--daemon", .type = ARG_FLAG, .field = offsetof(owner, work.daemon),               \
        .help = "marks the workers as daemons: quit terminates them"                               \
    }
#define ARG_AS(owner)                                                                              \
    {                                                                                              \
        .name = "--as", .type = ARG_CHOICE, .field = offsetof(owner, work.as),                     \
        .choices = faults_names, .meanings = faults_meanings,                                      \
        .help = "makes workers misbehave on purpose"                                               \
    }
#define ARG_WHICH(owner, first)                                                                    \
    {                                                                                              \
        .name = "--which", .type = ARG_COUNT, .field = offsetof(owner, work.which),                \
        .min = (first), .max = 100000, .standard = -1, .standard_is = "all",                       \
        .help = "only this one misbehaves; I in %J.I"                                              \
    }
#define ARG_EXIT(owner)                                                                            \
    {                                                                                              \
        .name = "--exit", .type = ARG_COUNT, .field = offsetof(owner, work.exit), .max = 255,      \
        .help = "the status that workers end with"                                                 \
    }

#define ARG_STAGGER(args_type, usual)                                                              \
    {                                                                                              \
        .name = "--stagger", .type = ARG_DURATION, .field = offsetof(args_type, work.stagger),     \
        .min = 0, .max = 60 * NS_PER_S, .standard = (usual), .help = "the time between two starts" \
    }
#define ARG_TIMEOUT(args_type)                                                                     \
    {                                                                                              \
        .name = "--timeout", .type = ARG_DURATION, .field = offsetof(args_type, work.timeout),     \
        .min = 0, .max = DURATION_MAX, .standard = -1,                                             \
        .help = "ends all workers when it takes longer"                                            \
    }
#define ARG_AT(args_type, words)                                                                   \
    {                                                                                              \
        .name = "--at", .type = ARG_CHOICE, .field = offsetof(args_type, work.at), .standard = -1, \
        .choices = (words), .help = "the step where it misbehaves, of each worker's the first"     \
    }

// Checks what the table can't: --which needs --as and one of the workers first..last. STATUS_OK, or
// STATUS_MISUSE after it said so.
int launch_check(struct call *call, const struct launch_args *args, int64_t first, int64_t last);

// The same for a command that has --at, which needs --as.
int launch_check_at(struct call *call, const struct launch_args *args);

// Returns the step where workers misbehave: of the words that --at offers the one that was given,
// else the first one.
enum step launch_step(const struct launch_args *args, const char *const *words);

// Returns what worker `number`, counted like --which, is to be. `run`, `argument` and the name are
// left to the caller.
struct assignment launch_assign(const struct launch_args *args, int64_t number);

// How many results they compute: SIZE, else --size, else `otherwise`; -1 for those left out.
int64_t launch_size(int64_t size, const struct launch_args *args, int64_t otherwise);

// How long workers compute: --for, else `set for`, else `otherwise`.
int64_t launch_for(const struct launch_args *args, int64_t otherwise);

// Starts a worker. NULL after it told the call's user why not and, unless `wanted` is 0, that only
// `started` of `wanted` workers were started.
struct worker *launch_start(struct call *call, const struct assignment *assignment, int64_t started,
                            int64_t wanted);

// Logs that memory was mapped for the job, or could not be when `memory` is NULL (then errno says
// why). `size` is 0 when it is not known here.
void launch_log_mmap(const struct job *job, bool shared, size_t size, const char *what,
                     const void *memory);

// Makes a lab for the call: a job with that plan, and `state_size` bytes of zero as the command's
// own state (lab->data). call->state is the lab, call->ops shows its progress and frees all of it.
// Then lab_share() adds objects, and lab_begin() starts.
struct lab *launch_lab(struct call *call, const struct lab_plan *plan, const struct lab_ops *ops,
                       const struct launch_args *args, size_t state_size);

// Returns the call that a lab is run for.
struct call *launch_call(const struct lab *lab);

// Adds an object to a lab, as lab_share(). NULL after it told why not: then lab_give_up() is due.
void *launch_share(struct lab *lab, const struct sync_kind *kind, const char *name,
                   uint32_t workers, int64_t capacity);

// For struct lab_ops: says that a worker could not be started; the same, and ends the others, which
// would wait for it; prints the lines that workers send; says what a death meant for an object;
// says that time is over; and which workers wait in vain.
void launch_tell_not_started(struct lab *lab);
void launch_end_not_started(struct lab *lab);
bool launch_print_lines(struct worker *worker, const struct frame *frame, const void *block);
void launch_tell_death(struct worker *worker, const struct sync *object, struct sync_death death);
void launch_tell_timeout(struct lab *lab);
void launch_tell_stuck(struct lab *lab, const char *words);

// Prints that a worker got an object that another died with, if FRAME_HOLDS says so.
void launch_tell_heir(const struct worker *worker, const struct frame *frame);

// Concludes: says what went wrong, unless that was told already. Returns the status.
int launch_conclude(struct lab *lab);

// Adds how long workers waited: "; 2 waits, the longest 0.10 s (p3)"; and the figures of that.
void launch_add_waits(const struct lab *lab, struct text *text);

// For struct call_ops of a call with a lab.
void launch_show_progress(const struct call *call, struct progress *progress);
void launch_free(struct call *call);

// Prints a line that a worker sent.
void launch_print(const struct frame *frame, const void *block);

#endif
