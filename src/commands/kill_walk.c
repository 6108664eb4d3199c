// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/kill_walk.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/must.h"
#include "base/out.h"
#include "base/signal.h"
#include "log/events.h"
#include "os/loop.h"
#include "worker/workload.h"
#include "shell/json_output.h"
#include "base/json.h"
#include "commands/summary.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

int kill_walk_signal(const struct kill_args *kill_args)
{
    return kill_args->signal > 0 ? (int)kill_args->signal : SIGTERM;
}

struct walk {
    struct call *call;
    const struct kill_args *args;
    struct timer *timer;
    bool met;  // it has said hello
    bool sent; // the signal
};

static int kill_walk_be_killed(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    report_hello(self);
    workload_run(self, *size, &results);
    report_done(self, results.count);
    return 0;
}

static const char *kill_walk_truth(bool value)
{
    return value ? "True" : "False";
}

// Asks about a worker that was reaped by the pid it had: the kernel knows no such child any more.
static bool kill_walk_is_child_still(const struct worker *worker)
{
    siginfo_t info;
    int error;
    do {
        info = (siginfo_t){0};
        int options = WEXITED | WNOHANG | WNOWAIT;
        error = waitid(P_PID, (id_t)worker->shown_pid, &info, options) < 0 ? errno : 0;
    } while (error == EINTR);
    if (error != 0 && error != ECHILD)
        die("waitid(%d): %s", (int)worker->shown_pid, strerror(error));
    events_call(worker->job->id, worker->number,
                (struct event){.call = CALL_LOOK,
                               .a = worker->shown_pid,
                               .b = WAIT_ANSWER(info.si_code, info.si_status),
                               .error = error});
    return error == 0 && info.si_pid == 0;
}

static bool kill_walk_is_alive(const struct worker *worker)
{
    return worker->pid > 0 ? worker_is_alive_now(worker) : kill_walk_is_child_still(worker);
}

// Prints the kernel's answer to one question about the worker.
static void kill_walk_tell_answer(const struct call *call, const char *moment, bool alive)
{
    out_print("Process %s: %s\n", moment, kill_walk_truth(alive));
    struct text *report = json_output_begin(call, "answer");
    if (!report)
        return;
    json_text(report, "moment", moment);
    json_bool(report, "alive", alive);
    json_output_end();
}

static void kill_walk_tell_exit(const struct call *call, const struct worker *worker)
{
    if (worker->exit_signal)
        out_print("Exit code: -%d (%s)\n", worker->exit_signal, signal_name(worker->exit_signal));
    else
        out_print("Exit code: %d\n", worker->exit_code);
    struct text *report = json_output_begin(call, "exit");
    if (!report)
        return;
    json_number(report, "exit_code",
                worker->exit_signal ? -worker->exit_signal : worker->exit_code);
    if (worker->exit_signal)
        json_text(report, "signal_name", signal_name(worker->exit_signal));
    json_output_end();
}

// Of a worker that was not ended by a signal.
static const char *kill_walk_how_it_ended(const struct walk *walk)
{
    if (!walk->sent)
        return "had finished before the signal";
    if (walk->args->graceful && kill_walk_signal(walk->args) == SIGTERM)
        return "caught the signal and ended itself";
    return "got the signal and ended by itself all the same";
}

static void kill_walk_summarize_cut_short(const struct call *call, const struct worker *worker,
                                          const char *cpu)
{
    if (worker->exit_signal)
        call_summary(call, "%s ended it before the walk was over, after %s of CPU time",
                     signal_name(worker->exit_signal), cpu);
    else
        call_summary(call, "it exited %d before the walk was over, after %s of CPU time",
                     worker->exit_code, cpu);
}

static void kill_walk_finish_walk(struct walk *walk)
{
    char cpu[32];
    struct job *job = walk->call->job;
    const struct worker *worker = job->workers[0];
    bool failed = worker->failed[0] || (!walk->sent && !worker_did_well(worker));
    struct times times = summary_times(job);
    number_format_time(worker->cpu_ns, cpu, sizeof cpu);
    if (walk->call->interrupted || failed) {
        int conclusion = summary_conclude(walk->call);
        kill_walk_summarize_cut_short(walk->call, worker, cpu);
        summary_report_times(walk->call, times, 1);
        job_finish(job, conclusion);
        return;
    }
    kill_walk_tell_answer(walk->call, "joined", kill_walk_is_alive(worker));
    kill_walk_tell_exit(walk->call, worker);
    if (worker->exit_signal)
        call_summary(walk->call, "the signal ended it after %s of CPU time", cpu);
    else
        call_summary(walk->call, "it %s: its exit code is its own", kill_walk_how_it_ended(walk));
    summary_report_times(walk->call, times, 1);
    int status = STATUS_OK;
    if (worker->exit_code > 0) {
        char how[128];
        worker_describe_end(worker, how, sizeof how);
        status = call_fail(walk->call, "%s %s", worker->name, how);
    }
    job_finish(job, status);
}

static void kill_walk_send_signal(void *data)
{
    struct walk *walk = data;
    struct worker *worker = walk->call->job->workers[0];
    walk->timer = NULL;
    // Who has finished gets none, and the log says so.
    walk->sent = worker_end(worker, kill_walk_signal(walk->args)) == 0;
    kill_walk_tell_answer(walk->call, "terminated", kill_walk_is_alive(worker));
    if (worker->finished)
        kill_walk_finish_walk(walk);
}

static bool kill_walk_meet(struct worker *worker, const struct frame *frame, const void *block)
{
    struct walk *walk = worker->job->data;
    (void)block;
    // It may have said hello just before it was cancelled: then there is nothing to wait for.
    if (frame->type != FRAME_HELLO || walk->met || worker->job->cancelled)
        return true;
    walk->met = true;
    kill_walk_tell_answer(walk->call, "running", kill_walk_is_alive(worker));
    if (walk->args->after > 0)
        walk->timer = loop_after(walk->args->after, kill_walk_send_signal, walk);
    else
        kill_walk_send_signal(walk);
    return true;
}

static void kill_walk_part(struct worker *worker)
{
    struct walk *walk = worker->job->data;
    if (!walk->timer)
        kill_walk_finish_walk(walk);
}

static void kill_walk_cancel_walk(struct job *job)
{
    struct walk *walk = job->data;
    if (!walk->timer)
        return;
    loop_cancel(walk->timer);
    walk->timer = NULL;
    if (job->unfinished == 0)
        kill_walk_finish_walk(walk);
}

static const struct job_ops walk_job_ops = {
    .frame = kill_walk_meet, .ended = kill_walk_part, .cancelled = kill_walk_cancel_walk};

static void kill_walk_show_walk(const struct call *call, struct progress *progress)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->after > 0)
        progress->part = (double)progress->elapsed / (double)kill_args->after;
}

static void kill_walk_free_state(struct call *call)
{
    free(call->state);
}

static const struct call_ops walk_call_ops = {.progress = kill_walk_show_walk,
                                              .free = kill_walk_free_state};

static bool kill_walk_would_stop(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

int kill_walk(struct call *call)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->ladder)
        return call_misuse(call, "--ladder needs a TARGET to climb for");
    if (kill_walk_would_stop(kill_walk_signal(kill_args)))
        return call_misuse(call, "%s would stop the worker, and nobody would let it go on",
                           signal_name(kill_walk_signal(kill_args)));
    int64_t size = launch_size(-1, &kill_args->work, 1000);
    struct walk *walk = must_calloc(1, sizeof *walk);
    *walk = (struct walk){.call = call, .args = kill_args};
    call->state = walk;
    call->ops = &walk_call_ops;
    call_job(call, &walk_job_ops, walk);
    struct assignment assignment = launch_assign(&kill_args->work, 0);
    assignment.run = kill_walk_be_killed;
    assignment.argument = &size;
    assignment.self.for_ns = launch_for(&kill_args->work, 2 * NS_PER_S);
    assignment.self.graceful = kill_args->graceful;
    kill_walk_tell_answer(call, "before execution", false); // there is no process to ask about
    if (!launch_start(call, &assignment, 0, 1)) {
        summary_of_none(call);
        summary_report_times(call, summary_times(call->job), 0);
        job_finish(call->job, STATUS_FAILED);
    }
    return STATUS_PENDING;
}
