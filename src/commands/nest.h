// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that start workers of their own: what `spawn --nest` makes. The nested ones are children
// of the worker and of each other; they do not report, but write down what came of them.
#ifndef FORKLAB_COMMANDS_NEST_H
#define FORKLAB_COMMANDS_NEST_H

#include "jobs/lab.h"
#include "worker/workload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Nested ones of all workers together.
enum { NEST_MOST = 2000, NEST_DEEPEST = 8 };

struct nest_board;

struct nest {
    struct nest_board *board; // in shared memory
    int64_t workers;          // how many each process starts
    int64_t levels;           // how many levels there are below a worker
    int64_t size;             // the i-th of its parent computes i times as many results
    bool together;            // starts all, then joins all
};

// Returns how many processes there will be below `workers` workers, or more than NEST_MOST.
int64_t nest_count(int64_t workers, int64_t levels);

// In the parent, before the workers are forked: makes the board. False after it told why not.
// nest_free() gives it back.
bool nest_make(struct nest *nest, struct lab *lab);
void nest_free(struct nest *nest);

// In a worker: starts its own, computes, joins them, and tells what came of each and of all below
// them. Returns how many of them did not do their work, or -1 with errno when one could not be
// started.
int64_t nest_run(const struct nest *nest, const struct self *self, struct results *results);

// In the parent: how many were started, and how many of them did their work.
void nest_sum(const struct nest *nest, int64_t *started, int64_t *done);

#endif
