// SPDX-License-Identifier: GPL-3.0-or-later
// Memory of the parent alone: fork does not copy it (madvise(2), MADV_DONTFORK), so the cost of a
// fork does not grow with it. A worker that touches it dies of SIGSEGV.
#ifndef FORKLAB_BASE_NOFORK_H
#define FORKLAB_BASE_NOFORK_H

#include <stddef.h>

// Maps `size` bytes (more than 0), all zero; dies when there is no memory. Release them with
// nofork_unmap() and the same size.
void *nofork_map(size_t size);
void nofork_unmap(void *memory, size_t size);

#endif
