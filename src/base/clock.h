// SPDX-License-Identifier: GPL-3.0-or-later
// The two clocks: monotonic for everything that is measured, wall clock for times that are printed.
#ifndef FORKLAB_BASE_CLOCK_H
#define FORKLAB_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

// Nanoseconds of CLOCK_MONOTONIC. Dies when it can't be read, like clock_wall().
int64_t clock_now(void);

// Nanoseconds of CPU time that live process `pid` has used, or -1 when the kernel won't tell.
int64_t clock_cpu_of(pid_t pid);

// Nanoseconds since 1970 by the wall clock.
int64_t clock_wall(void);

// Sleeps for so many nanoseconds, however often it is interrupted.
void clock_sleep(int64_t ns);

// Writes wall time `ns` as "2025-11-01 00:27:31.899998", local time, into `text`.
void clock_format(int64_t ns, char *text, size_t size);

#endif
