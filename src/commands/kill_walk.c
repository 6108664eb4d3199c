// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/kill_walk.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/out.h"
#include "base/signal.h"
#include "log/events.h"
#include "worker/workload.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "base/json.h"
#include "commands/summary.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

int kill_walk_signal(const struct kill_args *kill_args)
{
    return kill_args->signal > 0 ? (int)kill_args->signal : SIGTERM;
}

struct walk {
    struct call *call;
    const struct kill_args *args;
    int64_t size;
    bool met;                        // it has said hello
    bool was_alive, was_alive_after; // before the signal was sent, and directly after
    bool sent;                       // the signal
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

// The walk was given up, or its worker did not live to see the signal.
static bool kill_walk_was_cut_short(const struct walk *walk)
{
    const struct worker *worker = walk->call->job->workers[0];
    return walk->call->interrupted || worker->failed[0] ||
           (!walk->sent && !worker_did_well(worker));
}

static int kill_walk_conclude_cut_short(struct walk *walk, struct times times)
{
    char cpu[32];
    const struct worker *worker = walk->call->job->workers[0];
    number_format_time(worker->cpu_ns, cpu, sizeof cpu);
    int status = summary_conclude(walk->call);
    kill_walk_summarize_cut_short(walk->call, worker, cpu);
    summary_report_times(walk->call, times, 1);
    return status;
}

// The answers, 1 for True, and how it ended.
static void kill_walk_add_figures(const struct walk *walk, const struct worker *worker,
                                  bool is_alive)
{
    figures_begin(walk->call);
    figures_add("running", walk->was_alive);
    figures_add("terminated", walk->was_alive_after);
    figures_add("joined", is_alive);
    figures_add("exit_code", worker->exit_signal ? -worker->exit_signal : worker->exit_code);
}

static int kill_walk_conclude(struct lab *lab)
{
    char cpu[32];
    struct walk *walk = lab->data;
    struct times times = summary_times(lab->job);
    if (lab->job->count == 0) {
        summary_of_none(walk->call);
        summary_report_times(walk->call, times, 0);
        return STATUS_FAILED;
    }
    if (kill_walk_was_cut_short(walk))
        return kill_walk_conclude_cut_short(walk, times);
    const struct worker *worker = lab->job->workers[0];
    number_format_time(worker->cpu_ns, cpu, sizeof cpu);
    bool is_alive = kill_walk_is_alive(worker);
    kill_walk_tell_answer(walk->call, "joined", is_alive);
    kill_walk_tell_exit(walk->call, worker);
    kill_walk_add_figures(walk, worker, is_alive);
    if (worker->exit_signal)
        call_summary(walk->call, "the signal ended it after %s of CPU time", cpu);
    else
        call_summary(walk->call, "it %s: its exit code is its own", kill_walk_how_it_ended(walk));
    summary_report_times(walk->call, times, 1);
    if (worker->exit_code <= 0)
        return STATUS_OK;
    char how[128];
    worker_describe_end(worker, how, sizeof how);
    return call_fail(walk->call, "%s %s", worker->name, how);
}

static void kill_walk_send_signal(struct lab *lab)
{
    struct walk *walk = lab->data;
    struct worker *worker = lab->job->workers[0];
    // A worker that has finished gets none, and the log says so.
    walk->sent = worker_end(worker, kill_walk_signal(walk->args)) == 0;
    walk->was_alive_after = kill_walk_is_alive(worker);
    kill_walk_tell_answer(walk->call, "terminated", walk->was_alive_after);
}

static bool kill_walk_meet(struct worker *worker, const struct frame *frame, const void *block)
{
    struct lab *lab = lab_of(worker);
    struct walk *walk = lab->data;
    (void)block;
    // It may have said hello just before it was cancelled: then there is nothing to wait for.
    if (frame->type != FRAME_HELLO || walk->met || worker->job->cancelled)
        return true;
    walk->met = true;
    walk->was_alive = kill_walk_is_alive(worker);
    kill_walk_tell_answer(walk->call, "running", walk->was_alive);
    if (walk->args->after > 0)
        lab_after(lab, walk->args->after, kill_walk_send_signal);
    else
        kill_walk_send_signal(lab);
    return true;
}

static void kill_walk_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct walk *walk = lab->data;
    *assignment = launch_assign(&walk->args->work, number);
    assignment->self.for_ns = launch_for(&walk->args->work, 2 * NS_PER_S);
    assignment->self.graceful = walk->args->graceful;
}

static const struct lab_ops kill_walk_lab_ops = {.assign = kill_walk_assign,
                                                 .not_started = launch_tell_not_started,
                                                 .frame = kill_walk_meet,
                                                 .over = kill_walk_conclude};

static void kill_walk_show_progress(const struct call *call, struct progress *progress)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->after > 0)
        progress->part = (double)progress->elapsed / (double)kill_args->after;
}

static const struct call_ops kill_walk_call_ops = {.progress = kill_walk_show_progress,
                                                   .free = launch_free};

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
        return call_misuse(call, "%s would stop the worker, and nothing would continue it",
                           signal_name(kill_walk_signal(kill_args)));
    struct lab_plan plan = {
        .workers = 1, .start = LAB_TOGETHER, .timeout = -1, .body = kill_walk_be_killed};
    struct lab *lab =
        launch_lab(call, &plan, &kill_walk_lab_ops, &kill_args->work, sizeof(struct walk));
    struct walk *walk = lab->data;
    *walk = (struct walk){
        .call = call, .args = kill_args, .size = launch_size(-1, &kill_args->work, 1000)};
    lab->plan.argument = &walk->size;
    call->ops = &kill_walk_call_ops;
    kill_walk_tell_answer(call, "before execution", false); // there is no process to ask about
    lab_begin(lab);
    return STATUS_PENDING;
}
