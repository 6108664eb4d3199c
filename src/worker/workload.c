// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/workload.h"

#include "base/clock.h"
#include "base/number.h"
#include "worker/frame.h"
#include "worker/faults.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

// How many results are computed between two looks at the clock: some 20 us.
#define LOOK_EVERY 4096

static volatile sig_atomic_t asked_to_finish;

static void workload_ask_to_finish(int number)
{
    (void)number;
    asked_to_finish = 1;
}

void workload_prepare(const struct self *self)
{
    if (self->graceful)
        signal(SIGTERM, workload_ask_to_finish);
    faults_prepare(self);
}

double workload_compute(int64_t i)
{
    // volatile: neither factor may be remembered, nor the product left out.
    volatile double root = sqrt((double)i), square = root * root;
    return square;
}

static void workload_keep(struct results *results, int64_t i, double value)
{
    if (i < LIST_WHOLE)
        results->first[i] = value;
    results->last[i % LIST_TAIL] = value;
}

// Where do_something is.
struct run {
    const struct self *self;
    int64_t size;
    int64_t started;
    int64_t reported;
    int64_t next; // the index computed next
    struct results *results;
};

// Part done of what takes longer: the list, or the time.
static int64_t workload_progress_of(const struct run *run, int64_t now)
{
    double whole = run->size > 0 ? (double)run->next / (double)run->size : 1;
    if (run->self->for_ns > 0) {
        double past = (double)(now - run->started) / (double)run->self->for_ns;
        whole = past < whole ? past : whole;
    }
    return (int64_t)(whole * PROGRESS_WHOLE);
}

// Looks at the clock; returns the time since the start.
static int64_t workload_look(struct run *run)
{
    int64_t now = clock_now();
    if (now - run->reported >= WORKLOAD_REPORT_EVERY) {
        run->reported = now;
        report_claim(run->self, CLAIM_WORKING, workload_progress_of(run, now));
    }
    return now - run->started;
}

// Computes up to index `end`, then the same again until `ns` have passed since the start.
static void workload_run_until(struct run *run, int64_t end, int64_t ns)
{
    while (run->next < end && !asked_to_finish) {
        workload_keep(run->results, run->next, workload_compute(run->next));
        if (++run->next % LOOK_EVERY == 0)
            workload_look(run);
    }
    for (int64_t i = 0; !asked_to_finish && workload_look(run) < ns;)
        for (int64_t stop = i + LOOK_EVERY; i < stop; i++)
            workload_compute(i);
}

// The last elements were kept in turn: puts the oldest of them first.
static void workload_straighten(struct results *results)
{
    double ring[LIST_TAIL];
    memcpy(ring, results->last, sizeof ring);
    for (int64_t i = 0; i < LIST_TAIL; i++)
        results->last[i] = ring[(results->count + i) % LIST_TAIL];
}

void workload_run(const struct self *self, int64_t size, struct results *results)
{
    struct run run = {.self = self, .size = size, .started = clock_now(), .results = results};
    *results = (struct results){0};
    run.reported = run.started;
    if (self->as != AS_NORMAL && self->at == STEP_NONE) {
        workload_run_until(&run, size / 2, self->for_ns / 2);
        faults_strike(self);
    }
    workload_run_until(&run, size, self->for_ns);
    results->count = run.next;
    workload_straighten(results);
}

// Adds "1.0, 2.0" at `used`; returns the new length, which may be more than `size`.
static size_t workload_format_some(const double *numbers, int64_t count, char *text, size_t size,
                                   size_t used)
{
    for (int64_t i = 0; i < count && used < size; i++) {
        char number[32];
        number_format_real(numbers[i], number, sizeof number);
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", number);
    }
    return used;
}

void workload_format_results(const struct results *results, char *text, size_t size)
{
    bool whole = results->count <= LIST_WHOLE;
    size_t used = (size_t)snprintf(text, size, "[");
    used =
        workload_format_some(results->first, whole ? results->count : LIST_HEAD, text, size, used);
    if (!whole && used < size)
        used += (size_t)snprintf(text + used, size - used, ", ..., ");
    if (!whole)
        used = workload_format_some(results->last, LIST_TAIL, text, size, used);
    if (used < size && whole)
        snprintf(text + used, size - used, "]");
    else if (used < size)
        snprintf(text + used, size - used, "] (%lld results)", (long long)results->count);
}
