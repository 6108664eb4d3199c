// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/nofork.h"

#include "base/die.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void *nofork_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    if (madvise(memory, size, MADV_DONTFORK) < 0)
        die("madvise(MADV_DONTFORK): %s", strerror(errno));
    return memory;
}

void nofork_unmap(void *memory, size_t size)
{
    if (munmap(memory, size) < 0)
        die("munmap: %s", strerror(errno));
}
