// SPDX-License-Identifier: GPL-3.0-or-later
// A barrier that belongs to the REPL. Parties report that they arrived and sleep on a word of
// shared memory that only the REPL writes; the REPL, which knows who lives, releases all of them or
// breaks the barrier for good.
#ifndef FORKLAB_SYNC_BARRIER_H
#define FORKLAB_SYNC_BARRIER_H

#include "sync/sync.h"

#include <stdbool.h>
#include <stdint.h>

struct barrier;

enum barrier_break {
    BARRIER_WHOLE,
    BARRIER_PARTY_DIED,
    BARRIER_PARTY_MISSING, // it could not be started
    BARRIER_TIMED_OUT,
    BARRIER_ABORTED, // by one of its parties
    BARRIER_RESET,   // so was this round; the next one is as good as new
    BARRIER_ACTS,    // all have come, and this party is to act before they are released
    BARRIER_SLEEPLESS
};

// A barrier for the job's first workers, who meet as many times as its capacity says.
extern const struct sync_kind sync_barrier;

// In the REPL. Notes that `party` arrived; true when it was the last of the round, so that
// barrier_release() is due. False for a party that lies: arrived already, or no party.
bool barrier_arrived(struct barrier *barrier, uint32_t party, int64_t round);

// In the REPL: frees everyone who waits, and begins the next round. Only once all have arrived, and
// after it is sure that they all live. False, and nothing is done, when the barrier is broken.
bool barrier_release(struct barrier *barrier);

// In the REPL: breaks the barrier, unless it is broken already or all rounds are over. Everyone who
// waits, or will, is freed at once and told why. True if it broke now.
bool barrier_break(struct barrier *barrier, enum barrier_break why, uint32_t culprit);

// In the REPL, once all have arrived: lets `party` return from its wait with BARRIER_ACTS. It waits
// again after barrier_acted(), which is called in that worker.
void barrier_let_act(struct barrier *barrier, uint32_t party);
void barrier_acted(struct barrier *barrier);

// In the REPL: ends the round for those who wait, who are told that `culprit` wanted it, and begins
// the next one. Once at most. False, and nothing is done, when the barrier is broken.
bool barrier_reset(struct barrier *barrier, uint32_t culprit);

// In the REPL: how many processes the last release or break woke; the others were not asleep yet.
int barrier_woken(const struct barrier *barrier);

// In the REPL: how many have arrived in this round, and which round that is (counted from 0).
uint32_t barrier_waiting(const struct barrier *barrier);
int64_t barrier_round(const struct barrier *barrier);

// In a worker, as `party`, after it reported that it arrived: sleeps until the barrier is released
// or broken. BARRIER_WHOLE when it was released. Else the reason, and `culprit` the party to blame.
// BARRIER_SLEEPLESS with errno when the kernel does not let it sleep: the barrier is as it was, but
// this party can't wait for it.
enum barrier_break barrier_wait(struct barrier *barrier, uint32_t party, int64_t round,
                                uint32_t *culprit);

// Returns its number.
uint16_t barrier_object(const struct barrier *barrier);

#endif
