// SPDX-License-Identifier: GPL-3.0-or-later
// spawn: workers one after another, or all at once.
#include "commands/table.h"

#include "base/out.h"
#include "commands/launch.h"
#include "commands/nest.h"
#include "worker/workload.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "view/color.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct spawn_args {
    int64_t workers;
    int64_t size; // worker i computes i times as many results
    bool together;
    const char *name;
    int64_t nest;
    struct launch_args work;
};

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .required = true,
     .field = offsetof(struct spawn_args, workers),
     .min = 1,
     .max = 100000,
     .help = "how many workers"},
    {.name = "SIZE",
     .type = ARG_COUNT,
     .field = offsetof(struct spawn_args, size),
     .max = SIZE_MOST,
     .standard = -1,
     .standard_is = "1000",
     .help = "worker i computes i*SIZE results"},
    {.name = "--together",
     .type = ARG_FLAG,
     .field = offsetof(struct spawn_args, together),
     .help = "starts all workers, then joins all"},
    {.name = "--name",
     .type = ARG_NAME,
     .field = offsetof(struct spawn_args, name),
     .standard_is = "Process-N",
     .help = "a name for the worker; NAME-1, NAME-2, ... for several"},
    {.name = "--nest",
     .type = ARG_COUNT,
     .field = offsetof(struct spawn_args, nest),
     .min = 1,
     .max = NEST_DEEPEST,
     .standard = -1,
     .help = "each worker starts N workers of its own, each of those as many, so many levels deep"},
    ARG_FOR(struct spawn_args),
    {.name = "--size",
     .type = ARG_COUNT,
     .field = offsetof(struct spawn_args, work.size),
     .max = SIZE_MOST,
     .standard = -1,
     .help = "the same as SIZE"},
    ARG_DAEMON(struct spawn_args),
    ARG_AS(struct spawn_args),
    ARG_WHICH(struct spawn_args, 0),
    ARG_EXIT(struct spawn_args),
    {0},
};

// The bytes of a name that leave room for a worker's number.
enum { NAME_MOST = WORKER_NAME_ROOM - sizeof "-100000" };

struct spawn {
    struct nest nest; // with levels > 0 if workers start workers
    size_t told;      // workers whose end has been told
};

static int spawn_be_spawned(const struct self *self, const void *argument)
{
    const struct nest *nest = argument;
    struct results results;
    int64_t failed = 0;
    report_hello(self);
    if (nest->levels > 0)
        failed = nest_run(nest, self, &results);
    else
        workload_run(self, nest->size * self->number, &results);
    if (failed < 0)
        report_failure(self, "fork");
    if (failed != 0)
        return 1;
    report_done(self, results.count);
    return self->exit_status;
}

static void spawn_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct spawn_args *spawn_args = launch_call(lab)->args;
    out_print("%scalling do_something from process no: %u%s\n", color_worker(number), number,
              color_worker_end());
    *assignment = launch_assign(&spawn_args->work, number);
    if (!spawn_args->name)
        return;
    assignment->name = lab->name;
    if (lab->plan.workers == 1)
        snprintf(lab->name, sizeof lab->name, "%s", spawn_args->name);
    else
        snprintf(lab->name, sizeof lab->name, "%.*s-%u", NAME_MOST, spawn_args->name, number + 1);
}

static void spawn_tell_end(const struct worker *worker)
{
    summary_report_worker(worker->job->owner, worker);
    if (worker_did_well(worker)) {
        out_print("%sProcess %u finished with %" PRId64 " results.%s\n",
                  color_worker(worker->number), worker->number, worker->results,
                  color_worker_end());
    } else if (!worker->laddered) {
        char how[128];
        worker_describe_end(worker, how, sizeof how);
        out_print("Process %u %s.\n", worker->number, how);
    }
}

static void spawn_summarize(const struct call *call, struct times times)
{
    const struct spawn_args *spawn_args = call->args;
    size_t count = call->job->count;
    if (count == 0) {
        summary_of_none(call);
        return;
    }
    const char *how = count == 1             ? " worker"
                      : spawn_args->together ? " workers together"
                                             : " workers one after another";
    struct text text = {0};
    text_print(&text, "%zu%s: ", count, how);
    const struct spawn *spawn = ((const struct lab *)call->state)->data;
    if (spawn->nest.board) {
        int64_t started, done;
        nest_sum(&spawn->nest, &started, &done);
        text_print(&text, "%" PRId64 " more below them; ", started);
        figures_begin(call);
        figures_add("nested", started);
        figures_add("nested_done", done);
    }
    summary_add_times(times, &text);
    call_summary(call, "%s", text_string(&text));
    text_free(&text);
}

static int spawn_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    struct times times = summary_times(lab->job);
    int64_t at_once = (int64_t)lab->job->count;
    if (at_once > 1 && lab->plan.start == LAB_ONE_BY_ONE)
        at_once = 1;
    int status = summary_conclude(call);
    spawn_summarize(call, times);
    summary_report_times(call, times, at_once);
    return status;
}

// Joins in the order of the workers, whichever ends first.
static void spawn_join(struct worker *worker)
{
    struct job *job = worker->job;
    struct spawn *spawn = lab_of(worker)->data;
    for (; spawn->told < job->count && job->workers[spawn->told]->finished; spawn->told++)
        spawn_tell_end(job->workers[spawn->told]);
}

static const struct lab_ops spawn_lab_ops = {.assign = spawn_assign,
                                             .not_started = launch_tell_not_started,
                                             .frame = launch_print_lines,
                                             .ended = spawn_join,
                                             .over = spawn_conclude};

static void spawn_show_progress(const struct call *call, struct progress *progress)
{
    const struct lab *lab = call->state;
    progress->unit = "workers";
    progress->done = lab_finished(lab);
    progress->total = lab->plan.workers;
    progress->part = lab_progress(lab);
}

static void spawn_free(struct call *call)
{
    struct spawn *spawn = ((struct lab *)call->state)->data;
    nest_free(&spawn->nest);
    launch_free(call);
}

static const struct call_ops spawn_call_ops = {.progress = spawn_show_progress, .free = spawn_free};

// As in Python, a daemon has no children: they would outlive the order to end.
static int spawn_check(struct call *call, const struct spawn_args *spawn_args)
{
    if (spawn_args->size >= 0 && spawn_args->work.size >= 0)
        return call_misuse(call, "SIZE and --size are the same; give one of them");
    if (spawn_args->name && spawn_args->workers > 1 && strlen(spawn_args->name) > NAME_MOST)
        return call_misuse(call, "--name has at most %d bytes where a number follows", NAME_MOST);
    if (spawn_args->nest > 0 && spawn_args->work.daemon)
        return call_misuse(call, "--nest and --daemon exclude each other: a daemon may not start "
                                 "workers");
    if (spawn_args->nest > 0 && nest_count(spawn_args->workers, spawn_args->nest) > NEST_MOST)
        return call_misuse(call, "--nest makes at most %d workers below the first ones", NEST_MOST);
    return launch_check(call, &spawn_args->work, 0, spawn_args->workers - 1);
}

static int spawn_run(struct call *call)
{
    const struct spawn_args *spawn_args = call->args;
    int status = spawn_check(call, spawn_args);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = spawn_args->workers,
                            .start = spawn_args->together ? LAB_TOGETHER : LAB_ONE_BY_ONE,
                            .timeout = -1,
                            .body = spawn_be_spawned};
    struct lab *lab =
        launch_lab(call, &plan, &spawn_lab_ops, &spawn_args->work, sizeof(struct spawn));
    struct spawn *spawn = lab->data;
    spawn->nest = (struct nest){.workers = spawn_args->workers,
                                .levels = spawn_args->nest,
                                .size = launch_size(spawn_args->size, &spawn_args->work, 1000),
                                .together = spawn_args->together};
    lab->plan.argument = &spawn->nest;
    call->ops = &spawn_call_ops;
    if (spawn_args->nest < 0 || nest_make(&spawn->nest, lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_spawn = {
    .name = "spawn",
    .group = "The six",
    .summary = "starts and joins N workers, one after another or together",
    .details =
        "Worker i computes i*SIZE results. Its line appears when it is joined, in the order of "
        "the workers.\nWith --nest a worker waits for its own before it is done, tells what came "
        "of them, and takes them along when it is killed.\n" SUMMARY_ABOUT_TIMES,
    .example = "spawn 6 --together --for 2s",
    .args = args,
    .args_size = sizeof(struct spawn_args),
    .background = true,
    .acts = true,
    .run = spawn_run,
};
