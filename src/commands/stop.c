// SPDX-License-Identifier: GPL-3.0-or-later
// stop and cont: SIGSTOP and SIGCONT, until the kernel says that they have worked.
#include "commands/table.h"

#include "base/must.h"
#include "base/out.h"
#include "commands/aim.h"
#include "shell/call.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct stop_args {
    struct words targets;
};

static const struct arg args[] = {
    {.name = "TARGET",
     .type = ARG_TARGETS,
     .required = true,
     .field = offsetof(struct stop_args, targets),
     .help = "running workers: a name, a pid, %J, %J.I"},
    {0},
};

struct change {
    struct targets targets;
    uint32_t *before; // how often each had changed so
    bool stop;        // else it is to go on
};

static uint32_t stop_count(const struct change *change, const struct worker *worker)
{
    return change->stop ? worker->stops : worker->conts;
}

// Whether all are as they should be, or were: another program may have changed them since.
static bool stop_has_changed(const struct change *change)
{
    enum kernel_state wanted = change->stop ? KERNEL_STOPPED : KERNEL_RUNNING;
    for (size_t i = 0; i < change->targets.count; i++) {
        const struct worker *worker = change->targets.workers[i];
        if (worker_lives(worker) && worker->kernel != wanted &&
            stop_count(change, worker) == change->before[i])
            return false;
    }
    return true;
}

static int stop_conclude(const struct change *change)
{
    for (size_t i = 0; i < change->targets.count; i++) {
        char state[64];
        worker_state(change->targets.workers[i], state, sizeof state);
        out_print("%s (%d): %s\n", text_visible(change->targets.workers[i]->name),
                  (int)change->targets.workers[i]->shown_pid, state);
    }
    return STATUS_OK;
}

static void stop_check(struct call *call)
{
    if (stop_has_changed(call->state))
        call_finish(call, stop_conclude(call->state));
}

static void stop_give_up(struct call *call)
{
    call_finish(call, call_fail(call, "interrupted"));
}

static void stop_free_change(struct call *call)
{
    struct change *change = call->state;
    targets_free(&change->targets);
    free(change->before);
    free(change);
}

static const struct call_ops change_ops = {
    .interrupt = stop_give_up, .changed = stop_check, .free = stop_free_change};

static int stop_send_all(struct call *call, struct change *change)
{
    change->before = must_calloc(change->targets.count + 1, sizeof *change->before);
    for (size_t i = 0; i < change->targets.count; i++) {
        struct worker *worker = change->targets.workers[i];
        change->before[i] = stop_count(change, worker);
        int error = worker_signal(worker, change->stop ? SIGSTOP : SIGCONT);
        if (error)
            return call_fail(call, "%s (%d): %s", text_visible(worker->name),
                             (int)worker->shown_pid,
                             error == ESRCH ? "it has ended already" : strerror(error));
    }
    return STATUS_OK;
}

static int stop_change(struct call *call, bool stop)
{
    const struct stop_args *stop_args = call->args;
    struct change *change = must_calloc(1, sizeof *change);
    change->stop = stop;
    call->state = change;
    call->ops = &change_ops;
    reaper_collect();
    int status = aim_find(call, &stop_args->targets, &change->targets);
    if (status == STATUS_OK)
        status = stop_send_all(call, change);
    if (status != STATUS_OK)
        return status;
    aim_tell_following(&stop_args->targets, false);
    return stop_has_changed(change) ? stop_conclude(change) : STATUS_PENDING;
}

static int stop_go(struct call *call)
{
    return stop_change(call, true);
}

static int stop_go_on(struct call *call)
{
    return stop_change(call, false);
}

static int stop_run(struct call *call)
{
    const struct stop_args *stop_args = call->args;
    return aim_when_started(call, &stop_args->targets, stop_go);
}

static int stop_run_cont(struct call *call)
{
    const struct stop_args *stop_args = call->args;
    return aim_when_started(call, &stop_args->targets, stop_go_on);
}

const struct command command_stop = {
    .name = "stop",
    .group = "Controlling",
    .summary = "stops workers with SIGSTOP, which no process can ignore",
    .details = "It returns when the kernel has reported that they are stopped.",
    .example = "stop Process-1",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct stop_args),
    .run = stop_run,
};

const struct command command_cont = {
    .name = "cont",
    .group = "Controlling",
    .summary = "lets stopped workers go on, with SIGCONT",
    .example = "cont Process-1",
    .acts = true,
    .args = args,
    .args_size = sizeof(struct stop_args),
    .run = stop_run_cont,
};
