// SPDX-License-Identifier: GPL-3.0-or-later
// Gates: before each named step a worker publishes that step and sleeps until it may take it, so
// that the order of steps is decided and not left to luck. Between two gates a worker touches
// nothing shared; the order of steps is then all that decides the outcome.
//
// All of it lies in one shared mapping made before the workers are forked. The processes are forks
// of one image: a pointer to static text, to a function or into shared memory means the same in all
// of them.
//
// One process acts at a time. The one that reaches its next gate chooses the next worker by the
// plan and the policy in the page, wakes it and sleeps; when there is nothing to choose it wakes
// the parent.
#ifndef FORKLAB_WORKER_GATE_H
#define FORKLAB_WORKER_GATE_H

#include "worker/report.h"
#include "worker/steps.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Workers that can be gated, and steps in the longest order; a set of workers is a mask of bits.
enum { GATE_WORKERS = 32, GATE_STEPS = 4096 };

// How a step that may block finds out. Called at gates only, by any of the processes, so both only
// read.
struct gate_wait {
    // True if worker `worker` would not have to wait now.
    bool (*ready)(const void *object, uint32_t worker);
    // The workers that must act before it can go on; 0 if that is unknown, and NULL if it always
    // is.
    uint32_t (*owners)(const void *object);
};

// One step to be taken. `verb` is in the third person singular: "loads", "takes". A sentence is
// made of verb, name and value, each but the verb left out if there is none.
struct gate_step {
    const char *verb;
    const char *name;             // of the object: "A"
    const void *object;           // handed to `wait`, or NULL
    const struct gate_wait *wait; // NULL for a step that never blocks
    const _Atomic uint32_t
        *word; // or a step that blocks while *word == asleep, in place of a futex
    uint32_t asleep;
    uint32_t number;             // of the object in its job, or 0
    const _Atomic int64_t *peek; // what the step would read, or NULL
    int64_t value;               // what it writes
    bool has_value;
};

struct gates; // the shared page

// In a worker: its own gate, or NULL while gates are off. Set by gate_serve().
extern struct gates *gate_page;

// The slow halves of what follows.
void gate_enter(const struct gate_step *step);
void gate_enter_named(enum step step, uint32_t object, const _Atomic uint32_t *word,
                      uint32_t asleep);
void gate_strike(const struct self *self, enum step step);

// In a worker, before named step `step` at the object of that number: commits the fault of --as if
// it is to happen there (--at), and returns once the step may be taken. While gates are off it
// costs two branches.
static inline void gate_pass(const struct self *self, enum step step, uint32_t object)
{
    if (self->at == step)
        gate_strike(self, step);
    if (gate_page)
        gate_enter_named(step, object, NULL, 0);
}

// In place of a futex wait, which would stop all others, too, while gates are on: returns true once
// *word differs from `asleep` and it is this worker's turn. False at once while gates are off: the
// caller sleeps in the kernel.
static inline bool gate_sleeps(uint32_t object, const _Atomic uint32_t *word, uint32_t asleep)
{
    if (!gate_page)
        return false;
    gate_enter_named(STEP_SLEEP, object, word, asleep);
    return true;
}

// The same as gate_pass() for steps that have no number, with all that there is to say about them.
static inline void gate_step(const struct gate_step *step)
{
    if (gate_page)
        gate_enter(step);
}

// Shorter: for a step that never blocks, and for one that waits until wait->ready(object).
static inline void gate_before(const char *verb, const char *name)
{
    if (gate_page)
        gate_enter(&(struct gate_step){.verb = verb, .name = name});
}

static inline void gate_before_wait(const char *verb, const char *name,
                                    const struct gate_wait *wait, const void *object)
{
    if (gate_page)
        gate_enter(&(struct gate_step){.verb = verb, .name = name, .object = object, .wait = wait});
}

// In a worker, after a step: adds the value that it has seen to the trace.
void gate_saw(int64_t value);

// In a worker: runs body(data, number) again and again, each time for one order, until it is
// dismissed. A body passes at least one gate, and touches nothing shared before its first one. An
// order that is given up ends the body at a gate; abandon(data, number), unless NULL, then lets go
// what it holds. gate_free_run() runs `freely` instead, without gates.
struct gate_life {
    void (*body)(void *data, uint32_t number);
    void (*freely)(void *data, uint32_t number);
    void (*abandon)(void *data, uint32_t number);
    void *data;
};
void gate_serve(struct gates *gates, uint32_t number, const struct gate_life *life);

// What follows is for the parent.

// Maps the page for `workers` workers. NULL with errno. gate_free() unmaps it; NULL is fine.
struct gates *gate_new(uint32_t workers);
void gate_free(struct gates *gates);

// True once worker `number`, or every worker, sleeps at its first gate: then an order may begin.
// The second waits for that up to `ns` nanoseconds.
bool gate_is_parked(const struct gates *gates, uint32_t number);
bool gate_await_parked(struct gates *gates, int64_t ns);

// All workers are parked: lets all of them run freely at once; they are parked again afterwards.
// Lets all workers, wherever they are, leave gate_serve().
void gate_free_run(struct gates *gates);
void gate_dismiss(struct gates *gates);

// Forgets a worker that is dead and is to be forked anew: it is not parked until the new one is.
void gate_forget(struct gates *gates, uint32_t number);

// The worker that goes when the plan has come to its end: the one that went last as long as it can,
// then the lowest (STAY); the one with the highest priority (PRIORITY); or the parent is asked
// (HOLD).
enum gate_policy { GATE_STAY, GATE_PRIORITY, GATE_HOLD };

// Steps in a plan: the worker that goes, or with this bit the worker that is killed at its gate.
#define GATE_DEATH 0x80

// Priorities and where they change: at step change_at[i] the worker about to go drops to the lowest
// one.
enum { GATE_CHANGES = 8 };
struct gate_priorities {
    uint32_t priority[GATE_WORKERS];
    uint32_t change_at[GATE_CHANGES]; // ascending
    uint32_t changes;
};

// Begins an order: all workers are parked. The plan is copied, its length at most GATE_STEPS.
// `priorities` is for GATE_PRIORITY, else NULL.
void gate_begin(struct gates *gates, const uint8_t *plan, size_t length, enum gate_policy policy,
                const struct gate_priorities *priorities);

// While the parent is asked: adds a step to the plan and lets the order go on.
void gate_go_on(struct gates *gates, uint8_t step);

// Why the parent was woken.
enum gate_state {
    GATE_RUNNING,    // it was not: a worker is on its way to its next gate
    GATE_OVER,       // all workers are through, or dead
    GATE_STUCK,      // no worker can go, and not all are through: a deadlock
    GATE_ASKS,       // GATE_HOLD: which worker is next?
    GATE_KILLS,      // the plan says that a worker dies here: kill it, reap it, then gate_died()
    GATE_IMPOSSIBLE, // the plan names a worker that can't go here
    GATE_FULL,       // more than GATE_STEPS steps
};

// Waits up to `ns` nanoseconds for that. A stopped or killed worker leaves it at GATE_RUNNING.
enum gate_state gate_await(struct gates *gates, int64_t ns);

// After GATE_KILLS and the death of that worker: the order goes on without it.
void gate_died(struct gates *gates, uint32_t number);

// Gives an order up: sends all workers back to their first gates; gate_is_parked() tells when they
// are there.
void gate_give_up(struct gates *gates);

// The worker that goes now (GATE_RUNNING) or is to be killed (GATE_KILLS).
uint32_t gate_current(const struct gates *gates);

// The workers that can go now, that are not through or dead, and that died in this order.
uint32_t gate_enabled(const struct gates *gates);
uint32_t gate_unfinished(const struct gates *gates);
uint32_t gate_dead(const struct gates *gates);

// The step a worker sleeps before.
const struct gate_step *gate_next(const struct gates *gates, uint32_t number);

// A step that was taken.
struct gate_record {
    const char *verb, *name;
    uint32_t number;
    int64_t value;
    bool has_value;
    uint8_t step;     // as in a plan
    uint32_t enabled; // the workers that could have gone
};

// The steps of this order so far; valid until the next one begins.
const struct gate_record *gate_trace(const struct gates *gates, size_t *length);

// A hash of how far each worker is and what it has seen, for telling states apart.
uint64_t gate_fingerprint(const struct gates *gates);

#endif
