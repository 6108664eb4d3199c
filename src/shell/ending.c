// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/ending.h"

#include "base/clock.h"
#include "process/loop.h"
#include "shell/call.h"

#include <signal.h>

static bool has_foreign; // children of whoever was this process before

void ending_note_foreign(void)
{
    has_foreign = jobs_have_children();
}

void ending_cancel_all(void)
{
    for (struct job *job = jobs_first(); job; job = job->next)
        job_cancel(job);
}

size_t ending_dismiss_daemons(void)
{
    size_t ended = 0;
    for (struct job *job = jobs_first(); job; job = job->next) {
        if (job->done)
            continue;
        events_add(EVENT_MAIN_ENDED, job->id, NO_WORKER, 0, 0, NULL);
        for (size_t i = 0; i < job->count; i++) {
            struct worker *worker = job->workers[i];
            if (!worker->daemon || !worker_lives(worker))
                continue;
            job_end_worker(worker);
            ended++;
        }
        if (job->daemon) {
            ((struct call *)job->owner)->dismissed = true;
            job_cancel(job);
        }
    }
    return ended;
}

size_t ending_join(struct text *names)
{
    enum { NAMED = 5 };
    size_t joined = 0;
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count && !job->done; i++) {
            struct worker *worker = job->workers[i];
            if (worker->daemon || !worker_lives(worker))
                continue;
            if (worker->kernel == KERNEL_STOPPED)
                worker_signal(worker, SIGCONT);
            if (joined++ < NAMED)
                text_print(names, "%s%s", joined > 1 ? ", " : "", text_visible(worker->name));
        }
    }
    if (joined > NAMED)
        text_print(names, " and %zu more", joined - NAMED);
    return joined;
}

bool ending_is_complete(void)
{
    for (struct job *job = jobs_first(); job; job = job->next)
        if (!job->done)
            return false;
    return true;
}

// What a worker left behind was killed, and is ours to reap; whoever started us need not see it.
void ending_await_orphans(void)
{
    int64_t deadline = clock_now() + GRACE_NS;
    jobs_set_reaping(true);
    jobs_collect();
    for (int64_t left = GRACE_NS; left > 0 && !has_foreign && jobs_have_children();
         left = deadline - clock_now())
        loop_turn(left);
}
