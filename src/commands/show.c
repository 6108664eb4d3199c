// SPDX-License-Identifier: GPL-3.0-or-later
// show: one worker in full, or every worker of a job: the kernel's word beside the worker's own.
#include "commands/table.h"

#include "base/json.h"
#include "commands/row.h"
#include "commands/rewound.h"
#include "shell/moment.h"
#include "commands/shares.h"
#include "shell/pager.h"
#include "base/clock.h"
#include "base/must.h"
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
                                  .color = color_of_heading(worker->number),
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

// The fields of what only the kernel knows, of one that it knows.
static void show_report_kernel(struct text *row, const struct proc *proc)
{
    json_text(row, "kernel_state", (char[2]){proc->state, '\0'});
    json_number(row, "parent_pid", proc->parent);
    json_number(row, "group_pid", proc->group);
    json_number(row, "user_ns", proc->user_ns);
    json_number(row, "kernel_ns", proc->kernel_ns);
    if (proc->resident_kb >= 0)
        json_number(row, "resident_bytes", proc->resident_kb * 1024);
    if (proc->private_kb >= 0)
        json_number(row, "private_bytes", proc->private_kb * 1024);
    json_number(row, "voluntary_switches", proc->voluntary);
    json_number(row, "forced_switches", proc->forced);
    if (proc->waits_in[0])
        json_text(row, "sleeps_in", proc->waits_in);
}

static void show_report_fds(const struct call *call, const struct worker *worker,
                            const struct worker_detail *detail)
{
    for (size_t i = 0; detail->fds && i < detail->fds->count; i++) {
        const struct proc_fd *fd = &detail->fds->all[i];
        struct text *row = json_output_begin(call, "descriptor");
        json_number(row, "job", worker->job->id);
        json_number(row, "worker", worker->number);
        json_number(row, "fd", fd->fd);
        json_text(row, "access",
                  fd->reads && fd->writes ? "read_write"
                  : fd->reads             ? "read"
                                          : "write");
        json_text(row, "what", fd->what);
        if (detail->fd_notes && detail->fd_notes[i])
            json_text(row, "purpose", detail->fd_notes[i]);
        json_output_end();
    }
}

static void show_report(const struct call *call, const struct worker *worker,
                        const struct worker_detail *detail, const struct shares *shares)
{
    struct text *row = row_begin(call, "show", worker);
    row_add_state(row, worker);
    json_bool(row, "daemon", worker->daemon);
    json_bool(row, "own_pipe", worker->own_pipe);
    json_number(row, "cpu_ns", worker_cpu(worker));
    shares_add_json(shares, row);
    if (worker->said_pid > 0) {
        json_number(row, "said_pid", worker->said_pid);
        json_number(row, "said_parent_pid", worker->said_parent);
    }
    json_number(row, "results", worker->results);
    if (detail->kernel)
        show_report_kernel(row, detail->kernel);
    json_output_end();
    show_report_fds(call, worker, detail);
}

static void show_finish(const struct call *call, const struct worker *worker,
                        struct worker_detail *detail, struct text *text)
{
    struct past *past = past_read(worker->job->id, clock_now());
    struct shares shares = shares_of(worker, past);
    struct text went = {0};
    shares_format(&shares, &went);
    detail->time_went = text_string(&went);
    if (json_output_is_on())
        show_report(call, worker, detail, &shares);
    else
        worker_detail_write(detail, context_columns(), text);
    text_free(&went);
    past_free(past);
}

// Reads what the kernel says of a worker. False with errno when it can't be asked; one that is
// reaped, or that the kernel withholds, is told as such.
static bool show_read_kernel(const struct worker *worker, struct proc *proc,
                             struct worker_detail *portrait)
{
    if (worker->pid < 0)
        portrait->kernel_silence = "it is reaped";
    else if (proc_read(worker->pid, proc))
        portrait->kernel = proc;
    else if (proc_is_withheld(errno))
        portrait->kernel_silence = proc_error(errno);
    else
        return false;
    portrait->zombie =
        portrait->kernel ? portrait->kernel->state == 'Z' : worker->kernel == KERNEL_ZOMBIE;
    return true;
}

// Reads the descriptors of a worker that has some, and what each pipe is for: `*notes`, for the
// caller to free. False with errno when they can't be read.
static bool show_read_fds(const struct worker *worker, struct proc_fds *fds, const char ***notes,
                          struct worker_detail *portrait)
{
    if (!portrait->kernel || portrait->zombie)
        return true;
    if (!proc_read_fds(worker->pid, fds))
        return proc_is_withheld(errno);
    *notes = show_note_pipes(worker, fds);
    portrait->fds = fds;
    portrait->fd_notes = *notes;
    return true;
}

// What the kernel says of it now, which may be a moment later than what forklab has logged. False
// with errno when it can't be asked.
static bool show_add_portrait(const struct call *call, const struct worker *worker,
                              struct text *text)
{
    struct worker_detail portrait = show_begin_portrait(worker);
    struct proc proc;
    struct proc_fds fds = {0};
    const char **notes = NULL;
    struct text waits = {0};
    if (!show_read_kernel(worker, &proc, &portrait) ||
        !show_read_fds(worker, &fds, &notes, &portrait))
        return false;
    if (worker_waits_for(worker)) {
        const struct model_job *job = model_job(model_now(), worker->job->id);
        waits_describe(job, worker_in_model(worker), clock_now(), &waits);
        portrait.waits = text_string(&waits);
    }
    show_finish(call, worker, &portrait, text);
    text_free(&waits);
    proc_free_fds(&fds);
    free(notes);
    return true;
}

// Finds the workers that are meant. STATUS_OK, or what is wrong was told.
static int show_find(struct call *call, const struct words *words, struct targets *targets)
{
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < words->count && status == STATUS_OK; i++)
        if (!targets_add(targets, words->all[i], false, &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

static int show_run(struct call *call)
{
    const struct show_args *show_args = call->args;
    struct targets targets = {0};
    struct text text = {0};
    reaper_collect();
    if (moment_is_past())
        return rewound_show(call, &show_args->targets);
    int status = show_find(call, &show_args->targets, &targets);
    for (size_t i = 0; i < targets.count && status == STATUS_OK; i++) {
        text_add_string(&text, text.length > 0 ? "\n" : "");
        if (!show_add_portrait(call, targets.workers[i], &text))
            status = call_fail(call, "/proc: %s", proc_error(errno));
    }
    targets_free(&targets);
    if (status == STATUS_OK && !json_output_is_on())
        return pager_show(call, &text);
    text_free(&text);
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
