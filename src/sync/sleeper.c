// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/sleeper.h"

#include "worker/gate.h"

#include <errno.h>

#define SLEEPER_PATIENCE (10 * NS_PER_MS)

int64_t sleeper_deadline(struct sleeper *sleeper)
{
    if (sleeper->deadline == 0 && sleeper->timeout < 0)
        sleeper->deadline = FUTEX_NEVER;
    else if (sleeper->deadline == 0)
        sleeper->deadline = clock_now() + sleeper->timeout;
    return sleeper->deadline;
}

int64_t sleeper_patience(struct sleeper *sleeper)
{
    if (sleeper->told || sleeper->self->tells)
        return 0;
    int64_t deadline = sleeper_deadline(sleeper), patience = clock_now() + SLEEPER_PATIENCE;
    return patience < deadline ? patience : deadline;
}

void sleeper_tell(struct sleeper *sleeper)
{
    if (!sleeper->told)
        report_waits(sleeper->self, sleeper->object, 0,
                     sleeper->timeout > 0 ? sleeper->timeout : 0);
    sleeper->told = true;
}

void sleeper_give_up(const struct sleeper *sleeper)
{
    if (sleeper->told)
        report_goes_on(sleeper->self, sleeper->object, WENT_ON_TIMED_OUT);
}

int sleeper_sleep(struct sleeper *sleeper, _Atomic uint32_t *word, uint32_t expected)
{
    if (gate_sleeps(sleeper->object, word, expected))
        return 0;
    int64_t deadline = sleeper_deadline(sleeper), patience = sleeper_patience(sleeper);
    int error = patience ? futex_wait(word, expected, patience) : ETIMEDOUT;
    if (error != ETIMEDOUT || patience == deadline)
        return error;
    sleeper_tell(sleeper);
    return futex_wait(word, expected, deadline);
}

enum sync_result sleeper_result(int error)
{
    errno = error;
    if (error == 0)
        return SYNC_OK;
    return error == ETIMEDOUT ? SYNC_TIMED_OUT : SYNC_FAILED;
}
