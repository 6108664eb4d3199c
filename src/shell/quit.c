// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/quit.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/text.h"
#include "os/loop.h"
#include "shell/notices.h"
#include "shell/execute.h"
#include "shell/context.h"
#include "shell/input_stack.h"
#include "jobs/reaper.h"
#include "jobs/terminate.h"

#include <signal.h>

static bool over;
static int asked_status = -1;
static bool has_foreign; // children of the program that has become forklab by exec

void quit_note_foreign(void)
{
    has_foreign = reaper_has_children();
}

void quit_cancel_all(void)
{
    for (struct job *job = jobs_first(); job; job = job->next)
        terminate_unwanted(job);
}

// Ends the daemons, and returns how many there were.
static size_t quit_dismiss_daemons(void)
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
            terminate_worker(worker);
            ended++;
        }
        if (job->daemon) {
            ((struct call *)job->owner)->dismissed = "ended with the session";
            terminate_unwanted(job);
        }
    }
    return ended;
}

// Whether quit joins a worker. Continues it if it is stopped: after quit no command could.
static bool quit_is_joined(struct worker *worker)
{
    if (worker->daemon || !worker_lives(worker))
        return false;
    if (worker->kernel == KERNEL_STOPPED || worker->stop_asked)
        worker_signal(worker, SIGCONT);
    return true;
}

// Returns how many workers are to be joined, and adds the names of the first few.
static size_t quit_join(struct text *names)
{
    enum { NAMED = 5 };
    size_t joined = 0;
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count && !job->done; i++) {
            struct worker *worker = job->workers[i];
            if (!quit_is_joined(worker))
                continue;
            if (joined++ < NAMED)
                text_print(names, "%s%s", joined > 1 ? ", " : "", text_visible(worker->name));
        }
    }
    if (joined > NAMED)
        text_print(names, " and %zu more", joined - NAMED);
    return joined;
}

bool quit_is_complete(void)
{
    for (struct job *job = jobs_first(); job; job = job->next)
        if (!job->done)
            return false;
    return true;
}

bool quit_is_over(void)
{
    return over;
}

int quit_status(void)
{
    return asked_status;
}

static void quit_check(struct call *call)
{
    over = quit_is_complete();
    if (over)
        call_finish(call, STATUS_OK);
}

static void quit_hurry(struct call *call)
{
    (void)call;
    if (!context_is_leaving()) // leaving has done it already; twice would be SIGKILL at once
        quit_cancel_all();
}

int quit_begin(struct call *call, int status)
{
    static const struct call_ops quit_ops = {.interrupt = quit_hurry, .changed = quit_check};
    struct text names = {0};
    asked_status = status;
    input_stack_drop_all();
    reaper_collect();
    size_t ended = quit_dismiss_daemons();
    if (ended > 0)
        notices_add("quit: terminating %zu daemon worker%s", ended, ended == 1 ? "" : "s");
    size_t joined = quit_join(&names);
    if (joined > 0)
        notices_add("quit: waiting for %s%s", text_string(&names),
                    !context_is_interactive() ? ""
                    : joined == 1             ? " (Ctrl-C terminates it)"
                                              : " (Ctrl-C terminates them)");
    text_free(&names);
    call->ops = &quit_ops;
    over = quit_is_complete();
    return over ? STATUS_OK : STATUS_PENDING;
}

void quit_at_end_of_input(void)
{
    struct part part = {.words = must_calloc(2, sizeof(char *)), .count = 1};
    part.words[0] = must_strdup("quit");
    part.source = must_strdup("quit");
    execute_part(&part);
}

// Reaps the killed processes that workers left behind, so that forklab leaves none to its own
// parent.
void quit_await_orphans(void)
{
    int64_t deadline = clock_now() + GRACE_NS;
    reaper_set(true);
    reaper_collect();
    for (int64_t left = GRACE_NS; left > 0 && !has_foreign && reaper_has_children();
         left = deadline - clock_now())
        loop_turn(left);
}
