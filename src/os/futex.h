// SPDX-License-Identifier: GPL-3.0-or-later
// Sleeping on a word of memory that processes share, and waking the sleepers (futex(2)). Both sides
// of the fork.
#ifndef FORKLAB_OS_FUTEX_H
#define FORKLAB_OS_FUTEX_H

#include <stdint.h>

#define FUTEX_NEVER INT64_MAX

// Sleeps while `word` is `expected`, until futex_wake() or `deadline` (ns of CLOCK_MONOTONIC, or
// FUTEX_NEVER). Returns 0 once it was woken, or the word is another; ETIMEDOUT; or the errno of
// the call. A signal does not end it.
int futex_wait(_Atomic uint32_t *word, uint32_t expected, int64_t deadline);

// Wakes at most `count` of the processes that sleep on `word`. Returns how many it woke, or -1 with
// errno.
int futex_wake(_Atomic uint32_t *word, int count);

// The same where the sleepers would wait for ever if it failed: it dies then.
int futex_must_wake(_Atomic uint32_t *word, int count);

#endif
