// SPDX-License-Identifier: GPL-3.0-or-later
// What is still known of a job besides the log, which may have dropped its beginning. Only for that
// is it used: what the log tells comes first.
#ifndef FORKLAB_VIEW_KNOWN_H
#define FORKLAB_VIEW_KNOWN_H

#include "log/outcome.h"

#include <stddef.h>
#include <stdint.h>

struct known_worker {
    const char *name;
    int64_t pid;
};

// All of it stays the caller's.
struct known {
    const char *title;                  // the command as typed
    int64_t started, ended;             // monotonic ns; 0 while it has not ended
    enum outcome outcome;               // of one that has
    const struct known_worker *workers; // by their numbers
    size_t count;
};

#endif
