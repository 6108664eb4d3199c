// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of the barrier, for Spin: the REPL, PARTIES workers that meet ROUNDS times, and a killer
// that ends up to two of them at any moment. Behind each step stands the function that it is, of
// src/sync/barrier.c (P), src/commands/barrier.c and barrier_party.c (C) or src/jobs/reaper.c (R).
//
// Checked by a safety run: the assertions, and that no state is an end but the proper one, where every
// worker was reaped and the REPL is through. There is no ltl block: it would switch the latter off.
//
// With TIMEOUT a round may time out at any moment; without it, nothing but the protocol itself can free
// who waits. BREAK_... make one step wrong; tests/faults/model expects Spin to object to each.

#ifndef PARTIES
#define PARTIES 4
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

// Shared memory, P struct shared: two for each round released, one for broken.
byte word;
// Who sleeps in futex(FUTEX_WAIT); the kernel's.
bool asleep[PARTIES];
// The pipe of the job: (party, round) of each FRAME_ARRIVED; sorted, as nothing depends on who is first.
chan pipe = [PARTIES * ROUNDS] of { byte, byte };
// The kernel's word on each worker.
bool alive[PARTIES];
bool well[PARTIES];
bool reaped[PARTIES];

// For the assertions only: the rounds each party has arrived in, those that the REPL released, and whom
// the REPL's last look found alive.
byte reported[PARTIES];
bool seen_alive[PARTIES];

#define BEFORE (r * 2)

proctype party(byte me)
{
    byte r = 0;
    byte seen;
work:
    // C meet(): report_arrived()
    atomic {
        if
        :: !alive[me] -> goto gone
        :: alive[me] -> pipe!!me, r; reported[me] = r + 1
        fi
    }
look:
    // P barrier_wait(): while ((word = atomic_load(...)) == before)
    atomic {
        if
        :: !alive[me] -> goto gone
        :: alive[me] && word == BEFORE -> skip
        :: alive[me] && word != BEFORE -> seen = word; goto judge
        fi
    }
    // P barrier_wait(): futex(FUTEX_WAIT), which compares once more before it sleeps
    atomic {
        if
        :: !alive[me] -> goto gone
        :: alive[me] && word == BEFORE -> asleep[me] = true
        :: alive[me] && word != BEFORE -> goto look
        fi
    }
    atomic {
        if
        :: !alive[me] -> asleep[me] = false; goto gone
        :: alive[me] && !asleep[me] -> goto look
        fi
    }
judge:
    // P barrier_wait(): if (!(word & 1) || word - before > 1) return BARRIER_WHOLE
    atomic {
        if
        :: !alive[me] -> goto gone
        :: alive[me] && ((seen & 1) == 0 || seen - BEFORE > 1) ->
            byte other;
            for (other : 0 .. PARTIES - 1) {
                assert(reported[other] > r) // nobody goes on before all have arrived
            }
            other = 0;
            seen = 0;
            r++
        :: alive[me] && (seen & 1) == 1 && seen - BEFORE <= 1 ->
            alive[me] = false; // C party_take_part(): told that it is broken, it ends with 1
            goto gone
        fi
    }
    atomic {
        if
        :: r < ROUNDS -> goto work
        :: r == ROUNDS && alive[me] -> well[me] = true; alive[me] = false
        :: r == ROUNDS && !alive[me] -> skip
        fi
    }
gone:
    skip
}

// Parties are alike, so it is enough that these are the first ones.
proctype killer()
{
    atomic {
        if
        :: alive[0] -> alive[0] = false
        :: true -> skip
        fi
    }
    atomic {
        if
        :: alive[1] -> alive[1] = false
        :: true -> skip
        fi
    }
}

// What only the REPL knows: P struct barrier and C struct meeting.
bool has_arrived[PARTIES];
byte waiting, now, unfinished;
bool releasing, timing, failed;

// P wake_all(): the word first, then futex(FUTEX_WAKE)
inline wake_all(add)
{
    word = word + add;
#ifndef BREAK_WAKE
    d_step {
        for (i : 0 .. PARTIES - 1) {
            asleep[i] = false
        }
        i = 0
    }
#endif
}

// C break_barrier() and P barrier_break(): not when all rounds are over
inline break_it()
{
    timing = false;
    if
    :: (word & 1) == 0 && now < ROUNDS -> failed = true; wake_all(1)
    :: else -> skip
    fi
}

// C note_arrival() and P barrier_arrived()
inline hear()
{
    atomic {
        pipe?from, at;
        if
        :: at == now && now < ROUNDS && !has_arrived[from] ->
            has_arrived[from] = true;
            waiting++;
            timing = timing || (waiting == 1 && !failed);
            releasing = releasing || (waiting == PARTIES && (word & 1) == 0)
        :: else -> skip
        fi;
        from = 0;
        at = 0
    }
}

#define DEAD(p) (!alive[p] && !reaped[p])
#define SOMEONE_DIED (DEAD(0) || DEAD(1) || (PARTIES > 2 && DEAD(2)) || (PARTIES > 3 && DEAD(PARTIES - 1)))

// R jobs_collect(): one zombie after another, until the kernel knows no more
inline collect()
{
    do
    :: atomic {
        SOMEONE_DIED ->
        for (dead : 0 .. PARTIES - 1) {
            if
            :: DEAD(dead) -> break
            :: else -> skip
            fi
        }
    }
        // R note_death(): its last words
        do
        :: nempty(pipe) -> hear()
        :: empty(pipe) -> break
        od;
        atomic { reaped[dead] = true; unfinished-- }
        if // C part() and lose()
        :: !well[dead] -> break_it()
        :: well[dead] -> skip
        fi;
        dead = 0
    :: atomic {
        !SOMEONE_DIED ->
        for (i : 0 .. PARTIES - 1) {
            seen_alive[i] = alive[i]
        }
        i = 0
    }
        break
    od
}

// C release() and P barrier_release()
inline release()
{
    releasing = false;
#ifndef BREAK_LOOK
    collect();
#endif
    if
    :: (word & 1) == 1 -> skip
    :: (word & 1) == 0 ->
        timing = false;
        d_step {
            assert(waiting == PARTIES);
            for (i : 0 .. PARTIES - 1) {
                assert(reported[i] > now); // all of the round have arrived,
                assert(seen_alive[i]);     // and lived when the REPL looked
                has_arrived[i] = false;
                seen_alive[i] = false
            }
            i = 0;
            waiting = 0;
            now++
        }
        wake_all(2)
    fi
}

active proctype repl()
{
    byte i, from, at, dead;
    atomic {
        for (i : 0 .. PARTIES - 1) {
            alive[i] = true;
            run party(i)
        }
        i = 0;
        unfinished = PARTIES;
        run killer()
    }
    // The loop: what is ready comes in any order.
    do
    :: nempty(pipe) -> hear()
    :: SOMEONE_DIED -> collect()
    :: releasing -> release()
#ifdef TIMEOUT
    :: timing -> break_it() // C time_out()
#endif
    :: unfinished == 0 -> break
    od;
    assert(!failed || (word & 1) == 1);
    assert(failed || now == ROUNDS)
}
