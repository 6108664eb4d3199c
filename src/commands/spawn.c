// SPDX-License-Identifier: GPL-3.0-or-later
// spawn: workers one after another, or all at once.
#include "commands/table.h"

#include "base/must.h"
#include "base/out.h"
#include "commands/launch.h"
#include "os/loop.h"
#include "worker/workload.h"
#include "commands/summary.h"

#include <inttypes.h>
#include <stdlib.h>

struct spawn_args {
    int64_t workers;
    int64_t size; // worker i computes i times as many results
    bool together;
    struct launch_args work;
};

static const struct arg args[] = {
    {"N", ARG_COUNT, true, offsetof(struct spawn_args, workers), 1, 100000, 0, NULL,
     "how many workers"},
    {"SIZE", ARG_COUNT, false, offsetof(struct spawn_args, size), 0, SIZE_MOST, -1, NULL,
     "worker i computes i*SIZE results; 1000 if left out"},
    {"--together", ARG_FLAG, false, offsetof(struct spawn_args, together), 0, 0, 0, NULL,
     "starts all workers, then joins all"},
    ARG_FOR(struct spawn_args),
    {"--size", ARG_COUNT, false, offsetof(struct spawn_args, work.size), 0, SIZE_MOST, -1, NULL,
     "the same as SIZE"},
    ARG_DAEMON(struct spawn_args),
    ARG_AS(struct spawn_args),
    ARG_WHICH(struct spawn_args, 0),
    ARG_EXIT(struct spawn_args),
    {0},
};

// How many workers are forked before the loop looks at everything else again.
enum { AT_A_TURN = 8 };

struct spawn {
    struct call *call;
    const struct spawn_args *args;
    int64_t size;
    size_t told;            // workers whose end has been told
    struct timer *starting; // while more are to be started together
};

static int spawn_be_spawned(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    report_hello(self);
    workload_run(self, *size * self->number, &results);
    report_done(self, results.count);
    return self->exit_status;
}

static bool spawn_start_next(struct spawn *spawn)
{
    struct job *job = spawn->call->job;
    out_print("calling do_something from process no: %zu\n", job->count);
    struct assignment assignment = launch_assign(&spawn->args->work, (int64_t)job->count);
    assignment.run = spawn_be_spawned;
    assignment.argument = &spawn->size;
    return launch_start(spawn->call, &assignment, (int64_t)job->count, spawn->args->workers) !=
           NULL;
}

static void spawn_tell_end(const struct worker *worker)
{
    summary_report_worker(worker->job->owner, worker);
    if (worker_did_well(worker)) {
        out_print("Process %u finished with %" PRId64 " results.\n", worker->number,
                  worker->results);
    } else {
        char how[128];
        worker_describe_end(worker, how, sizeof how);
        out_print("Process %u %s.\n", worker->number, how);
    }
}

static void spawn_summarize(const struct spawn *spawn, struct times times, int64_t at_once)
{
    size_t count = spawn->call->job->count;
    if (count == 0) {
        summary_of_none(spawn->call);
        return;
    }
    const char *how = count == 1              ? " worker"
                      : spawn->args->together ? " workers together"
                                              : " workers one after another";
    struct text text = {0};
    text_print(&text, "%zu%s: ", count, how);
    summary_add_times(times, at_once, &text);
    call_summary(spawn->call, "%s", text_string(&text));
    text_free(&text);
}

static void spawn_finish(struct spawn *spawn)
{
    struct job *job = spawn->call->job;
    struct times times = summary_times(job);
    int64_t at_once = (int64_t)job->count;
    if (at_once > 1 && !spawn->args->together)
        at_once = 1;
    int status = summary_conclude(spawn->call);
    spawn_summarize(spawn, times, at_once);
    summary_report_times(spawn->call, times, at_once);
    job_finish(job, status);
}

static bool spawn_wants_more(const struct spawn *spawn)
{
    const struct job *job = spawn->call->job;
    return !job->cancelled && !spawn->call->failed && job->count < (size_t)spawn->args->workers;
}

// Joins in the order of the workers, whoever ends first.
static void spawn_join(struct worker *worker)
{
    struct job *job = worker->job;
    struct spawn *spawn = job->data;
    for (; spawn->told < job->count && job->workers[spawn->told]->finished; spawn->told++)
        spawn_tell_end(job->workers[spawn->told]);
    if (job->unfinished > 0 || spawn->starting)
        return;
    if (!spawn_wants_more(spawn) || !spawn_start_next(spawn))
        spawn_finish(spawn);
}

// Starts some of those that are to run together, and the others at the loop's next turns: whoever
// types is not to wait for a thousand forks.
static void spawn_start_some(void *data)
{
    struct spawn *spawn = data;
    spawn->starting = NULL;
    for (int i = 0; i < AT_A_TURN && spawn_wants_more(spawn); i++)
        spawn_start_next(spawn);
    if (spawn_wants_more(spawn))
        spawn->starting = loop_after(0, spawn_start_some, spawn);
    else if (spawn->call->job->unfinished == 0)
        spawn_finish(spawn);
}

static void spawn_cancel(struct job *job)
{
    struct spawn *spawn = job->data;
    if (!spawn->starting)
        return;
    loop_cancel(spawn->starting);
    spawn->starting = NULL;
    if (job->unfinished == 0)
        spawn_finish(spawn);
}

static const struct job_ops spawn_job_ops = {.ended = spawn_join, .cancelled = spawn_cancel};

static void spawn_show_progress(const struct call *call, struct progress *progress)
{
    const struct spawn_args *spawn_args = call->args;
    double sum = 0;
    for (size_t i = 0; i < call->job->count; i++) {
        const struct worker *worker = call->job->workers[i];
        progress->done += worker->finished;
        sum += worker->finished ? 1 : (double)worker->progress / PROGRESS_WHOLE;
    }
    progress->unit = "workers";
    progress->total = spawn_args->workers;
    progress->part = sum / (double)spawn_args->workers;
}

static void spawn_free(struct call *call)
{
    free(call->state);
}

static const struct call_ops spawn_call_ops = {.progress = spawn_show_progress, .free = spawn_free};

static int spawn_run(struct call *call)
{
    const struct spawn_args *spawn_args = call->args;
    if (spawn_args->size >= 0 && spawn_args->work.size >= 0)
        return call_misuse(call, "SIZE and --size are the same; give one of them");
    int status = launch_check(call, &spawn_args->work, 0, spawn_args->workers - 1);
    if (status != STATUS_OK)
        return status;
    struct spawn *spawn = must_calloc(1, sizeof *spawn);
    *spawn = (struct spawn){.call = call, .args = spawn_args};
    spawn->size = launch_size(spawn_args->size, &spawn_args->work, 1000);
    call->state = spawn;
    call->ops = &spawn_call_ops;
    call_job(call, &spawn_job_ops, spawn)->daemon = spawn_args->work.daemon;
    if (spawn_args->together)
        spawn_start_some(spawn);
    else if (!spawn_start_next(spawn))
        spawn_finish(spawn);
    return STATUS_PENDING;
}

const struct command command_spawn = {
    .name = "spawn",
    .group = "The six",
    .summary = "starts and joins N workers, one after another or together",
    .details =
        "Worker i computes i*SIZE results. Its line appears when it is joined, in the order of "
        "the workers.\n" SUMMARY_ABOUT_TIMES,
    .example = "spawn 6 --together --for 2s",
    .args = args,
    .args_size = sizeof(struct spawn_args),
    .background = true,
    .run = spawn_run,
};
