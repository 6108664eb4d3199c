// SPDX-License-Identifier: GPL-3.0-or-later
// daemon: what becomes of a daemon, and of another worker, when their main program ends.
#include "commands/table.h"

#include "base/clock.h"
#include "commands/launch.h"
#include "log/events.h"
#include "worker/workload.h"
#include "jobs/terminate.h"
#include "commands/summary.h"

#include <signal.h>
#include <stdio.h>

struct daemon_args {
    bool off;
    struct launch_args work;
};

static const struct arg args[] = {
    {.name = "--off",
     .type = ARG_FLAG,
     .field = offsetof(struct daemon_args, off),
     .help = "makes both workers non-daemon"},
    ARG_FOR(struct daemon_args),
    {.name = "--size",
     .type = ARG_COUNT,
     .field = offsetof(struct daemon_args, work.size),
     .max = 1000,
     .standard = 3,
     .help = "how many numbers and results they print"},
    {0},
};

enum { BACKGROUND, NO_BACKGROUND, WORKERS };

static const char *const names[] = {"background_process", "NO_background_process"};

struct main_program {
    struct call *call;
    const struct daemon_args *args;
    int64_t heard;    // numbers that background_process has printed
    int64_t ended_at; // when the main program ended, or 0
    bool terminated;  // its daemon was asked to end then
};

static int daemon_be_background(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    report_hello(self);
    report_output(self, "Starting %s", names[BACKGROUND]);
    for (int64_t i = 0; i < *size; i++)
        report_output(self, "---> %lld", (long long)i);
    workload_run(self, *size, &results);
    report_output(self, "Exiting %s", names[BACKGROUND]);
    report_done(self, results.count);
    return 0;
}

static int daemon_be_no_background(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    char list[1024];
    report_hello(self);
    report_output(self, "Starting %s", names[NO_BACKGROUND]);
    workload_run(self, *size, &results);
    workload_format_results(&results, list, sizeof list);
    report_output(self, "Results from do_something(): %s", list);
    report_output(self, "Exiting %s", names[NO_BACKGROUND]);
    report_done(self, results.count);
    return 0;
}

static void daemon_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct daemon_args *daemon_args = launch_call(lab)->args;
    *assignment = launch_assign(&daemon_args->work, number);
    assignment->name = names[number];
    assignment->argument = &daemon_args->work.size;
    assignment->run = number == BACKGROUND ? daemon_be_background : daemon_be_no_background;
    assignment->daemon = number == BACKGROUND && !daemon_args->off;
    if (number == BACKGROUND) // long enough to be caught at it
        assignment->self.for_ns = launch_for(&daemon_args->work, NS_PER_S);
}

// The main program's last statement is done. What an exit does: terminate daemons, join the others.
static void daemon_end_main_program(struct main_program *program)
{
    struct job *job = program->call->job;
    program->ended_at = clock_now();
    events_add(EVENT_MAIN_ENDED, job->id, NO_WORKER, 0, 0, NULL);
    struct worker *background = job->workers[BACKGROUND];
    program->terminated =
        background->daemon && worker_lives(background) && worker_is_alive_now(background);
    if (program->terminated)
        terminate_worker(background);
}

static bool daemon_has_begun(const struct worker *worker)
{
    return worker->claim != CLAIM_STARTING || worker->finished;
}

static void daemon_go_on(struct lab *lab)
{
    struct main_program *program = lab->data;
    const struct job *job = lab->job;
    bool background_is_running = program->heard > program->args->work.size;
    if (job->cancelled || program->call->failed || program->ended_at)
        return;
    if (job->count == 1 && (background_is_running || job->workers[BACKGROUND]->finished))
        lab_start_next(lab);
    else if (job->count == WORKERS && daemon_has_begun(job->workers[NO_BACKGROUND]))
        daemon_end_main_program(program);
}

static bool daemon_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct main_program *program = lab_of(worker)->data;
    if (frame->type == FRAME_OUTPUT) {
        launch_print(frame, block);
        program->heard += worker->number == BACKGROUND;
    }
    daemon_go_on(lab_of(worker));
    return true;
}

// How a worker ended: "had ended", when it did so by itself, or "was killed by SIGTERM".
static void daemon_describe_end(const struct worker *worker, char *text, size_t size)
{
    if (worker_did_well(worker))
        snprintf(text, size, "had ended");
    else
        worker_describe_end(worker, text, size);
}

// Adds how long a worker was waited for, and how it ended if it did not do so by itself. There is
// no wait for a worker that has ended before: it may have, when its first output is read.
static void daemon_add_joined(const struct main_program *program, int which, struct text *text)
{
    const struct worker *worker = program->call->job->workers[which];
    char how[128], later[32];
    int64_t waited = worker->died - program->ended_at;
    daemon_describe_end(worker, how, sizeof how);
    number_format_time(waited > 0 ? waited : 0, later, sizeof later);
    text_print(text, "joined %s", names[which]);
    if (worker_did_well(worker))
        text_print(text, " %s later", later);
    else
        text_print(text, ", which %s, %s later", how, later);
}

static void daemon_add_terminated(const struct main_program *program, struct text *text)
{
    const struct worker *daemon = program->call->job->workers[BACKGROUND];
    char how[128];
    // SIGKILL is forklab's only when the grace is over.
    bool late = daemon->died - program->ended_at >= GRACE_NS;
    if (program->terminated &&
        (daemon->exit_signal == SIGTERM || (late && daemon->exit_signal == SIGKILL))) {
        text_print(text, "terminated %s, a daemon", names[BACKGROUND]);
        return;
    }
    daemon_describe_end(daemon, how, sizeof how);
    text_print(text, "had no daemon to terminate, as %s %s %s", names[BACKGROUND], how,
               program->terminated ? "just then" : "before");
}

// When it was given up before its end.
static void daemon_add_ends(const struct job *job, struct text *text)
{
    for (size_t i = 0; i < WORKERS; i++) {
        char how[128] = "was not started";
        if (i < job->count)
            daemon_describe_end(job->workers[i], how, sizeof how);
        text_print(text, "%s%s %s", i > 0 ? ", " : "", names[i], how);
    }
}

static void daemon_summarize(const struct main_program *program)
{
    const struct job *job = program->call->job;
    struct text text = {0};
    if (program->ended_at) {
        char time[32];
        number_format_time(program->ended_at - job->started, time, sizeof time);
        text_print(&text, "the main program, played by forklab, ended after %s: it ", time);
        if (program->args->off)
            daemon_add_joined(program, BACKGROUND, &text);
        else
            daemon_add_terminated(program, &text);
        text_add_string(&text, ", and ");
        daemon_add_joined(program, NO_BACKGROUND, &text);
    } else {
        text_add_string(&text, "the main program, played by forklab, did not come to its end: ");
        daemon_add_ends(job, &text);
    }
    call_summary(program->call, "%s", text_string(&text));
    text_free(&text);
}

static int daemon_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    struct times times = summary_times(lab->job);
    int status = summary_conclude(call);
    daemon_summarize(lab->data);
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static void daemon_join(struct worker *worker)
{
    daemon_go_on(lab_of(worker));
}

static const struct lab_ops daemon_lab_ops = {.assign = daemon_assign,
                                              .not_started = launch_tell_not_started,
                                              .frame = daemon_hear,
                                              .ended = daemon_join,
                                              .over = daemon_conclude};

static void daemon_show_progress(const struct call *call, struct progress *progress)
{
    progress->part = (double)call->job->workers[BACKGROUND]->progress / PROGRESS_WHOLE;
}

static const struct call_ops daemon_call_ops = {.progress = daemon_show_progress,
                                                .free = launch_free};

static int daemon_run(struct call *call)
{
    const struct daemon_args *daemon_args = call->args;
    struct lab_plan plan = {.workers = WORKERS, .start = LAB_ON_DEMAND, .timeout = -1};
    struct lab *lab =
        launch_lab(call, &plan, &daemon_lab_ops, &daemon_args->work, sizeof(struct main_program));
    struct main_program *program = lab->data;
    *program = (struct main_program){.call = call, .args = daemon_args};
    call->ops = &daemon_call_ops;
    lab_begin(lab);
    return STATUS_PENDING;
}

const struct command command_daemon = {
    .name = "daemon",
    .group = "The six",
    .summary = "shows what happens to a daemon when its main program ends",
    .details = "forklab plays the main program: it starts background_process, a daemon, and "
               "NO_background_process, and ends. A daemon is then terminated, wherever it is; any "
               "other worker is joined.",
    .example = "daemon --off",
    .args = args,
    .args_size = sizeof(struct daemon_args),
    .background = true,
    .acts = true,
    .run = daemon_run,
};
