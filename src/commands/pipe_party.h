// SPDX-License-Identifier: GPL-3.0-or-later
// What the two workers of `pipe` do. p1 writes into one pipe and reads from the other, p2 the
// other way round. Worker only.
#ifndef FORKLAB_COMMANDS_PIPE_PARTY_H
#define FORKLAB_COMMANDS_PIPE_PARTY_H

#include "worker/report.h"

#include <stddef.h>
#include <stdint.h>

struct pipe_scene {
    char *const *texts; // that p1 sends
    size_t count;
    int64_t bytes;      // or so many bytes, -1 for texts
    bool keeps_end;     // the parent keeps the writing end open
    bool closes_reader; // p2 ends without having read
};

// They return the worker's exit status.
int pipe_party_ask(const struct self *self, const void *argument);
int pipe_party_answer(const struct self *self, const void *argument);

#endif
