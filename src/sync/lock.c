// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/lock.h"

#include "base/die.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct lock {
    pthread_mutex_t mutex;
    // Whom to name, should the one that holds the mutex die: LOCK_SOMEBODY until it signs.
    int64_t owner;
    uint16_t object;
};

static size_t lock_size(uint32_t workers, int64_t capacity)
{
    (void)workers;
    (void)capacity;
    return sizeof(struct lock);
}

static void lock_init(void *shared, uint16_t object, uint32_t workers, int64_t capacity)
{
    struct lock *lock = shared;
    pthread_mutexattr_t attributes;
    (void)workers;
    (void)capacity;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    int error = pthread_mutex_init(&lock->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    if (error)
        die("pthread_mutex_init: %s", strerror(error));
    lock->owner = LOCK_SOMEBODY;
    lock->object = object;
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

uint16_t lock_object(const struct lock *lock)
{
    return lock->object;
}

const struct sync_kind sync_lock = {
    .name = "lock", .glyph = "\u2591", .mark = "~", .size = lock_size, .init = lock_init};
