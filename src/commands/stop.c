// SPDX-License-Identifier: GPL-3.0-or-later
// stop and cont: SIGSTOP and SIGCONT, until the kernel says that they have worked.
#include "commands/table.h"

#include "base/must.h"
#include "base/out.h"
#include "jobs/target.h"
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
    enum kernel_state wanted;
};

static bool stop_has_changed(const struct change *change)
{
    for (size_t i = 0; i < change->targets.count; i++) {
        const struct worker *worker = change->targets.workers[i];
        if (worker_lives(worker) && worker->kernel != change->wanted)
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
    free(change);
}

static const struct call_ops change_ops = {
    .interrupt = stop_give_up, .changed = stop_check, .free = stop_free_change};

static int stop_send_all(struct call *call, const struct change *change, int number)
{
    for (size_t i = 0; i < change->targets.count; i++) {
        struct worker *worker = change->targets.workers[i];
        int error = worker_signal(worker, number);
        if (error)
            return call_fail(call, "%s (%d): %s", text_visible(worker->name),
                             (int)worker->shown_pid,
                             error == ESRCH ? "it has ended already" : strerror(error));
    }
    return STATUS_OK;
}

static int stop_run_signal(struct call *call, int number, enum kernel_state wanted)
{
    const struct stop_args *stop_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    struct change *change = must_calloc(1, sizeof *change);
    change->wanted = wanted;
    call->state = change;
    call->ops = &change_ops;
    reaper_collect();
    for (size_t i = 0; i < stop_args->targets.count && status == STATUS_OK; i++)
        if (!targets_add(&change->targets, stop_args->targets.all[i], true, &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    if (status == STATUS_OK)
        status = stop_send_all(call, change, number);
    if (status != STATUS_OK)
        return status;
    return stop_has_changed(change) ? stop_conclude(change) : STATUS_PENDING;
}

static int stop_run(struct call *call)
{
    return stop_run_signal(call, SIGSTOP, KERNEL_STOPPED);
}

static int stop_run_cont(struct call *call)
{
    return stop_run_signal(call, SIGCONT, KERNEL_RUNNING);
}

const struct command command_stop = {
    .name = "stop",
    .group = "Controlling",
    .summary = "stops workers with SIGSTOP, which nobody can ignore",
    .details = "It returns when the kernel has reported that they are stopped.",
    .example = "stop Process-1",
    .args = args,
    .args_size = sizeof(struct stop_args),
    .run = stop_run,
};

const struct command command_cont = {
    .name = "cont",
    .group = "Controlling",
    .summary = "lets stopped workers go on, with SIGCONT",
    .example = "cont Process-1",
    .args = args,
    .args_size = sizeof(struct stop_args),
    .run = stop_run_cont,
};
