// SPDX-License-Identifier: GPL-3.0-or-later
// kill: one worker's life and death, asked of the kernel at each step; or a signal to running workers.
#include "commands/table.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/out.h"
#include "base/signame.h"
#include "commands/work.h"
#include "process/loop.h"
#include "process/target.h"
#include "process/work.h"
#include "shell/objects.h"
#include "view/json.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct kill_args {
    struct words targets;
    int64_t signal;
    bool ladder;
    bool graceful;
    int64_t after;
    struct work_args work;
};

static const struct arg args[] = {
    {"TARGET", ARG_TARGETS, false, offsetof(struct kill_args, targets), 0, 0, 0, NULL,
     "running workers: a name, a pid, %J; without one, a worker is made to be killed"},
    {"-s", ARG_SIGNAL, false, offsetof(struct kill_args, signal), 0, 0, -1, NULL,
     "the signal, SIGTERM if left out; -9 and -KILL are understood, too"},
    {"--ladder", ARG_FLAG, false, offsetof(struct kill_args, ladder), 0, 0, 0, NULL,
     "SIGTERM, SIGTERM, SIGKILL, with pauses, until the targets are gone"},
    {"--graceful", ARG_FLAG, false, offsetof(struct kill_args, graceful), 0, 0, 0, NULL,
     "without TARGET: the worker catches SIGTERM, finishes its current result, and exits 0"},
    {"--after", ARG_DURATION, false, offsetof(struct kill_args, after), 0, DURATION_MAX, -1, NULL,
     "without TARGET: waits so long before it kills"},
    {"--for", ARG_DURATION, false, offsetof(struct kill_args, work.for_ns), 0, DURATION_MAX, -1,
     NULL, "without TARGET: how long the worker would run; 2s if left out"},
    {"--size", ARG_COUNT, false, offsetof(struct kill_args, work.size), 0, SIZE_MOST, -1, NULL,
     "without TARGET: how many results do_something computes; 1000 if left out"},
    {0},
};

static int signal_of(const struct kill_args *kill_args)
{
    return kill_args->signal > 0 ? (int)kill_args->signal : SIGTERM;
}

// Without a target: the walk through a worker's life.

struct walk {
    struct call *call;
    const struct kill_args *args;
    struct timer *timer;
    bool met;  // it has said hello
    bool sent; // the signal
};

static int be_killed(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    report_hello(self);
    work_do_something(self, *size, &results);
    report_done(self, results.count);
    return 0;
}

static const char *truth(bool value)
{
    return value ? "True" : "False";
}

static bool is_alive(const struct worker *worker)
{
    return worker->pid > 0 && worker_is_alive_now(worker);
}

// Prints the kernel's answer to one question about the worker.
static void tell_answer(const struct call *call, const char *moment, bool alive)
{
    out_print("Process %s: %s\n", moment, truth(alive));
    struct text *report = objects_begin(call, "answer");
    if (!report)
        return;
    json_text(report, "moment", moment);
    json_bool(report, "alive", alive);
    objects_end();
}

static void tell_exit(const struct call *call, const struct worker *worker)
{
    if (worker->exit_signal)
        out_print("Exit code: -%d (%s)\n", worker->exit_signal, signal_name(worker->exit_signal));
    else
        out_print("Exit code: %d\n", worker->exit_code);
    struct text *report = objects_begin(call, "exit");
    if (!report)
        return;
    json_number(report, "exit_code",
                worker->exit_signal ? -worker->exit_signal : worker->exit_code);
    if (worker->exit_signal)
        json_text(report, "signal_name", signal_name(worker->exit_signal));
    objects_end();
}

// Of a worker that was not ended by a signal.
static const char *how_it_ended(const struct walk *walk)
{
    if (!walk->sent)
        return "had finished before the signal";
    if (walk->args->graceful && signal_of(walk->args) == SIGTERM)
        return "caught the signal and ended itself";
    return "got the signal and ended by itself all the same";
}

static void finish_walk(struct walk *walk)
{
    char cpu[32];
    struct job *job = walk->call->job;
    const struct worker *worker = job->workers[0];
    bool failed = worker->failed[0] || (!walk->sent && !worker_did_well(worker));
    if (walk->call->interrupted || failed) {
        job_finish(job, work_conclude(walk->call));
        return;
    }
    tell_answer(walk->call, "joined", is_alive(worker));
    tell_exit(walk->call, worker);
    number_format_time(worker->cpu_ns, cpu, sizeof cpu);
    if (worker->exit_signal)
        call_summary(walk->call, "the signal ended it after %s of CPU time", cpu);
    else
        call_summary(walk->call, "it %s: its exit code is its own", how_it_ended(walk));
    work_report_times(walk->call, work_times(job), 1);
    int status = STATUS_OK;
    if (worker->exit_code > 0) {
        char how[128];
        worker_describe_end(worker, how, sizeof how);
        status = call_fail(walk->call, "%s %s", worker->name, how);
    }
    job_finish(job, status);
}

static void send_signal(void *data)
{
    struct walk *walk = data;
    struct worker *worker = walk->call->job->workers[0];
    walk->timer = NULL;
    // Who has finished gets none, and the log says so.
    walk->sent = worker_end(worker, signal_of(walk->args)) == 0;
    tell_answer(walk->call, "terminated", is_alive(worker));
    if (worker->finished)
        finish_walk(walk);
}

static bool meet(struct worker *worker, const struct frame *frame, const void *block)
{
    struct walk *walk = worker->job->data;
    (void)block;
    // It may have said hello just before it was cancelled: then there is nothing to wait for.
    if (frame->type != FRAME_HELLO || walk->met || worker->job->cancelled)
        return true;
    walk->met = true;
    tell_answer(walk->call, "running", is_alive(worker));
    if (walk->args->after > 0)
        walk->timer = loop_after(walk->args->after, send_signal, walk);
    else
        send_signal(walk);
    return true;
}

static void part(struct worker *worker)
{
    struct walk *walk = worker->job->data;
    if (!walk->timer)
        finish_walk(walk);
}

static void cancel_walk(struct job *job)
{
    struct walk *walk = job->data;
    if (!walk->timer)
        return;
    loop_cancel(walk->timer);
    walk->timer = NULL;
    if (job->unfinished == 0)
        finish_walk(walk);
}

static const struct job_ops walk_job_ops = {.frame = meet, .ended = part, .cancelled = cancel_walk};

static void show_walk(const struct call *call, struct progress *progress)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->after > 0)
        progress->part = (double)progress->elapsed / (double)kill_args->after;
}

static void free_state(struct call *call)
{
    free(call->state);
}

static const struct call_ops walk_call_ops = {.progress = show_walk, .free = free_state};

static bool would_stop(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

static int run_walk(struct call *call)
{
    const struct kill_args *kill_args = call->args;
    if (kill_args->ladder)
        return call_misuse(call, "--ladder needs a TARGET to climb for");
    if (would_stop(signal_of(kill_args)))
        return call_misuse(call, "%s would stop the worker, and nobody would let it go on",
                           signal_name(signal_of(kill_args)));
    int64_t size = work_size(-1, &kill_args->work, 1000);
    struct walk *walk = must_calloc(1, sizeof *walk);
    *walk = (struct walk){.call = call, .args = kill_args};
    call->state = walk;
    call->ops = &walk_call_ops;
    call_job(call, &walk_job_ops, walk);
    struct assignment assignment = work_assign(&kill_args->work, 0);
    assignment.run = be_killed;
    assignment.argument = &size;
    assignment.self.for_ns = work_for(&kill_args->work, 2 * NS_PER_S);
    assignment.self.graceful = kill_args->graceful;
    tell_answer(call, "before execution", false);
    if (!work_start(call, &assignment, 0, 1))
        job_finish(call->job, STATUS_FAILED);
    return STATUS_PENDING;
}

// With targets.

static bool is_meant_to_end(int number)
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

static int send_to(struct call *call, struct worker *worker, int number)
{
    int error =
        is_meant_to_end(number) ? worker_end(worker, number) : worker_signal(worker, number);
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

static int signal_targets(struct call *call, const struct targets *targets, int number)
{
    int status = STATUS_OK;
    for (size_t i = 0; i < targets->count; i++) {
        int sent = send_to(call, targets->workers[i], number);
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
static int climb(struct ladder *ladder)
{
    int number = ladder_signals[ladder->step++];
    int status = STATUS_OK;
    for (size_t i = 0; i < ladder->targets.count; i++) {
        struct worker *worker = ladder->targets.workers[i];
        if (worker_lives(worker) && worker_is_alive_now(worker) &&
            send_to(ladder->call, worker, number) != STATUS_OK)
            status = STATUS_FAILED;
    }
    return status;
}

static void climb_on(void *data)
{
    struct ladder *ladder = data;
    ladder->timer = NULL;
    if (climb(ladder) != STATUS_OK)
        call_finish(ladder->call, STATUS_FAILED);
    else if (ladder->step < LADDER_STEPS)
        ladder->timer = loop_after(LADDER_PAUSE, climb_on, ladder);
}

static void look_down(struct call *call)
{
    struct ladder *ladder = call->state;
    for (size_t i = 0; i < ladder->targets.count; i++)
        if (!ladder->targets.workers[i]->finished)
            return;
    for (size_t i = 0; i < ladder->targets.count; i++) {
        char how[128];
        worker_describe_end(ladder->targets.workers[i], how, sizeof how);
        out_print("%s %s\n", text_visible(ladder->targets.workers[i]->name), how);
    }
    call_finish(call, STATUS_OK);
}

static void give_up_ladder(struct call *call)
{
    call_finish(call, call_fail(call, "interrupted"));
}

static void free_ladder(struct call *call)
{
    struct ladder *ladder = call->state;
    if (ladder->timer)
        loop_cancel(ladder->timer);
    targets_free(&ladder->targets);
    free(ladder);
}

static const struct call_ops ladder_ops = {
    .interrupt = give_up_ladder, .changed = look_down, .free = free_ladder};

static int run_ladder(struct call *call, struct targets *targets)
{
    struct ladder *ladder = must_calloc(1, sizeof *ladder);
    *ladder = (struct ladder){.call = call, .targets = *targets};
    *targets = (struct targets){0};
    call->state = ladder;
    call->ops = &ladder_ops;
    if (climb(ladder) != STATUS_OK)
        return STATUS_FAILED;
    ladder->timer = loop_after(LADDER_PAUSE, climb_on, ladder);
    return STATUS_PENDING;
}

static int run(struct call *call)
{
    struct kill_args *kill_args = call->args;
    struct targets targets = {0};
    struct text error = {0};
    int status = STATUS_OK;
    if (kill_args->targets.count == 0)
        return run_walk(call);
    if (call->background)
        return call_misuse(call, "only without TARGET can it run behind '&'");
    if (kill_args->graceful || kill_args->after >= 0 || kill_args->work.for_ns >= 0 ||
        kill_args->work.size >= 0)
        return call_misuse(call,
                           "--graceful, --after, --for and --size are for a kill without TARGET");
    if (kill_args->ladder && kill_args->signal > 0)
        return call_misuse(call, "--ladder has its own signals; leave -s out");
    jobs_collect();
    for (size_t i = 0; i < kill_args->targets.count && status == STATUS_OK; i++)
        if (!targets_add(&targets, kill_args->targets.all[i], true, &error))
            status = call_fail(call, "%s", text_string(&error));
    if (status == STATUS_OK && kill_args->ladder)
        status = run_ladder(call, &targets);
    else if (status == STATUS_OK)
        status = signal_targets(call, &targets, signal_of(kill_args));
    targets_free(&targets);
    text_free(&error);
    return status;
}

const struct command command_kill = {
    .name = "kill",
    .group = "The six",
    .summary = "walks a worker through its life and death, or signals running workers",
    .details =
        "Every answer is the kernel's at that moment: directly after the signal the worker is "
        "usually still there. A stopped worker gets SIGCONT after SIGTERM. A pool replaces workers "
        "that die: to end it, "
        "bring it to the front with fg and press Ctrl-C.",
    .example = "kill -9 Process-3",
    .args = args,
    .args_size = sizeof(struct kill_args),
    .background = true,
    .run = run,
};
