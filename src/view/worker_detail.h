// SPDX-License-Identifier: GPL-3.0-or-later
// One worker in full: the kernel's word beside its own, and what forklab keeps about it.
#ifndef FORKLAB_VIEW_WORKER_DETAIL_H
#define FORKLAB_VIEW_WORKER_DETAIL_H

#include "base/text.h"
#include "os/proc.h"
#include "view/color.h"
#include "worker/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Everything that is shown; what it points to stays the caller's.
struct worker_detail {
    const char *name, *title; // the worker's, and its job's command as typed
    enum color color;         // of its name
    uint32_t job;
    int64_t pid;

    const struct proc *kernel;   // NULL when the kernel knows it no more, or can't be asked
    bool zombie;                 // dead, and not collected yet
    const struct proc_fds *fds;  // NULL when there is nothing to tell
    const char *const *fd_notes; // one for each descriptor, or NULL
    const char *kernel_silence;  // why `kernel` is NULL: "it is reaped"

    int64_t said_pid, said_parent; // 0 while it has not said hello
    const char *waits;             // what it waits for and which worker has that, or NULL
    enum claim claim;
    int64_t progress, results; // `results` is -1 while it has not said

    bool daemon, own_pipe;
    int64_t lived; // ns from its fork to its end, or to now
    int64_t died;  // ns since its end, or -1
    int64_t cpu;   // ns, as counted when it was reaped; for the dead
    int exit_code, exit_signal;
    const char *time_went; // to what its life went, in words
};

// Writes the portrait as lines of at most `columns` (0 for no limit).
void worker_detail_write(const struct worker_detail *portrait, size_t columns, struct text *text);

#endif
