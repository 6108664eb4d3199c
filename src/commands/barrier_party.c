// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/barrier_party.h"

#include "base/clock.h"
#include "worker/gate.h"
#include "worker/workload.h"

#include <stdio.h>

void barrier_party_name(uint32_t number, char *name, size_t size)
{
    snprintf(name, size, "p%u", number + 1);
}

static void barrier_party_report_end(const struct self *self, enum barrier_break why,
                                     uint32_t culprit)
{
    char reason[64], name[16];
    barrier_party_name(culprit, name, sizeof name);
    switch (why) {
    case BARRIER_TIMED_OUT:
        snprintf(reason, sizeof reason, "is broken: it took too long");
        break;
    case BARRIER_ABORTED:
        snprintf(reason, sizeof reason, "is broken: %s aborted it", name);
        break;
    case BARRIER_RESET:
        snprintf(reason, sizeof reason, "was reset by %s: once more", name);
        break;
    case BARRIER_PARTY_MISSING:
        snprintf(reason, sizeof reason, "is broken: %s could not be started", name);
        break;
    case BARRIER_PARTY_DIED:
    case BARRIER_WHOLE:
    case BARRIER_ACTS:
    case BARRIER_SLEEPLESS:
        snprintf(reason, sizeof reason, "is broken: %s is gone", name);
        break;
    }
    report_output(self, "p%u - test_with_barrier: the barrier %s", self->number + 1, reason);
}

static void barrier_party_act(const struct self *self, struct barrier *barrier)
{
    uint16_t object = barrier_object(barrier);
    report_holds(self, object, OWNER_NONE, 1);
    report_output(self, "p%u - test_with_barrier: all have arrived; it acts for them, once",
                  self->number + 1);
    barrier_acted(barrier);
    report_lets_go(self, object, 1);
}

// Waits for the others, from the report that it does on.
static enum barrier_break barrier_party_wait(const struct self *self, const struct party *party,
                                             int64_t round)
{
    uint32_t culprit = 0;
    enum barrier_break why;
    while ((why = barrier_wait(party->barrier, self->number, round, &culprit)) == BARRIER_ACTS)
        barrier_party_act(self, party->barrier);
    if (why == BARRIER_SLEEPLESS)
        report_failure(self, "futex");
    else if (why != BARRIER_WHOLE)
        barrier_party_report_end(self, why, culprit);
    return why;
}

// Arrives at the barrier's round and waits. The one that is to end the first round says so instead.
static enum barrier_break barrier_party_meet(const struct self *self, const struct party *party,
                                             int64_t round)
{
    uint16_t object = barrier_object(party->barrier);
    int64_t number = (int64_t)self->number + 1;
    bool ends = number == party->args->abort || number == party->args->reset;
    gate_pass(self, STEP_ARRIVE, object);
    if (round == 0 && ends)
        report_waits(self, object, BARRIER_PARTY_ENDS_ROUND, 0);
    else
        report_arrived(self, object, round, party->args->parties);
    gate_pass(self, STEP_WAIT, object);
    return barrier_party_wait(self, party, round);
}

// True once it may go on with round `round` of its work. A round of the barrier that was reset
// counts for none.
static bool barrier_party_pass(const struct self *self, const struct party *party, int64_t round)
{
    static int64_t resets;
    enum barrier_break why = barrier_party_meet(self, party, round + resets);
    if (why != BARRIER_RESET)
        return why == BARRIER_WHOLE;
    resets++;
    return barrier_party_meet(self, party, round + resets) == BARRIER_WHOLE;
}

static void barrier_party_report_inherited(const struct self *self, const char *test,
                                           int64_t dead_owner)
{
    char owner_name[16] = "a worker";
    if (dead_owner != LOCK_SOMEBODY)
        barrier_party_name((uint32_t)dead_owner, owner_name, sizeof owner_name);
    report_output(self, "p%u - %s: %s died with the lock; it goes on to p%u", self->number + 1,
                  test, owner_name, self->number + 1);
}

static void barrier_party_print_locked(const struct self *self, const struct party *party, bool met,
                                       int64_t now, const struct results *results)
{
    char when[64], list[1024];
    int64_t dead_owner;
    uint16_t object = lock_object(party->lock);
    const char *test = met ? "test_with_barrier" : "test_without_barrier";
    if (!lock_try(party->lock, self->number, &dead_owner)) {
        report_at_lock(self, object);
        lock_take(party->lock, self->number, &dead_owner);
    }
    report_locked(self, object, dead_owner);
    gate_pass(self, STEP_LOCK, object);
    if (dead_owner != LOCK_NOBODY)
        barrier_party_report_inherited(self, test, dead_owner);
    clock_format(now, when, sizeof when);
    workload_format_results(results, list, sizeof list);
    report_output(self, "process p%u - %s ----> %s", self->number + 1, test, when);
    report_output(self, "p%u - %s results: %s", self->number + 1, test, list);
    lock_release(party->lock);
}

int barrier_party_take_part(const struct self *self, const void *argument)
{
    const struct party *party = argument;
    bool meets = self->number < party->args->parties;
    report_hello(self);
    for (int64_t round = 0; round < party->args->rounds; round++) {
        struct results results;
        workload_run(self, party->args->work.size, &results);
        if (meets && !barrier_party_pass(self, party, round))
            return 1;
        int64_t now = clock_wall();
        report_passed(self, meets ? barrier_object(party->barrier) : NO_OBJECT, round, now);
        barrier_party_print_locked(self, party, meets, now, &results);
    }
    report_done(self, party->args->rounds * party->args->work.size);
    return self->exit_status;
}
