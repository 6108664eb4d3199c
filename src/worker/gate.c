// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/gate.h"

#include "base/die.h"
#include "os/futex.h"
#include "worker/faults.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOBODY UINT32_MAX

// What a worker finds at its gate.
enum { CLOSED, OPEN, GIVEN_UP, FREE, DISMISSED };

enum place { AWAY, PARKED, WAITING, ACTING, THROUGH, DEAD };

struct gate {
    _Atomic uint32_t word;  // futex: CLOSED, OPEN or GIVEN_UP
    _Atomic uint32_t place; // enum place
    struct gate_step next;  // set by the worker before it is PARKED or WAITING
    uint64_t seen;          // hash of its steps and of what they saw
};

struct gates {
    _Atomic uint32_t asked;    // futex: an enum gate_state, for the parent
    _Atomic uint32_t arrivals; // futex: counts workers that have parked without a turn
    uint32_t workers, current, last;
    uint32_t length, planned;
    enum gate_policy policy;
    struct gate_priorities priorities;
    struct gate all[GATE_WORKERS];
    uint8_t plan[GATE_STEPS];
    struct gate_record trace[GATE_STEPS];
};

struct gates *gate_page;

// The worker's own: its number, whether it is its turn, whether it is at the first gate of its
// body, and where the body begins.
static uint32_t gate_number;
static bool gate_has_turn, gate_is_first;
static sigjmp_buf gate_start;

static void gate_sleep(_Atomic uint32_t *word, uint32_t while_it_is, const struct timespec *timeout)
{
    if (syscall(SYS_futex, word, FUTEX_WAIT, while_it_is, timeout, NULL, 0) < 0 &&
        errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        die("futex(FUTEX_WAIT): %s", strerror(errno));
}

static void gate_wake(_Atomic uint32_t *word, uint32_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
    futex_must_wake(word, 1);
}

static enum place gate_place(const struct gates *gates, uint32_t number)
{
    return atomic_load_explicit(&gates->all[number].place, memory_order_acquire);
}

static void gate_set_place(struct gates *gates, uint32_t number, enum place place)
{
    atomic_store_explicit(&gates->all[number].place, place, memory_order_release);
}

static bool gate_can_go(const struct gates *gates, uint32_t number)
{
    const struct gate_step *step = &gates->all[number].next;
    if (gate_place(gates, number) != WAITING)
        return false;
    if (step->word)
        return atomic_load_explicit(step->word, memory_order_acquire) != step->asleep;
    return !step->wait || step->wait->ready(step->object, number);
}

uint32_t gate_enabled(const struct gates *gates)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < gates->workers; i++)
        mask |= gate_can_go(gates, i) ? UINT32_C(1) << i : 0;
    return mask;
}

static uint32_t gate_mask_of(const struct gates *gates, enum place place)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < gates->workers; i++)
        mask |= gate_place(gates, i) == place ? UINT32_C(1) << i : 0;
    return mask;
}

uint32_t gate_unfinished(const struct gates *gates)
{
    return gate_mask_of(gates, WAITING);
}

uint32_t gate_dead(const struct gates *gates)
{
    return gate_mask_of(gates, DEAD);
}

static uint32_t gate_highest(const struct gates *gates, uint32_t enabled)
{
    const uint32_t *priority = gates->priorities.priority;
    uint32_t best = NOBODY;
    for (uint32_t i = 0; i < gates->workers; i++)
        if (enabled >> i & 1 && (best == NOBODY || priority[i] > priority[best]))
            best = i;
    return best;
}

static uint32_t gate_by_priority(struct gates *gates, uint32_t enabled)
{
    struct gate_priorities *priorities = &gates->priorities;
    uint32_t best = gate_highest(gates, enabled);
    for (uint32_t i = 0; i < priorities->changes; i++)
        if (priorities->change_at[i] == gates->length)
            priorities->priority[best] = priorities->changes - 1 - i;
    return gate_highest(gates, enabled);
}

// Chooses by the policy among the enabled workers; there is at least one.
static uint32_t gate_by_policy(struct gates *gates, uint32_t enabled)
{
    switch (gates->policy) {
    case GATE_STAY:
        if (gates->last != NOBODY && enabled >> gates->last & 1)
            return gates->last;
        return (uint32_t)__builtin_ctz(enabled);
    case GATE_PRIORITY:
        return gate_by_priority(gates, enabled);
    case GATE_HOLD:
        break;
    }
    return NOBODY;
}

// Chooses the worker that goes next. Returns GATE_RUNNING, or what the parent must be woken for.
static enum gate_state gate_choose(struct gates *gates, uint32_t *next)
{
    uint32_t enabled = gate_enabled(gates);
    *next = NOBODY;
    if (gates->length == GATE_STEPS)
        return GATE_FULL;
    gates->trace[gates->length].enabled = enabled;
    if (gates->length < gates->planned) {
        uint8_t step = gates->plan[gates->length];
        *next = step & ~GATE_DEATH;
        if (*next >= gates->workers || gate_place(gates, *next) != WAITING)
            return GATE_IMPOSSIBLE;
        if (step & GATE_DEATH)
            return GATE_KILLS;
        return enabled >> *next & 1 ? GATE_RUNNING : GATE_IMPOSSIBLE;
    }
    if (!enabled)
        return gate_unfinished(gates) ? GATE_STUCK : GATE_OVER;
    *next = gate_by_policy(gates, enabled);
    return *next == NOBODY ? GATE_ASKS : GATE_RUNNING;
}

// Passes the turn to the next worker. True if that is worker `me`, which need not sleep then.
static bool gate_hand_over(struct gates *gates, uint32_t me)
{
    uint32_t next;
    enum gate_state state = gate_choose(gates, &next);
    gates->current = next;
    if (state != GATE_RUNNING) {
        gate_wake(&gates->asked, state);
        return false;
    }
    if (next == me)
        return true;
    gate_wake(&gates->all[next].word, OPEN);
    return false;
}

static void gate_enter_trace(struct gates *gates, uint32_t number)
{
    const struct gate_step *step = &gates->all[number].next;
    struct gate_record *record = &gates->trace[gates->length++];
    record->step = (uint8_t)number;
    record->verb = step->verb;
    record->name = step->name;
    record->number = step->number;
    record->value = step->value;
    record->has_value = step->has_value;
    gates->last = number;
    uint64_t mixed = gates->all[number].seen ^ (uintptr_t)step->verb;
    gates->all[number].seen = mixed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static void gate_await_turn(struct gate *mine)
{
    uint32_t found;
    while ((found = atomic_load_explicit(&mine->word, memory_order_acquire)) == CLOSED)
        gate_sleep(&mine->word, CLOSED, NULL);
    atomic_store_explicit(&mine->word, CLOSED, memory_order_relaxed);
    if (found == OPEN)
        return;
    gate_has_turn = false;
    siglongjmp(gate_start, (int)found);
}

static void gate_tell_arrival(struct gates *gates)
{
    atomic_fetch_add_explicit(&gates->arrivals, 1, memory_order_release);
    futex_must_wake(&gates->arrivals, 1);
}

void gate_enter(const struct gate_step *step)
{
    struct gate *mine = &gate_page->all[gate_number];
    mine->next = *step;
    // At its first gate the worker has finished the previous order, and passes that order's turn on
    // only now: so it need not be woken once more for the next one.
    gate_set_place(gate_page, gate_number,
                   !gate_is_first  ? WAITING
                   : gate_has_turn ? THROUGH
                                   : PARKED);
    if (gate_is_first && !gate_has_turn)
        gate_tell_arrival(gate_page);
    gate_is_first = false;
    bool goes_on = gate_has_turn && gate_hand_over(gate_page, gate_number);
    if (!goes_on)
        gate_await_turn(mine);
    gate_has_turn = true;
    gate_set_place(gate_page, gate_number, ACTING);
    gate_enter_trace(gate_page, gate_number);
}

void gate_enter_named(enum step step, uint32_t object, const _Atomic uint32_t *word,
                      uint32_t asleep)
{
    gate_enter(&(struct gate_step){
        .verb = steps_verb(step), .number = object, .word = word, .asleep = asleep});
}

void gate_strike(const struct self *self, enum step step)
{
    static bool gate_has_struck;
    if (step == STEP_NONE || self->as == AS_NORMAL || gate_has_struck)
        return;
    gate_has_struck = true;
    faults_strike(self);
}

void gate_saw(int64_t value)
{
    if (!gate_page)
        return;
    struct gate_record *record = &gate_page->trace[gate_page->length - 1];
    record->value = value;
    record->has_value = true;
    uint64_t *seen = &gate_page->all[gate_number].seen;
    *seen = (*seen ^ (uint64_t)value) * UINT64_C(0xff51afd7ed558ccd) + 1;
}

// Carries out what a worker was told at its first gate. False when it is dismissed.
static bool gate_obey(struct gates *gates, uint32_t number, const struct gate_life *life, int told)
{
    if (told == GIVEN_UP && life->abandon)
        life->abandon(life->data, number);
    if (told == FREE) {
        gate_page = NULL;
        life->freely(life->data, number);
        gate_page = gates;
    }
    return told != DISMISSED;
}

void gate_serve(struct gates *gates, uint32_t number, const struct gate_life *life)
{
    gate_page = gates;
    gate_number = number;
    gate_has_turn = false;
    int told = sigsetjmp(gate_start, 0);
    if (!gate_obey(gates, number, life, told)) {
        gate_page = NULL;
        return;
    }
    for (;;) {
        gate_is_first = true;
        life->body(life->data, number);
    }
}

struct gates *gate_new(uint32_t workers)
{
    struct gates *gates =
        mmap(NULL, sizeof *gates, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (gates == MAP_FAILED)
        return NULL;
    gates->workers = workers;
    return gates;
}

void gate_free(struct gates *gates)
{
    if (gates)
        munmap(gates, sizeof *gates);
}

bool gate_is_parked(const struct gates *gates, uint32_t number)
{
    enum place place = gate_place(gates, number);
    return place == PARKED || place == THROUGH;
}

static bool gate_all_parked(const struct gates *gates)
{
    for (uint32_t i = 0; i < gates->workers; i++)
        if (!gate_is_parked(gates, i))
            return false;
    return true;
}

bool gate_await_parked(struct gates *gates, int64_t ns)
{
    struct timespec timeout = {ns / 1000000000, ns % 1000000000};
    uint32_t arrivals = atomic_load_explicit(&gates->arrivals, memory_order_acquire);
    if (gate_all_parked(gates))
        return true;
    if (ns > 0)
        gate_sleep(&gates->arrivals, arrivals, &timeout);
    return gate_all_parked(gates);
}

static void gate_tell_all(struct gates *gates, uint32_t what)
{
    for (uint32_t i = 0; i < gates->workers; i++)
        gate_set_place(gates, i, AWAY);
    for (uint32_t i = 0; i < gates->workers; i++)
        gate_wake(&gates->all[i].word, what);
}

void gate_free_run(struct gates *gates)
{
    gate_tell_all(gates, FREE);
}

void gate_dismiss(struct gates *gates)
{
    gate_tell_all(gates, DISMISSED);
}

void gate_forget(struct gates *gates, uint32_t number)
{
    gates->all[number] = (struct gate){0};
}

// Lets the parent choose, and wakes the next worker.
static void gate_let_go(struct gates *gates)
{
    atomic_store_explicit(&gates->asked, GATE_RUNNING, memory_order_relaxed);
    gate_hand_over(gates, NOBODY);
}

void gate_begin(struct gates *gates, const uint8_t *plan, size_t length, enum gate_policy policy,
                const struct gate_priorities *priorities)
{
    memcpy(gates->plan, plan, length);
    gates->planned = (uint32_t)length;
    gates->length = 0;
    gates->policy = policy;
    gates->last = NOBODY;
    if (priorities)
        gates->priorities = *priorities;
    for (uint32_t i = 0; i < gates->workers; i++) {
        gates->all[i].seen = i;
        gate_set_place(gates, i, WAITING);
    }
    gate_let_go(gates);
}

void gate_go_on(struct gates *gates, uint8_t step)
{
    gates->plan[gates->planned++] = step;
    gate_let_go(gates);
}

enum gate_state gate_await(struct gates *gates, int64_t ns)
{
    struct timespec timeout = {ns / 1000000000, ns % 1000000000};
    uint32_t state = atomic_load_explicit(&gates->asked, memory_order_acquire);
    if (state == GATE_RUNNING && ns > 0) {
        gate_sleep(&gates->asked, GATE_RUNNING, &timeout);
        state = atomic_load_explicit(&gates->asked, memory_order_acquire);
    }
    return state;
}

void gate_died(struct gates *gates, uint32_t number)
{
    struct gate_record *record = &gates->trace[gates->length++];
    record->step = (uint8_t)(number | GATE_DEATH);
    record->verb = "is killed";
    record->name = NULL;
    record->number = 0;
    record->has_value = false;
    gate_set_place(gates, number, DEAD);
    gate_let_go(gates);
}

void gate_give_up(struct gates *gates)
{
    for (uint32_t i = 0; i < gates->workers; i++) {
        if (gate_place(gates, i) != WAITING)
            continue;
        gate_set_place(gates, i, AWAY);
        gate_wake(&gates->all[i].word, GIVEN_UP);
    }
}

uint32_t gate_current(const struct gates *gates)
{
    return gates->current;
}

const struct gate_step *gate_next(const struct gates *gates, uint32_t number)
{
    return &gates->all[number].next;
}

const struct gate_record *gate_trace(const struct gates *gates, size_t *length)
{
    *length = gates->length;
    return gates->trace;
}

uint64_t gate_fingerprint(const struct gates *gates)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (uint32_t i = 0; i < gates->workers; i++) {
        hash = (hash ^ gates->all[i].seen) * UINT64_C(0x9e3779b97f4a7c15);
        hash = (hash ^ (hash >> 29) ^ gate_place(gates, i)) * UINT64_C(1099511628211);
    }
    return hash;
}
