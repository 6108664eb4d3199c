// SPDX-License-Identifier: GPL-3.0-or-later
// How a command that started workers ended, in words and figures.
#ifndef FORKLAB_COMMANDS_SUMMARY_H
#define FORKLAB_COMMANDS_SUMMARY_H

#include "shell/call.h"

#include <stddef.h>
#include <stdint.h>

// Once all workers have finished: says what went wrong, but for what the user asked for. Returns
// the job's status.
int summary_conclude(struct call *call);

// How long something took by the clock, and how long its workers computed, in ns.
struct times {
    int64_t wall, cpu;
};

// Returns the times of a job until now.
struct times summary_times(const struct job *job);

// Returns the CPU time of a job's workers from number `first` on.
int64_t summary_cpu(const struct job *job, size_t first);

// Returns how long they were ready to run and had no core, together; -1 when the kernel does not
// say.
int64_t summary_ready(const struct job *job, size_t first);

// With --json: how many results a worker had, or -1.
void summary_report_worker(const struct call *call, const struct worker *worker);

// Adds the figures that summary_add_times() says to those of the call, and ends them (see
// shell/figures.h).
void summary_report_times(const struct call *call, struct times times, int64_t at_once);

// Adds the summary of a call that started no worker.
void summary_of_none(const struct call *call);

// Adds "wall 0.43 s, CPU 0.81 s; 1.9 of 2 cores kept busy": CPU time over wall time, and the cores
// that there are.
void summary_add_times(struct times times, struct text *text);

// What `help` says of that, behind a command's other details.
#define SUMMARY_ABOUT_TIMES                                                                        \
    "The cores kept busy are CPU time over wall time. While a worker waits or sleeps, it keeps "   \
    "none. How much faster more workers are, 'scale' measures."

#endif
