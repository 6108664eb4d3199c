// SPDX-License-Identifier: GPL-3.0-or-later
// What the floors have in common. They do by bare system calls, and nothing else, what forklab
// does.
#ifndef FORKLAB_BENCH_FLOOR_H
#define FORKLAB_BENCH_FLOOR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// What a worker says in one write, and what it is told in one.
struct message {
    long first, count;
    char padding[48];
};

_Static_assert(sizeof(struct message) == 64, "as long as a frame of forklab's");

static inline void need(int ok, const char *call)
{
    if (ok)
        return;
    perror(call);
    exit(1);
}

// Reads `length` bytes, or up to the end. Returns how many there were.
static inline size_t read_whole(int fd, void *bytes, size_t length)
{
    size_t got = 0;
    while (got < length) {
        ssize_t more = read(fd, (char *)bytes + got, length - got);
        need(more >= 0, "read");
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return got;
}

static inline void write_whole(int fd, const void *bytes, size_t length)
{
    size_t written = 0;
    while (written < length) {
        ssize_t more = write(fd, (const char *)bytes + written, length - written);
        need(more >= 0, "write");
        written += (size_t)more;
    }
}

#endif
