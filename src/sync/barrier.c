// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/barrier.h"

#include "worker/gate.h"
#include "base/die.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BARRIER_WORD_BROKEN = 1, BARRIER_WORD_ACTS = 2, BARRIER_WORD_ROUND = 4 };

// No party's number.
#define BARRIER_NO_ACTOR UINT32_MAX

struct barrier {
    // What the parties see. `word` is what they sleep on (futex(2)): the number of rounds over,
    // times four, plus BARRIER_WORD_ACTS while one acts, plus BARRIER_WORD_BROKEN. The rest is
    // written before it.
    _Atomic uint32_t word;
    enum barrier_break why;
    uint32_t culprit;
    int64_t reset_round; // the one that was reset, or -1
    _Atomic uint32_t actor;
    // The parent's own.
    uint16_t object;
    uint32_t parties;
    uint32_t waiting;
    int64_t round;
    int64_t rounds;
    int woken;
    bool has_arrived[]; // by party
};

static size_t barrier_size(uint32_t parties, int64_t rounds)
{
    (void)rounds;
    return sizeof(struct barrier) + parties * sizeof(bool);
}

static void barrier_init(void *shared, uint16_t object, uint32_t parties, int64_t rounds)
{
    struct barrier *barrier = shared;
    barrier->object = object;
    barrier->parties = parties;
    barrier->rounds = rounds;
    barrier->reset_round = -1;
    atomic_store(&barrier->actor, BARRIER_NO_ACTOR);
}

static int64_t barrier_value(const void *shared)
{
    const struct barrier *barrier = shared;
    return barrier->waiting;
}

static bool barrier_is_broken(const struct barrier *barrier)
{
    return atomic_load(&barrier->word) & BARRIER_WORD_BROKEN;
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
    atomic_fetch_add(&barrier->word, add);
    barrier->woken = (int)syscall(SYS_futex, &barrier->word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    if (barrier->woken < 0)
        die("futex(FUTEX_WAKE): %s", strerror(errno));
}

// Ends the round for all that wait, with what they act on in it.
static void barrier_begin_next(struct barrier *barrier)
{
    uint32_t acts = atomic_load(&barrier->word) & BARRIER_WORD_ACTS;
    for (uint32_t party = 0; party < barrier->parties; party++)
        barrier->has_arrived[party] = false;
    barrier->waiting = 0;
    barrier->round++;
    barrier_wake_all(barrier, BARRIER_WORD_ROUND - acts);
}

bool barrier_release(struct barrier *barrier)
{
    if (barrier_is_broken(barrier))
        return false;
    BUG_IF(barrier->waiting != barrier->parties);
    barrier_begin_next(barrier);
    return true;
}

void barrier_let_act(struct barrier *barrier, uint32_t party)
{
    atomic_store(&barrier->actor, party);
    barrier_wake_all(barrier, BARRIER_WORD_ACTS);
}

void barrier_acted(struct barrier *barrier)
{
    atomic_store(&barrier->actor, BARRIER_NO_ACTOR);
}

bool barrier_reset(struct barrier *barrier, uint32_t culprit)
{
    BUG_IF(barrier->reset_round >= 0);
    if (barrier_is_broken(barrier))
        return false;
    barrier->culprit = culprit;
    barrier->reset_round = barrier->round;
    barrier_begin_next(barrier);
    return true;
}

bool barrier_break(struct barrier *barrier, enum barrier_break why, uint32_t culprit)
{
    if (barrier_is_broken(barrier) || barrier->round == barrier->rounds)
        return false;
    barrier->why = why;
    barrier->culprit = culprit;
    barrier_wake_all(barrier, BARRIER_WORD_BROKEN);
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

// Sleeps unless the word has changed. False when the system does not let it.
static bool barrier_sleep(struct barrier *barrier, uint32_t word)
{
    return syscall(SYS_futex, &barrier->word, FUTEX_WAIT, word, NULL, NULL, 0) == 0 ||
           errno == EINTR || errno == EAGAIN;
}

enum barrier_break barrier_wait(struct barrier *barrier, uint32_t party, int64_t round,
                                uint32_t *culprit)
{
    uint32_t before = (uint32_t)round * BARRIER_WORD_ROUND;
    uint32_t word;
    while (((word = atomic_load(&barrier->word)) & ~(uint32_t)BARRIER_WORD_ACTS) == before) {
        if (word != before && atomic_load(&barrier->actor) == party)
            return BARRIER_ACTS;
        if (!gate_sleeps(barrier->object, &barrier->word, word) && !barrier_sleep(barrier, word))
            return BARRIER_SLEEPLESS;
    }
    *culprit = barrier->culprit;
    if (round == barrier->reset_round)
        return BARRIER_RESET;
    // Released first and broken later is released: this round was whole.
    if (!(word & BARRIER_WORD_BROKEN) || word - before >= BARRIER_WORD_ROUND)
        return BARRIER_WHOLE;
    return barrier->why;
}

uint16_t barrier_object(const struct barrier *barrier)
{
    return barrier->object;
}

static void barrier_describe(const void *shared, struct text *text)
{
    const struct barrier *barrier = shared;
    if (barrier_is_broken(barrier))
        text_add_string(text, "broken");
    else
        text_print(text, "%u of %u wait", barrier->waiting, barrier->parties);
}

const struct sync_kind sync_barrier = {.name = "barrier",
                                       .glyph = "\u2592",
                                       .mark = "-",
                                       .size = barrier_size,
                                       .init = barrier_init,
                                       .value = barrier_value,
                                       .describe = barrier_describe};
