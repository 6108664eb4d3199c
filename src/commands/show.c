// SPDX-License-Identifier: GPL-3.0-or-later
// show: one worker in full, or every worker of a job: the kernel's word beside the worker's own.
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "os/proc.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "log/waits.h"
#include "shell/context.h"
#include "view/worker_detail.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct show_args {
    struct words targets;
};

static const struct arg args[] = {
    {.name = "TARGET",
     .type = ARG_ALL_TARGETS,
     .required = true,
     .field = offsetof(struct show_args, targets),
     .help = "workers, ended ones too: a name, a pid, %J, %J.I for every worker of a job"},
    {0},
};

// Says which descriptors are pipes to forklab.
static const char **show_note_pipes(const struct worker *worker, const struct proc_fds *fds)
{
    const char **notes = must_calloc(fds->count + 1, sizeof *notes);
    for (size_t i = 0; i < fds->count; i++) {
        uint64_t inode = proc_pipe_inode(fds->all[i].what);
        if (inode > 0 && inode == worker_reports_inode(worker))
            notes[i] = "reports to forklab";
        else if (inode > 0 && inode == worker_tasks_inode(worker))
            notes[i] = "tasks from forklab";
    }
    return notes;
}

static struct worker_detail show_begin_portrait(const struct worker *worker)
{
    int64_t now = clock_now();
    bool lives = worker_lives(worker);
    return (struct worker_detail){.name = worker->name,
                                  .title = worker->job->title,
                                  .job = worker->job->id,
                                  .pid = worker->shown_pid,
                                  .said_pid = worker->said_pid,
                                  .said_parent = worker->said_parent,
                                  .claim = worker->claim,
                                  .progress = worker->progress,
                                  .results = worker->results,
                                  .daemon = worker->daemon,
                                  .own_pipe = worker->own_pipe,
                                  .lived = (lives ? now : worker->died) - worker->forked,
                                  .died = lives ? -1 : now - worker->died,
                                  .cpu = worker->cpu_ns,
                                  .exit_code = worker->exit_code,
                                  .exit_signal = worker->exit_signal};
}

// What the kernel says of it now, which may be a moment later than what forklab has heard. False
// with errno when it can't be asked.
static bool show_add_portrait(const struct worker *worker, struct text *text)
{
    struct worker_detail portrait = show_begin_portrait(worker);
    struct proc proc;
    struct proc_fds fds = {0};
    const char **notes = NULL;
    if (worker->pid < 0)
        portrait.kernel_silence = "it is reaped";
    else if (proc_read(worker->pid, &proc))
        portrait.kernel = &proc;
    else if (proc_is_withheld(errno))
        portrait.kernel_silence = strerror(errno);
    else
        return false;
    portrait.zombie =
        portrait.kernel ? portrait.kernel->state == 'Z' : worker->kernel == KERNEL_ZOMBIE;
    bool asked = portrait.kernel && !portrait.zombie;
    bool answered = asked && proc_read_fds(worker->pid, &fds);
    if (asked && !answered && !proc_is_withheld(errno))
        return false;
    if (answered) {
        notes = show_note_pipes(worker, &fds);
        portrait.fds = &fds;
        portrait.fd_notes = notes;
    }
    struct text waits = {0};
    if (worker_waits_for(worker)) {
        const struct model_job *job = model_job(model_now(), worker->job->id);
        waits_describe(job, worker_in_model(worker), clock_now(), &waits);
        portrait.waits = text_string(&waits);
    }
    worker_detail_write(&portrait, context_columns(), text);
    text_free(&waits);
    proc_free_fds(&fds);
    free(notes);
    return true;
}

static int show_run(struct call *call)
{
    const struct show_args *show_args = call->args;
    struct targets targets = {0};
    struct text text = {0}, error = {0};
    int status = STATUS_OK;
    reaper_collect();
    for (size_t i = 0; i < show_args->targets.count && status == STATUS_OK; i++)
        if (!targets_add(&targets, show_args->targets.all[i], false, &error))
            status = call_fail(call, "%s", text_string(&error));
    for (size_t i = 0; i < targets.count && status == STATUS_OK; i++) {
        text_add_string(&text, i > 0 ? "\n" : "");
        if (!show_add_portrait(targets.workers[i], &text))
            status = call_fail(call, "/proc: %s", strerror(errno));
    }
    out_write(text_string(&text), text.length);
    targets_free(&targets);
    text_free(&text);
    text_free(&error);
    return status;
}

const struct command command_show = {
    .name = "show",
    .group = "Looking",
    .summary = "one worker in full: what the kernel says beside what it says itself",
    .details = "The kernel's letters: R running, S sleeping, D waiting for a device, T stopped, Z "
               "zombie. Of a worker that has ended and is reaped the kernel knows nothing any "
               "more; forklab remembers how it ended.",
    .example = "show Process-1",
    .args = args,
    .args_size = sizeof(struct show_args),
    .run = show_run,
};
