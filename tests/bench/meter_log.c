// SPDX-License-Identifier: GPL-3.0-or-later
// Linked around events_add() (ld(1), --wrap) in a forklab that is otherwise the same: takes the
// time of every event, the listeners' part of it included, and says at the end how many there were
// and how long they took. What reading the clock costs is measured and left out.
#include "base/clock.h"
#include "log/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void __real_events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                       const char *text);
void __wrap_events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                       const char *text);

static int64_t count, spent, clock_cost;

static void tell(void)
{
    fprintf(stderr, "%" PRId64 " events, %" PRId64 " ns\n", count, spent - count * clock_cost);
}

static void prepare(void)
{
    enum { TRIES = 100, READINGS = 1000 };
    clock_cost = INT64_MAX;
    for (int try = 0; try < TRIES; try++) {
        int64_t begin = clock_now(), end = begin;
        for (int i = 0; i < READINGS; i++)
            end = clock_now();
        int64_t cost = (end - begin) / READINGS;
        clock_cost = cost < clock_cost ? cost : clock_cost;
    }
    atexit(tell);
}

void __wrap_events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                       const char *text)
{
    if (count++ == 0)
        prepare();
    int64_t begin = clock_now();
    __real_events_add(kind, job, worker, a, b, text);
    spent += clock_now() - begin;
}
