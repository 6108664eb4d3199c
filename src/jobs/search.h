// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a scenario's workers, which are forked once, in one order of their steps after another. It
// works in slices, between which the event loop serves signals; a worker that is stopped or killed
// never hangs it.
#ifndef FORKLAB_JOBS_SEARCH_H
#define FORKLAB_JOBS_SEARCH_H

#include "jobs/job.h"
#include "jobs/orders.h"

// What is searched. All functions but `life` run in the parent.
struct scenario {
    uint32_t workers;
    struct gate_life life;                     // in the workers
    void (*reset)(void *data);                 // before each order and each free run
    void (*died)(void *data, uint32_t number); // a worker was killed at its gate; may be NULL
    // Whether an order went wrong; `dead` are the workers that were killed in it, `stuck` that
    // those left could not go on. `why` is told for the first wrong one.
    bool (*is_wrong)(void *data, uint32_t dead, bool stuck);
    // A hash of what is shared, for SEARCH_STATES.
    uint64_t (*fingerprint)(const void *data);
    void *data;
};

enum search_mode {
    SEARCH_ORDERS, // all orders, fewest switches first
    SEARCH_STATES, // all states that orders lead to, each once
    SEARCH_REPLAY, // one order, each step an event
    SEARCH_FREE,   // runs without gates
    SEARCH_STEP,   // each step is asked for
};

struct search_options {
    enum search_mode mode;
    bool deaths;       // kills workers at their gates, too
    bool any_switches; // SEARCH_STATES: the same state with another worker last is the same
    bool first_only;   // ends at the first wrong order
    uint64_t count;    // how many orders there are if that is known, else 0
    uint64_t
        most; // beyond so many orders, tries fewest switches first and then at random, for `for_ns`
    int64_t for_ns;
    uint64_t seed;
    const uint8_t *replay; // SEARCH_REPLAY
    size_t replay_length;
    int64_t runs;              // SEARCH_FREE
    void (*ask)(void *owner);  // SEARCH_STEP: search_step() or search_end() is to follow
    void (*done)(void *owner); // the phase has ended
};

struct search_result {
    uint64_t tried, wrong, stuck,
        deaths;      // orders or free runs; those in which workers were stuck, or one was killed
    uint64_t states; // SEARCH_STATES
    bool complete;   // none was left out
    bool failed;     // a worker died, or the order can't be: `failure` says so
    char failure[160];
    // The first wrong order with the fewest switches, or the one replayed.
    bool has_order, order_wrong, order_stuck;
    uint32_t switches;
    struct gate_record *trace;
    size_t length;
    char circle[512]; // the waits in an order that is stuck
};

struct search;

// For call_job(): the job's `data` is the search.
extern const struct job_ops search_job_ops;

// Makes a search for a job whose workers are to be p1, p2, ...; `scenario` is copied, `owner`
// handed to callbacks. NULL with errno. search_free() ends it, once the job is done.
struct search *search_new(const struct scenario *scenario, void *owner);
void search_free(struct search *search);

// Begins a phase, and forks workers that are missing; not within `done`, but from there on. `ended`
// is called when all workers have ended after search_end().
void search_run(struct search *search, struct job *job, const struct search_options *options);
void search_end(struct search *search, void (*ended)(void *owner));

// SEARCH_STEP: tells which worker goes next, as a step of a plan.
void search_step(struct search *search, uint8_t step);

const struct search_result *search_result(const struct search *search);
const struct gates *search_gates(const struct search *search);

// Adds a step as words: "p1 loads 0"; and an order: "p1 loads 0 | p2 loads 0, adds, stores 1".
void search_add_step(const struct gate_record *record, struct text *text);
void search_add_order(const struct gate_record *trace, size_t length, struct text *text);

// Returns the switches of an order: how often a worker that could have gone on was left for
// another.
uint32_t search_count_switches(const struct gate_record *trace, size_t length);

#endif
