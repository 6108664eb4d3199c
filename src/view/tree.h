// SPDX-License-Identifier: GPL-3.0-or-later
// Processes as a tree, and pipes with the processes that hold their ends.
#ifndef FORKLAB_VIEW_TREE_H
#define FORKLAB_VIEW_TREE_H

#include "base/text.h"
#include "view/color.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One process. The texts stay the caller's.
struct tree_node {
    const char *name;
    const char *note; // "" for none
    const char *word; // for `state`
    int64_t pid;
    size_t depth;     // below the first one
    char state;       // the kernel's letter; a NUL where it is not known
    enum color color; // of its name
};

// One end of a pipe, held by a process.
struct tree_end {
    const char *holder;
    const char *why; // why it keeps the pipe from ending, or NULL when it does not
    int64_t pid;
    int fd;
    bool writes;
};

struct tree_pipe {
    const char *title;
    uint64_t inode;
    const struct tree_end *ends; // the writing ones first
    size_t count;
};

// Writes the nodes, each behind its parent, as lines of at most `columns` (0 for no limit).
void tree_write(const struct tree_node *nodes, size_t count, size_t columns, struct text *text);

// Writes pipe `number` likewise. Of many ends that are alike only the first ones are written.
void tree_write_pipe(size_t number, const struct tree_pipe *pipe, size_t columns,
                     struct text *text);

#endif
