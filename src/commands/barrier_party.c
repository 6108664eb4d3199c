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

static void barrier_party_report_broken(const struct self *self, enum barrier_break why,
                                        uint32_t culprit)
{
    char culprit_name[16];
    barrier_party_name(culprit, culprit_name, sizeof culprit_name);
    if (why == BARRIER_TIMED_OUT)
        report_output(self, "p%u - test_with_barrier: the barrier is broken: it took too long",
                      self->number + 1);
    else
        report_output(self, "p%u - test_with_barrier: the barrier is broken: %s is gone",
                      self->number + 1, culprit_name);
}

// Waits for the others. False when the barrier is broken.
static bool barrier_party_meet(const struct self *self, const struct party *party, int64_t round)
{
    uint32_t culprit = 0;
    uint16_t object = barrier_object(party->barrier);
    gate_pass(self, STEP_ARRIVE, object);
    report_arrived(self, object, round, party->args->parties);
    gate_pass(self, STEP_WAIT, object);
    enum barrier_break why = barrier_wait(party->barrier, round, &culprit);
    if (why == BARRIER_WHOLE)
        return true;
    if (why == BARRIER_SLEEPLESS)
        report_failure(self, "futex");
    else
        barrier_party_report_broken(self, why, culprit);
    return false;
}

static void barrier_party_report_inherited(const struct self *self, const char *test,
                                           int64_t dead_owner)
{
    char owner_name[16] = "somebody";
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
        if (meets && !barrier_party_meet(self, party, round))
            return 1;
        int64_t now = clock_wall();
        report_passed(self, meets ? barrier_object(party->barrier) : NO_OBJECT, round, now);
        barrier_party_print_locked(self, party, meets, now, &results);
    }
    report_done(self, party->args->rounds * party->args->work.size);
    return self->exit_status;
}
