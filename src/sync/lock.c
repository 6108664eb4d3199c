// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/lock.h"

#include "base/die.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

struct lock {
    pthread_mutex_t mutex;
    // Whom to name, should the one that holds the mutex die: LOCK_SOMEBODY until it signs.
    int64_t owner;
};

struct lock *lock_new(void)
{
    struct lock *lock =
        mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lock == MAP_FAILED)
        return NULL;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    int error = pthread_mutex_init(&lock->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    if (error)
        die("pthread_mutex_init: %s", strerror(error));
    lock->owner = LOCK_SOMEBODY;
    return lock;
}

void lock_free(struct lock *lock)
{
    if (lock)
        munmap(lock, sizeof *lock);
}

// Finishes what pthread_mutex_lock or _trylock returned.
static void lock_own(struct lock *lock, int result, uint32_t number, int64_t *dead_owner)
{
    *dead_owner = LOCK_NOBODY;
    if (result == EOWNERDEAD) {
        *dead_owner = lock->owner;
        result = pthread_mutex_consistent(&lock->mutex);
    }
    BUG_IF(result != 0);
    lock->owner = number;
}

bool lock_try(struct lock *lock, uint32_t number, int64_t *dead_owner)
{
    int result = pthread_mutex_trylock(&lock->mutex);
    if (result == EBUSY)
        return false;
    lock_own(lock, result, number, dead_owner);
    return true;
}

void lock_take(struct lock *lock, uint32_t number, int64_t *dead_owner)
{
    lock_own(lock, pthread_mutex_lock(&lock->mutex), number, dead_owner);
}

void lock_release(struct lock *lock)
{
    lock->owner = LOCK_SOMEBODY;
    pthread_mutex_unlock(&lock->mutex);
}
