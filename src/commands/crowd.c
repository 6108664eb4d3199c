// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/crowd.h"

#include "base/clock.h"
#include "commands/launch.h"
#include "os/futex.h"

#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

static size_t crowd_size(uint32_t waiters)
{
    struct crowd *none = NULL;
    return sizeof *none + waiters * sizeof none->each[0];
}

struct crowd *crowd_new(const struct job *job, uint32_t waiters)
{
    size_t size = crowd_size(waiters);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct crowd *crowd = memory == MAP_FAILED ? NULL : memory;
    launch_log_mmap(job, true, size, "what came of each wait", crowd);
    if (crowd)
        crowd->waiters = waiters;
    return crowd;
}

void crowd_free(struct crowd *crowd)
{
    if (crowd)
        munmap(crowd, crowd_size(crowd->waiters));
}

void crowd_note(struct crowd *crowd, uint32_t worker, uint32_t call)
{
    atomic_store(&crowd->each[worker].when, clock_now());
    atomic_store(&crowd->each[worker].call, call);
    atomic_fetch_add(&crowd->through, 1);
}

// Looks a thousand times a second: whatever it waits for may come from a waiter, its death, or
// both.
static void crowd_pause(void)
{
    struct timespec moment = {.tv_nsec = NS_PER_MS};
    nanosleep(&moment, NULL);
}

static uint32_t crowd_past(const struct crowd *crowd)
{
    return atomic_load(&crowd->gone) + atomic_load(&crowd->through);
}

bool crowd_await(const struct crowd *crowd, uint32_t (*so)(const void *object), const void *object,
                 int64_t timeout)
{
    int64_t deadline = clock_now() + timeout;
    while (so(object) + crowd_past(crowd) < crowd->waiters) {
        if (clock_now() >= deadline)
            return false;
        crowd_pause();
    }
    return true;
}

void crowd_await_through(const struct crowd *crowd, uint32_t count, int64_t timeout)
{
    int64_t deadline = clock_now() + timeout;
    while (crowd_past(crowd) < count && clock_now() < deadline)
        crowd_pause();
}

void crowd_await_begin(struct crowd *crowd)
{
    while (atomic_load(&crowd->begun) == 0)
        if (futex_wait(&crowd->begun, 0, FUTEX_NEVER) != 0)
            crowd_pause();
}

void crowd_begin(struct crowd *crowd)
{
    atomic_store(&crowd->begun, 1);
    futex_must_wake(&crowd->begun, INT_MAX);
}

uint32_t crowd_list(const struct crowd *crowd, uint32_t call, char *text, size_t size)
{
    uint32_t count = 0;
    size_t length = 0;
    text[0] = '\0';
    for (uint32_t worker = 0; worker < crowd->waiters; worker++) {
        if (atomic_load(&crowd->each[worker].call) != call)
            continue;
        count++;
        if (length + 16 < size)
            length += (size_t)snprintf(text + length, size - length, "%sp%u", length ? " " : "",
                                       worker + 1);
    }
    return count;
}

uint32_t crowd_woken(const struct crowd *crowd)
{
    uint32_t count = 0;
    for (uint32_t worker = 0; worker < crowd->waiters; worker++) {
        uint32_t call = atomic_load(&crowd->each[worker].call);
        count += call != CROWD_WAITS && call != CROWD_LATE;
    }
    return count;
}
