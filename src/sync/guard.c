// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/guard.h"

#include "base/clock.h"
#include "os/futex.h"
#include "worker/gate.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

int guard_init(pthread_mutex_t *guard)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    int error = pthread_mutex_init(guard, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return error;
}

bool guard_is_free(const pthread_mutex_t *guard)
{
    // The word that the kernel looks at when an owner dies; pthread_mutex_t begins with it.
    const _Atomic uint32_t *word = (const _Atomic uint32_t *)guard;
    return (atomic_load_explicit(word, memory_order_relaxed) & FUTEX_TID_MASK) == 0;
}

static bool guard_is_ready(const void *object, uint32_t worker)
{
    (void)worker;
    return guard_is_free(object);
}

static const struct gate_wait guard_wait = {.ready = guard_is_ready};

int guard_take(pthread_mutex_t *guard, int64_t deadline)
{
    int error = pthread_mutex_trylock(guard);
    if (error != EBUSY)
        return error;
    if (deadline == 0)
        return ETIMEDOUT;
    if (gate_page) {
        gate_before_wait("waits for", "a lock", &guard_wait, guard);
        return pthread_mutex_trylock(guard);
    }
    if (deadline == FUTEX_NEVER)
        return pthread_mutex_lock(guard);
    struct timespec until = {deadline / NS_PER_S, deadline % NS_PER_S};
    return pthread_mutex_clocklock(guard, CLOCK_MONOTONIC, &until);
}

int guard_mend(pthread_mutex_t *guard)
{
    return pthread_mutex_consistent(guard);
}

int guard_release(pthread_mutex_t *guard)
{
    return pthread_mutex_unlock(guard);
}
