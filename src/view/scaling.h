// SPDX-License-Identifier: GPL-3.0-or-later
// What the runs of `scale` come to: for each number of workers the median with its spread, and
// whether other work kept the cores busy meanwhile, so that nothing can be concluded.
#ifndef FORKLAB_VIEW_SCALING_H
#define FORKLAB_VIEW_SCALING_H

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

// Times in ns; those of workers are of all of them together.
struct scaling_run {
    int64_t wall;
    int64_t cpu;   // of its workers
    int64_t ready; // time in which its workers could compute and had no core; -1: not told
    int64_t own;   // CPU time of forklab itself meanwhile
};

struct scaling {
    const struct scaling_run *runs; // with 1, 2, ... `widths` workers, and again, and again
    size_t count;                   // of the runs that have ended
    size_t widths, cores;
};

// The runs with one number of workers. `wall`, `cpu` and `ready` are medians.
struct scaling_width {
    size_t runs; // 0: the rest says nothing
    int64_t wall, fastest, slowest;
    int64_t cpu, ready; // `ready` is -1 where the kernel did not tell
    double speedup;     // the median of one worker over this one
};

// Returns how many numbers of workers had a run, and what became of one of them, from 1 on.
size_t scaling_widths(const struct scaling *scaling);
struct scaling_width scaling_width(const struct scaling *scaling, size_t workers);

// Returns a run's speed-up: the wall time of one worker in the same round over its own.
double scaling_speedup(const struct scaling *scaling, size_t run);

// Whether others used the cores while it ran.
enum scaling_verdict { SCALING_QUIET, SCALING_BUSY, SCALING_UNKNOWN };

// The run that the verdict is about: what its workers waited beyond what the run itself explains.
struct scaling_wait {
    size_t workers;
    int64_t waited, wall;
};

// Judges by the runs with no more workers than cores: with more, workers wait for each other. Of a
// run that is told: up to the CPU time of forklab itself, and a twentieth of the run or 1 ms for
// each worker, are the run's own doing; the median of the rounds counts. `wait` is the worst of
// them.
enum scaling_verdict scaling_judge(const struct scaling *scaling, struct scaling_wait *wait);

// Returns how many cores a worker kept busy where it was alone, from 0 to 1: less than one where
// its tasks sleep.
double scaling_demand(const struct scaling *scaling);

// What a file tells of all its runs.
struct scaling_subject {
    const char *map;
    int64_t tasks;
    enum scaling_verdict verdict;
};

// Write one row, or one object, for each run, with the same names.
void scaling_write_csv(const struct scaling *scaling, const struct scaling_subject *subject,
                       struct text *text);
void scaling_write_ndjson(const struct scaling *scaling, const struct scaling_subject *subject,
                          struct text *text);

// Adds to a JSON object what there is to tell of a run.
void scaling_add_json(const struct scaling *scaling, size_t run, struct text *object);

#endif
