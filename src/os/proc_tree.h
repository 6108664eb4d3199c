// SPDX-License-Identifier: GPL-3.0-or-later
// A process and all that descends from it.
#ifndef FORKLAB_OS_PROC_TREE_H
#define FORKLAB_OS_PROC_TREE_H

#include "os/proc.h"

#include <stddef.h>

// A process and how deep below the first one it is.
struct proc_member {
    struct proc proc; // as proc_parse_stat() fills it
    size_t depth;
};

// Finds `root` and all that descends from it, each behind its parent, siblings by age. Returns an
// array of `count` members for the caller to free; NULL with errno.
struct proc_member *proc_tree_read(pid_t root, size_t *count);

#endif
