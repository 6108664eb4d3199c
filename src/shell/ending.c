// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/ending.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/text.h"
#include "process/loop.h"
#include "shell/notices.h"
#include "shell/run.h"
#include "shell/session.h"
#include "shell/source.h"

#include <signal.h>

static bool over;
static int quit_status = -1;
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

// Ends the daemons, and returns how many there were.
static size_t dismiss_daemons(void)
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

// Continues those of the others who are stopped, as nobody else could any more. Adds the names of the first few,
// and returns how many there are.
static size_t join(struct text *names)
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

bool ending_is_over(void)
{
    return over;
}

int ending_status(void)
{
    return quit_status;
}

static void check_quit(struct call *call)
{
    over = ending_is_complete();
    if (over)
        call_finish(call, STATUS_OK);
}

static void hurry_quit(struct call *call)
{
    (void)call;
    if (!session_is_leaving()) // who leaves has done it; twice would be SIGKILL at once
        ending_cancel_all();
}

int ending_quit(struct call *call, int status)
{
    static const struct call_ops quit_ops = {.interrupt = hurry_quit, .changed = check_quit};
    struct text names = {0};
    quit_status = status;
    source_drop_all();
    jobs_collect();
    size_t ended = dismiss_daemons();
    if (ended > 0)
        notices_add("quit: terminating %zu daemon worker%s", ended, ended == 1 ? "" : "s");
    size_t joined = join(&names);
    if (joined > 0)
        notices_add("quit: waiting for %s%s", text_string(&names),
                    !session_is_interactive() ? ""
                    : joined == 1             ? " (Ctrl-C terminates it)"
                                              : " (Ctrl-C terminates them)");
    text_free(&names);
    call->ops = &quit_ops;
    over = ending_is_complete();
    return over ? STATUS_OK : STATUS_PENDING;
}

void ending_quit_at_end(void)
{
    struct part part = {.words = must_calloc(2, sizeof(char *)), .count = 1};
    part.words[0] = must_strdup("quit");
    part.source = must_strdup("quit");
    run_part(&part);
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
