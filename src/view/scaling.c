// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/scaling.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/must.h"

#include <inttypes.h>
#include <stdlib.h>

// What a run may wait for a core without others being to blame: a part of it, at least so much.
enum { SCALING_PART = 20 };
#define SCALING_LEAST NS_PER_MS

static int64_t scaling_wall_of(const struct scaling_run *run)
{
    return run->wall;
}

static int64_t scaling_cpu_of(const struct scaling_run *run)
{
    return run->cpu;
}

static int64_t scaling_ready_of(const struct scaling_run *run)
{
    return run->ready;
}

// Returns what its workers waited for a core beyond what forklab itself took of them; -1 when it
// is not known.
static int64_t scaling_waited_of(const struct scaling_run *run)
{
    if (run->ready < 0)
        return -1;
    return run->ready > run->own ? run->ready - run->own : 0;
}

size_t scaling_widths(const struct scaling *scaling)
{
    return scaling->count < scaling->widths ? scaling->count : scaling->widths;
}

static size_t scaling_runs(const struct scaling *scaling, size_t workers)
{
    return (scaling->count + scaling->widths - workers) / scaling->widths;
}

static int scaling_by_size(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return one < other ? -1 : one > other;
}

// Returns the values of all runs with so many workers, sorted; the caller frees them. There is one
// at least.
static int64_t *scaling_sort(const struct scaling *scaling, size_t workers,
                             int64_t (*value_of)(const struct scaling_run *))
{
    size_t count = scaling_runs(scaling, workers);
    int64_t *values = must_calloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = value_of(&scaling->runs[i * scaling->widths + workers - 1]);
    qsort(values, count, sizeof *values, scaling_by_size);
    return values;
}

static int64_t scaling_middle(const int64_t *sorted, size_t count)
{
    int64_t low = sorted[(count - 1) / 2], high = sorted[count / 2];
    return low + (high - low) / 2;
}

// Returns the median over the runs with so many workers; -1 when one of them is.
static int64_t scaling_median(const struct scaling *scaling, size_t workers,
                              int64_t (*value_of)(const struct scaling_run *))
{
    int64_t *sorted = scaling_sort(scaling, workers, value_of);
    int64_t median = sorted[0] < 0 ? -1 : scaling_middle(sorted, scaling_runs(scaling, workers));
    free(sorted);
    return median;
}

struct scaling_width scaling_width(const struct scaling *scaling, size_t workers)
{
    struct scaling_width width = {.runs = scaling_runs(scaling, workers), .ready = -1};
    if (width.runs == 0)
        return width;
    int64_t *walls = scaling_sort(scaling, workers, scaling_wall_of);
    width.wall = scaling_middle(walls, width.runs);
    width.fastest = walls[0];
    width.slowest = walls[width.runs - 1];
    free(walls);
    width.cpu = scaling_median(scaling, workers, scaling_cpu_of);
    width.ready = scaling_median(scaling, workers, scaling_ready_of);
    width.speedup = (double)scaling_median(scaling, 1, scaling_wall_of) / (double)width.wall;
    return width;
}

double scaling_speedup(const struct scaling *scaling, size_t run)
{
    const struct scaling_run *first = &scaling->runs[run - run % scaling->widths];
    return (double)first->wall / (double)scaling->runs[run].wall;
}

enum scaling_verdict scaling_judge(const struct scaling *scaling, struct scaling_wait *wait)
{
    double worst = 0; // more than 1: others are to blame
    *wait = (struct scaling_wait){0};
    for (size_t n = 1; n <= scaling_widths(scaling) && n <= scaling->cores; n++) {
        int64_t wall = scaling_median(scaling, n, scaling_wall_of);
        int64_t waited = scaling_median(scaling, n, scaling_waited_of);
        int64_t part = wall / SCALING_PART;
        int64_t own_doing = (int64_t)n * (part > SCALING_LEAST ? part : SCALING_LEAST);
        double times = (double)waited / (double)own_doing;
        if (waited < 0) {
            *wait = (struct scaling_wait){0};
            return SCALING_UNKNOWN;
        }
        if (times <= worst)
            continue;
        worst = times;
        *wait = (struct scaling_wait){.workers = n, .waited = waited, .wall = wall};
    }
    return worst > 1 ? SCALING_BUSY : SCALING_QUIET;
}

double scaling_demand(const struct scaling *scaling)
{
    struct scaling_width alone = scaling_width(scaling, 1);
    double demand = alone.runs > 0 ? (double)alone.cpu / (double)alone.wall : 1;
    return demand < 1 ? demand : 1;
}

void scaling_add_json(const struct scaling *scaling, size_t run, struct text *object)
{
    const struct scaling_run *is = &scaling->runs[run];
    json_number(object, "run", (int64_t)(run / scaling->widths) + 1);
    json_number(object, "wall_ns", is->wall);
    json_number(object, "cpu_ns", is->cpu);
    if (is->ready >= 0)
        json_number(object, "ready_ns", is->ready);
    json_real(object, "speed_up", scaling_speedup(scaling, run));
}

void scaling_write_csv(const struct scaling *scaling, const struct scaling_subject *subject,
                       struct text *text)
{
    static const char *const busy[] = {
        [SCALING_QUIET] = "0", [SCALING_BUSY] = "1", [SCALING_UNKNOWN] = ""};
    text_add_string(text, "workers,run,wall_ns,cpu_ns,ready_ns,speed_up,map,tasks,cores,busy\r\n");
    for (size_t i = 0; i < scaling->count; i++) {
        const struct scaling_run *run = &scaling->runs[i];
        text_print(text, "%zu,%zu,%" PRId64 ",%" PRId64 ",", i % scaling->widths + 1,
                   i / scaling->widths + 1, run->wall, run->cpu);
        if (run->ready >= 0)
            text_print(text, "%" PRId64, run->ready);
        text_print(text, ",%.6f,%s,%" PRId64 ",%zu,%s\r\n", scaling_speedup(scaling, i),
                   subject->map, subject->tasks, scaling->cores, busy[subject->verdict]);
    }
}

void scaling_write_ndjson(const struct scaling *scaling, const struct scaling_subject *subject,
                          struct text *text)
{
    for (size_t i = 0; i < scaling->count; i++) {
        text_print(text, "{\"workers\":%zu", i % scaling->widths + 1);
        scaling_add_json(scaling, i, text);
        json_text(text, "map", subject->map);
        json_number(text, "tasks", subject->tasks);
        json_number(text, "cores", (int64_t)scaling->cores);
        if (subject->verdict != SCALING_UNKNOWN)
            json_bool(text, "busy", subject->verdict == SCALING_BUSY);
        json_end(text);
    }
}
