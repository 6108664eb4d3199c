// SPDX-License-Identifier: GPL-3.0-or-later
// What `scale` says of its runs: the table, the plot, the conclusion, the figures, a file.
#ifndef FORKLAB_COMMANDS_SCALE_RESULT_H
#define FORKLAB_COMMANDS_SCALE_RESULT_H

#include "shell/call.h"
#include "view/scaling.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The caller may fill in the first five behind scale_result_init().
struct scale_result {
    const char *map;
    int64_t tasks;
    bool by_clock;   // tasks end by it, whatever they got done
    bool overwrites; // a file that is there
    size_t deaths;   // workers that died in all runs

    struct call *call;
    struct scaling_run *runs;
    struct scaling scaling;
    double *speedup; // of each number of workers, once all runs have ended
    enum scaling_verdict verdict;
    struct scaling_wait wait;
    double serial; // below 0: not fitted
};

// Begins one for up to `widths` workers, each number of them with so many runs;
// scale_result_free() ends it.
void scale_result_init(struct scale_result *result, struct call *call, size_t widths, size_t runs);
void scale_result_free(struct scale_result *result);

// Keeps the next run; with --json tells it.
void scale_result_add(struct scale_result *result, const struct scaling_run *run);

// Prints the table of those that have ended, if any has; with --json as objects.
void scale_result_show_table(const struct scale_result *result, size_t columns);

// Once all have ended: says what they come to, draws the plot, tells the figures, and writes it
// all to `file`, unless that is NULL. STATUS_OK, or STATUS_FAILED when that could not be written.
int scale_result_conclude(struct scale_result *result, size_t columns, const char *file);

// Whether the ending of `file` is one that scale_result_conclude() knows.
bool scale_result_can_export(const char *file);

#endif
