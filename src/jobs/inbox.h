// SPDX-License-Identifier: GPL-3.0-or-later
// Handles the frames from a job's workers: stores what they report, logs it, passes it on to the
// command, and ends a worker that closed its pipe or sent garbage.
#ifndef FORKLAB_JOBS_INBOX_H
#define FORKLAB_JOBS_INBOX_H

#include "jobs/pipe.h"
#include "jobs/worker.h"

// For pipe_open(), whose `job` is the struct job.
extern const struct pipe_ops inbox_ops;

// To be called when writing to a worker failed with EPIPE. A worker that lives has closed its pipe:
// it is lost, and ended. A worker that is exiting is left to the reaper.
void inbox_doubt(struct worker *worker);

#endif
