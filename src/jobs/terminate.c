// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/terminate.h"

#include "base/clock.h"
#include "base/die.h"
#include "os/loop.h"
#include "jobs/speaker.h"

#include <signal.h>
#include <string.h>

// Ends forklab when SIGKILL has failed several times: the worker would never end.
static void terminate_kill(struct worker *worker)
{
    enum { TRIES = 3 };
    int error = worker_end(worker, SIGKILL);
    worker->kills_failed += error != 0;
    if (worker->kills_failed == TRIES)
        die("kill(%d, SIGKILL): %s", (int)worker->pid, strerror(error));
}

// Kills the workers whose grace is over, and sets the timer for the others.
static void terminate_end_grace(void *data)
{
    struct job *job = data;
    int64_t now = clock_now(), next = 0;
    job->grace = NULL;
    for (size_t i = 0; i < job->count; i++) {
        struct worker *worker = job->workers[i];
        if (worker->kill_at == 0 || !worker_lives(worker))
            continue;
        if (worker->kill_at <= now) {
            terminate_kill(worker);
            worker->kill_at = now + GRACE_NS; // tried again if that failed
        }
        if (next == 0 || worker->kill_at < next)
            next = worker->kill_at;
    }
    if (next > 0)
        job->grace = loop_after(next - now, terminate_end_grace, job);
}

void terminate_worker(struct worker *worker)
{
    if (!worker_lives(worker) || worker->kill_at > 0)
        return;
    worker_end(worker, SIGTERM);
    worker->kill_at = clock_now() + GRACE_NS;
    if (!worker->job->grace)
        worker->job->grace = loop_after(GRACE_NS, terminate_end_grace, worker->job);
}

void terminate_unwanted(struct job *job)
{
    if (job->done)
        return;
    job->unwanted = true;
    terminate_job(job);
}

void terminate_job(struct job *job)
{
    if (job->done)
        return;
    for (size_t i = 0; i < job->count; i++) {
        if (job->cancelled && worker_lives(job->workers[i]))
            worker_end(job->workers[i], SIGKILL);
        else
            terminate_worker(job->workers[i]);
    }
    bool before = job->cancelled;
    job->cancelled = true;
    const struct job *speaker = speaker_set(job);
    if (!before && job->ops->cancelled)
        job->ops->cancelled(job);
    speaker_set(speaker);
}
