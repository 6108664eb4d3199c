// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/barrier.h"

#include "base/die.h"
#include "base/must.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// What the parties can see. `word` is what they sleep on (futex(2)): the number of rounds released,
// times two, plus one once the barrier is broken. The rest is written before it.
struct shared {
    _Atomic uint32_t word;
    enum barrier_break why;
    uint32_t culprit;
};

struct barrier {
    struct shared *shared;
    bool *has_arrived; // by party
    uint32_t parties;
    uint32_t waiting;
    int64_t round;
    int64_t rounds;
    int woken;
};

struct barrier *barrier_new(uint32_t parties, int64_t rounds)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return NULL;
    struct barrier *barrier = must_calloc(1, sizeof *barrier);
    *barrier = (struct barrier){.shared = shared, .parties = parties, .rounds = rounds};
    barrier->has_arrived = must_calloc(parties, sizeof *barrier->has_arrived);
    return barrier;
}

void barrier_free(struct barrier *barrier)
{
    if (!barrier)
        return;
    munmap(barrier->shared, sizeof *barrier->shared);
    free(barrier->has_arrived);
    free(barrier);
}

static bool barrier_is_broken(const struct barrier *barrier)
{
    return atomic_load(&barrier->shared->word) & 1;
}

bool barrier_arrived(struct barrier *barrier, uint32_t party, int64_t round)
{
    if (party >= barrier->parties || round != barrier->round || round >= barrier->rounds)
        return false;
    if (barrier->has_arrived[party])
        return false;
    barrier->has_arrived[party] = true;
    barrier->waiting++;
    return barrier->waiting == barrier->parties && !barrier_is_broken(barrier);
}

static void barrier_wake_all(struct barrier *barrier, uint32_t add)
{
    atomic_fetch_add(&barrier->shared->word, add);
    barrier->woken =
        (int)syscall(SYS_futex, &barrier->shared->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    if (barrier->woken < 0)
        die("futex(FUTEX_WAKE): %s", strerror(errno));
}

bool barrier_release(struct barrier *barrier)
{
    if (barrier_is_broken(barrier))
        return false;
    BUG_IF(barrier->waiting != barrier->parties);
    for (uint32_t party = 0; party < barrier->parties; party++)
        barrier->has_arrived[party] = false;
    barrier->waiting = 0;
    barrier->round++;
    barrier_wake_all(barrier, 2);
    return true;
}

bool barrier_break(struct barrier *barrier, enum barrier_break why, uint32_t culprit)
{
    if (barrier_is_broken(barrier) || barrier->round == barrier->rounds)
        return false;
    barrier->shared->why = why;
    barrier->shared->culprit = culprit;
    barrier_wake_all(barrier, 1);
    return true;
}

int barrier_woken(const struct barrier *barrier)
{
    return barrier->woken;
}

uint32_t barrier_waiting(const struct barrier *barrier)
{
    return barrier->waiting;
}

int64_t barrier_round(const struct barrier *barrier)
{
    return barrier->round;
}

enum barrier_break barrier_wait(struct barrier *barrier, int64_t round, uint32_t *culprit)
{
    struct shared *shared = barrier->shared;
    uint32_t before = (uint32_t)round * 2;
    uint32_t word;
    while ((word = atomic_load(&shared->word)) == before)
        if (syscall(SYS_futex, &shared->word, FUTEX_WAIT, before, NULL, NULL, 0) < 0 &&
            errno != EINTR && errno != EAGAIN)
            return BARRIER_SLEEPLESS;
    // Released first and broken later is released: this round was whole.
    if (!(word & 1) || word - before > 1)
        return BARRIER_WHOLE;
    *culprit = shared->culprit;
    return shared->why;
}
