// SPDX-License-Identifier: GPL-3.0-or-later
// --all and --replay of what can be shared: every order of the steps of two or three workers, and a
// death at each step of each order.
#ifndef FORKLAB_COMMANDS_SEARCH_SYNC_H
#define FORKLAB_COMMANDS_SEARCH_SYNC_H

#include "base/clock.h"
#include "shell/call.h"

#include <stddef.h>

// A command's struct has a `struct search_sync_args search`.
struct search_sync_args {
    bool all;
    const char *replay;
};

// clang-format off
#define ARG_SEARCH(args_type)                                                                      \
    {.name = "--all", .type = ARG_FLAG, .field = offsetof(args_type, search.all),                  \
     .help = "runs every order of the steps of a few workers, and kills at each step, too; "       \
             "for --for T (2s) where there are too many"},                                         \
    {.name = "--replay", .type = ARG_WORD, .field = offsetof(args_type, search.replay),            \
     .help = "runs one of those orders: a digit a step, an 'x' behind one kills there"}
// clang-format on

enum search_sync_kind { SEARCH_QUEUE, SEARCH_SEMAPHORE, SEARCH_CONDITION, SEARCH_BARRIER };

// Whether either was given.
bool search_sync_is_asked(const struct search_sync_args *args);

// Searches a queue with `first` producers of an item each, `second` consumers and room for one; a
// semaphore with `first` permits for `second` workers; a condition with `first` that wait and one
// that notifies; a barrier of `first`. The last worker's number is at most 3. Where it takes longer
// than half of `for_ns` nanoseconds (2 s if that is not above 0), the rest of them goes to orders
// at random. For run() to return.
int search_sync_run(struct call *call, enum search_sync_kind kind, int64_t first, int64_t second,
                    const struct search_sync_args *args, int64_t for_ns);

#endif
