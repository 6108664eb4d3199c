// SPDX-License-Identifier: GPL-3.0-or-later
// Shared memory in which the workers of one command write down what they saw, for the parent to
// read.
#ifndef FORKLAB_COMMANDS_BOARD_H
#define FORKLAB_COMMANDS_BOARD_H

#include "jobs/lab.h"

#include <stddef.h>

// Maps it, all zero, and logs that. NULL after it told why not. board_unmap() gives it back; NULL
// is fine.
void *board_map(struct lab *lab, size_t size, const char *what);
void board_unmap(void *board, size_t size);

#endif
