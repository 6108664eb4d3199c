// SPDX-License-Identifier: GPL-3.0-or-later
// What a job does with what comes from its workers' pipes: believes it, logs it, passes it on to
// the command, and ends whoever can't be heard any more.
#ifndef FORKLAB_JOBS_INBOX_H
#define FORKLAB_JOBS_INBOX_H

#include "jobs/pipe.h"
#include "jobs/worker.h"

// For pipe_open(), whose `job` is the struct job.
extern const struct pipe_ops inbox_ops;

// Asks whether a worker lives to which writing failed with EPIPE. One that does has closed the pipe
// down which it is told things: it is lost, and ended. Of one that is dying its death will tell.
void inbox_doubt(struct worker *worker);

#endif
