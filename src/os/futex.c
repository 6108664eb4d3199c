// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/futex.h"

#include "base/die.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FUTEX_NS_PER_S = 1000000000 };

int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline)
{
    struct timespec until = {deadline / FUTEX_NS_PER_S, deadline % FUTEX_NS_PER_S};
    while (atomic_load(word) == expected) {
        // With FUTEX_WAIT_BITSET the time is a point of CLOCK_MONOTONIC, whatever interrupts the
        // call.
        if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected,
                    deadline == FUTEX_NEVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY) == 0)
            return 0;
        if (errno == EAGAIN)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int futex_wake(_Atomic uint32_t *word, int count)
{
    return (int)syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

int futex_must_wake(_Atomic uint32_t *word, int count)
{
    int woken = futex_wake(word, count);
    if (woken < 0)
        die("futex(FUTEX_WAKE): %s", strerror(errno));
    return woken;
}
