// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that only the REPL looks at: a fork does not copy it (madvise(2), MADV_DONTFORK), so that
// it costs the same however much there is. No worker may touch it.
#ifndef FORKLAB_BASE_NOFORK_H
#define FORKLAB_BASE_NOFORK_H

#include <stddef.h>

// Maps so many bytes (more than none), all zero; dies when there is no memory. nofork_unmap() gives
// them back, with the same size.
void *nofork_map(size_t size);
void nofork_unmap(void *memory, size_t size);

#endif
