// SPDX-License-Identifier: GPL-3.0-or-later
// What a job does with what comes from its workers' pipes: believes it, logs it, passes it on to the
// command, and ends whoever can't be heard any more.
#ifndef FORKLAB_PROCESS_HEAR_H
#define FORKLAB_PROCESS_HEAR_H

#include "process/channel.h"

// For channel_open(), whose `job` is the struct job.
extern const struct channel_ops hear_ops;

#endif
