// SPDX-License-Identifier: GPL-3.0-or-later
// Workers that misbehave on purpose. Only for use in a worker.
#ifndef FORKLAB_WORKER_FAULTS_H
#define FORKLAB_WORKER_FAULTS_H

#include "worker/report.h"

// The names of enum fault as they are typed; ends in NULL.
extern const char *const faults_names[];

// What each of them does, in half a line, in the same order; ends in NULL.
extern const char *const faults_meanings[];

// To be called before signals are unblocked: a stubborn worker ignores SIGTERM from its start.
void faults_prepare(const struct self *self);

// Commits the fault of `self->as`, if it has one that happens at a moment: crash dies of SIGSEGV,
// mute closes its pipe, babble sends garbage, torn dies within a frame, fork leaves a process
// behind, raise complains on stderr and exits 1. Returns unless it died, or is mute.
void faults_strike(const struct self *self);

#endif
