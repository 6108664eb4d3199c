// SPDX-License-Identifier: GPL-3.0-or-later
// Ending workers that live: politely first, and for good after a grace.
#ifndef FORKLAB_JOBS_TERMINATE_H
#define FORKLAB_JOBS_TERMINATE_H

#include "jobs/job.h"

// How long a worker that was asked to end has before SIGKILL.
#define GRACE_NS INT64_C(1000000000)

// Asks one worker, or all of them, to end: SIGTERM (and SIGCONT if it is stopped), SIGKILL after
// GRACE_NS. A second terminate_job() kills at once.
void terminate_worker(struct worker *worker);
void terminate_job(struct job *job);

// The same for a job that its user wants to end: its outcome will be `cancelled`.
void terminate_unwanted(struct job *job);

#endif
