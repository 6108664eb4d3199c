// SPDX-License-Identifier: GPL-3.0-or-later
// kill: a signal to running workers; without a target, one worker's life and death.
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "base/signal.h"
#include "commands/aim.h"
#include "commands/kill_walk.h"
#include "os/loop.h"
#include "jobs/target.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct arg args[] = {
    {.name = "TARGET",
     .type = ARG_TARGETS,
     .field = offsetof(struct kill_args, targets),
     .help =
         "running workers: a name, a pid, %J, %J.I; without one, a worker is made to be killed"},
    {.name = "-s",
     .type = ARG_SIGNAL,
     .field = offsetof(struct kill_args, signal),
     .standard = -1,
     .standard_is = "TERM",
     .help = "the signal; -9 and -KILL are understood, too"},
    {.name = "--ladder",
     .type = ARG_FLAG,
     .field = offsetof(struct kill_args, ladder),
     .help = "SIGTERM, SIGTERM, SIGKILL, with pauses, until the targets are gone"},
    {.name = "--graceful",
     .type = ARG_FLAG,
     .field = offsetof(struct kill_args, graceful),
     .help =
         "without TARGET: the worker catches SIGTERM, finishes its current result, and exits 0"},
    {.name = "--after",
     .type = ARG_DURATION,
     .field = offsetof(struct kill_args, after),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "without TARGET: waits so long before it kills"},
    {.name = "--for",
     .type = ARG_DURATION,
     .field = offsetof(struct kill_args, work.for_ns),
     .max = DURATION_MAX,
     .standard = -1,
     .standard_is = "2s",
     .help = "without TARGET: how long the worker would run"},
    {.name = "--size",
     .type = ARG_COUNT,
     .field = offsetof(struct kill_args, work.size),
     .max = SIZE_MOST,
     .standard = -1,
     .standard_is = "1000",
     .help = "without TARGET: how many results do_something computes"},
    {0},
};

static bool kill_is_meant_to_end(int number)
{
    switch (number) {
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGCONT:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
        return false;
    default:
        return true;
    }
}

static int kill_send_to(struct call *call, struct worker *worker, int number)
{
    int error =
        kill_is_meant_to_end(number) ? worker_end(worker, number) : worker_signal(worker, number);
    if (error == ESRCH)
        return call_fail(call, "%s (%d) has ended already", text_visible(worker->name),
                         (int)worker->shown_pid);
    if (error)
        return call_fail(call, "kill(%d, %s): %s", (int)worker->pid, signal_name(number),
                         strerror(error));
    out_print("%s sent to %s (%d)\n", signal_name(number), text_visible(worker->name),
              (int)worker->pid);
    return STATUS_OK;
}

static int kill_signal_targets(struct call *call, const struct targets *targets, int number)
{
    int status = STATUS_OK;
    for (size_t i = 0; i < targets->count; i++) {
        int sent = kill_send_to(call, targets->workers[i], number);
        status = status == STATUS_OK ? sent : status;
    }
    return status;
}

struct ladder {
    struct call *call;
    struct targets targets;
    struct timer *timer;
    int step;
};

#define LADDER_PAUSE (500 * NS_PER_MS)

enum { LADDER_STEPS = 3 };
static const int ladder_signals[LADDER_STEPS] = {SIGTERM, SIGTERM, SIGKILL};

// Climbs one step. Returns STATUS_FAILED when a signal could not be sent.
static int kill_climb(struct ladder *ladder)
{
    int number = ladder_signals[ladder->step++];
    int status = STATUS_OK;
    for (size_t i = 0; i < ladder->targets.count; i++) {
        struct worker *worker = ladder->targets.workers[i];
        if (worker_lives(worker) && worker_is_alive_now(worker) &&
            kill_send_to(ladder->call, worker, number) != STATUS_OK)
            status = STATUS_FAILED;
    }
    return status;
}

static void kill_drop_timer(struct ladder *ladder)
{
    if (ladder->timer)
        loop_cancel(ladder->timer);
    ladder->timer = NULL;
}

static void kill_climb_on(void *data)
{
    struct ladder *ladder = data;
    ladder->timer = NULL;
    if (kill_climb(ladder) != STATUS_OK)
        call_finish(ladder->call, STATUS_FAILED);
    else if (ladder->step < LADDER_STEPS)
        ladder->timer = loop_after(LADDER_PAUSE, kill_climb_on, ladder);
}

static void kill_look_down(struct call *call)
{
    struct ladder *ladder = call->state;
    for (size_t i = 0; i < ladder->targets.count; i++)
        if (!ladder->targets.workers[i]->finished)
            return;
    for (size_t i = 0; i < ladder->targets.count; i++) {
        char how[128];
        ladder->targets.workers[i]->laddered = false;
        worker_describe_end(ladder->targets.workers[i], how, sizeof how);
        out_print("%s %s\n", text_visible(ladder->targets.workers[i]->name), how);
    }
    kill_drop_timer(ladder);
    call_finish(call, STATUS_OK);
}

static void kill_give_up_ladder(struct call *call)
{
    kill_drop_timer(call->state); // which may be due in this very turn
    call_finish(call, call_fail(call, "interrupted"));
}

static void kill_free_ladder(struct call *call)
{
    struct ladder *ladder = call->state;
    kill_drop_timer(ladder);
    for (size_t i = 0; i < ladder->targets.count; i++)
        ladder->targets.workers[i]->laddered = false;
    targets_free(&ladder->targets);
    free(ladder);
}

static const struct call_ops ladder_ops = {
    .interrupt = kill_give_up_ladder, .changed = kill_look_down, .free = kill_free_ladder};

static int kill_run_ladder(struct call *call, struct targets *targets)
{
    struct ladder *ladder = must_calloc(1, sizeof *ladder);
    *ladder = (struct ladder){.call = call, .targets = *targets};
    *targets = (struct targets){0};
    call->state = ladder;
    call->ops = &ladder_ops;
    for (size_t i = 0; i < ladder->targets.count; i++)
        ladder->targets.workers[i]->laddered = true;
    if (kill_climb(ladder) != STATUS_OK)
        return STATUS_FAILED;
    ladder->timer = loop_after(LADDER_PAUSE, kill_climb_on, ladder);
    return STATUS_PENDING;
}

static int kill_hit(struct call *call)
{
    const struct kill_args *kill_args = call->args;
    struct targets targets = {0};
    int number = kill_args->ladder ? SIGKILL : kill_walk_signal(kill_args);
    reaper_collect();
    int status = aim_find(call, &kill_args->targets, &targets);
    if (status == STATUS_OK) {
        status = kill_args->ladder ? kill_run_ladder(call, &targets)
                                   : kill_signal_targets(call, &targets, number);
        aim_tell_following(&kill_args->targets, kill_is_meant_to_end(number));
    }
    targets_free(&targets);
    return status;
}

static int kill_run(struct call *call)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->targets.count == 0)
        return kill_walk(call);
    if (call->background)
        return call_refuse(call, "only without TARGET can it run behind '&'");
    if (kill_args->graceful || kill_args->after >= 0 || kill_args->work.for_ns >= 0 ||
        kill_args->work.size >= 0)
        return call_misuse(call,
                           "--graceful, --after, --for and --size are for a kill without TARGET");
    if (kill_args->ladder && kill_args->signal > 0)
        return call_misuse(call, "--ladder has its own signals; leave -s out");
    return aim_when_started(call, &kill_args->targets, kill_hit);
}

const struct command command_kill = {
    .name = "kill",
    .group = "The six",
    .summary = "walks a worker through its life and death, or signals running workers",
    .details = "Every answer is the kernel's at that moment; only before the fork there is no "
               "process to ask about. Directly after the signal the worker is usually still there. "
               "A stopped worker gets SIGCONT after SIGTERM. A signal to a job that is still being "
               "started reaches all that it starts now. Jobs go on without the workers that are "
               "killed, and a pool replaces them: 'cancel' ends a job.",
    .example = "kill -9 Process-3",
    .args = args,
    .args_size = sizeof(struct kill_args),
    .background = true,
    .acts = true,
    .run = kill_run,
};
