// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that misbehave on purpose. Only for use in a worker.
#ifndef FORKLAB_PROCESS_MISBEHAVE_H
#define FORKLAB_PROCESS_MISBEHAVE_H

#include "process/report.h"

// The names of enum misbehaviour as they are typed; ends in NULL.
extern const char *const misbehaviour_names[];

// What has to be so from the worker's first moment: a stubborn one ignores SIGTERM.
void misbehave_from_start(const struct self *self);

// The deed itself, where `self->as` has one: crash dies of SIGSEGV, mute closes its pipe, babble
// sends garbage, torn dies within a frame, fork leaves a process behind. Returns unless it died, or is mute.
void misbehave_now(const struct self *self);

#endif
