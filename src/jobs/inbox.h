// SPDX-License-Identifier: GPL-3.0-or-later
// What a job does with what comes from its workers' pipes: believes it, logs it, passes it on to
// the command, and ends whoever can't be heard any more.
#ifndef FORKLAB_JOBS_INBOX_H
#define FORKLAB_JOBS_INBOX_H

#include "jobs/pipe.h"

// For pipe_open(), whose `job` is the struct job.
extern const struct pipe_ops inbox_ops;

#endif
