// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/board.h"

#include "commands/launch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void *board_map(struct lab *lab, size_t size, const char *what)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *board = memory == MAP_FAILED ? NULL : memory;
    launch_log_mmap(lab->job, true, size, what, board);
    if (!board)
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
    return board;
}

void board_unmap(void *board, size_t size)
{
    if (board)
        munmap(board, size);
}
