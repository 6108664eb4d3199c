// SPDX-License-Identifier: GPL-3.0-or-later
// scale: the same pool on 1, 2, ... W workers, one after another and all of it some times over, and
// how much faster more workers were. All runs are one job.
#include "commands/pool_run.h"

#include "base/clock.h"
#include "base/must.h"
#include "commands/export_file.h"
#include "commands/scale_result.h"
#include "commands/summary.h"
#include "commands/table.h"
#include "shell/call.h"
#include "shell/context.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

struct scale_args {
    struct pool_args pool; // first, for POOL_ARGS
    int64_t command;
    int64_t runs;
    const char *export;
    bool overwrite;
};

static const char *const commands[] = {"pool", NULL};

static const char *const endings[] = {".svg", ".csv", ".ndjson", NULL};

static const char *const meanings[] = {"the plot", "a row for each run", "an object for each run",
                                       NULL};

enum { RUNS_MOST = 100 };

static const struct arg args[] = {
    {.name = "COMMAND",
     .type = ARG_CHOICE,
     .required = true,
     .field = offsetof(struct scale_args, command),
     .choices = commands,
     .help = "what to run"},
    POOL_ARGS(256, 1), // without a task there is nothing to measure
    {.name = "--runs",
     .type = ARG_COUNT,
     .field = offsetof(struct scale_args, runs),
     .min = 1,
     .max = RUNS_MOST,
     .standard = 3,
     .help = "runs with each number of workers; the table has their median"},
    {.name = "--export",
     .type = ARG_FILE,
     .field = offsetof(struct scale_args, export),
     .endings = endings,
     .meanings = meanings,
     .help = "writes it to a file, too; its ending, in either case, says what"},
    EXPORT_FILE_OVERWRITE(struct scale_args),
    {0},
};

// The width of what is printed where there is no terminal.
enum { COLUMNS = 72 };

struct scale {
    struct call *call;
    const struct scale_args *args;
    struct pool_args pool_args; // of the run at hand
    struct pool_run run;
    int64_t own_cpu; // of forklab, when that began
    uint64_t digest; // of the first run's results
    struct scaling_run *runs;
    struct scale_result result; // what has come of those that have ended
};

static void scale_run_next(struct scale *scale);

static void scale_finish(struct scale *scale, int status)
{
    size_t columns = context_columns() > 0 ? context_columns() : COLUMNS;
    scale_result_show_table(&scale->result, columns);
    if (status == STATUS_OK)
        status = scale_result_conclude(&scale->result, columns, scale->args->export);
    job_finish(scale->call->job, status);
}

static int64_t scale_own_cpu(void)
{
    int64_t cpu = clock_cpu_of(getpid());
    return cpu > 0 ? cpu : 0;
}

static void scale_keep_run(struct scale *scale)
{
    struct times times = pool_run_times(&scale->run);
    size_t first = pool_first_worker(scale->run.pool);
    const struct scaling_run run = {.wall = times.wall > 0 ? times.wall : 1,
                                    .cpu = times.cpu,
                                    .ready = summary_ready(scale->call->job, first),
                                    .own = scale_own_cpu() - scale->own_cpu};
    scale->result.deaths += (size_t)pool_deaths(scale->run.pool);
    scale_result_add(&scale->result, &run);
}

// Returns STATUS_OK when the run's results are those of the first.
static int scale_compare(struct scale *scale)
{
    uint64_t digest = pool_digest(scale->run.pool);
    if (scale->result.scaling.count == 0)
        scale->digest = digest;
    if (digest == scale->digest)
        return STATUS_OK;
    return call_fail(scale->call, "%" PRId64 " workers gave other results than the first run",
                     scale->pool_args.workers);
}

static size_t scale_count_runs(const struct scale *scale)
{
    return scale->result.scaling.widths * (size_t)scale->args->runs;
}

static void scale_take_run(struct pool_run *run)
{
    struct scale *scale = run->call->state;
    struct call *call = run->call;
    int status = pool_run_conclude(run);
    if (status == STATUS_OK && call->job->cancelled) { // dismissed
        call_summary(call, "%s after %zu run%s", call->dismissed, scale->result.scaling.count,
                     scale->result.scaling.count == 1 ? "" : "s");
        job_finish(call->job, STATUS_OK);
        return;
    }
    if (status == STATUS_OK)
        status = scale_compare(scale);
    if (status == STATUS_OK)
        scale_keep_run(scale);
    if (status == STATUS_OK && scale->result.scaling.count < scale_count_runs(scale)) {
        scale_run_next(scale);
        return;
    }
    if (status == STATUS_OK && scale->args->pool.all)
        pool_run_print(run);
    scale_finish(scale, status);
}

static void scale_run_next(struct scale *scale)
{
    pool_run_free(&scale->run);
    scale->pool_args = scale->args->pool;
    scale->pool_args.workers =
        (int64_t)(scale->result.scaling.count % scale->result.scaling.widths) + 1;
    scale->own_cpu = scale_own_cpu();
    scale->run = (struct pool_run){
        .call = scale->call, .args = &scale->pool_args, .needs_all = true, .ended = scale_take_run};
    if (!pool_run_begin(&scale->run) && scale->call->job)
        scale_finish(scale, STATUS_FAILED);
}

// What a run on `workers` takes, by the ideal.
static double scale_ideal_time(size_t workers)
{
    size_t cores = (size_t)jobs_cores();
    return 1 / (double)(workers < cores ? workers : cores);
}

static void scale_show_progress(const struct call *call, struct progress *progress)
{
    const struct scale *scale = call->state;
    const struct scaling *scaling = &scale->result.scaling;
    size_t all = scale_count_runs(scale), workers = 1;
    double whole = 0, done = 0, part = 0; // of the run at hand
    if (scale->run.pool && scale->args->pool.tasks > 0)
        part = (double)pool_done(scale->run.pool) / (double)scale->args->pool.tasks;
    for (size_t i = 0; i < all; i++) {
        double time = scale_ideal_time(workers);
        whole += time;
        done += i < scaling->count ? time : i == scaling->count ? time * part : 0;
        workers = workers < scaling->widths ? workers + 1 : 1;
    }
    progress->part = done / whole;
}

static void scale_free(struct call *call)
{
    struct scale *scale = call->state;
    pool_run_free(&scale->run);
    scale_result_free(&scale->result);
    free(scale);
}

static const struct call_ops scale_call_ops = {.progress = scale_show_progress, .free = scale_free};

static int scale_run(struct call *call)
{
    const struct scale_args *scale_args = call->args;
    int status = pool_run_check(call, &scale_args->pool);
    if (status != STATUS_OK)
        return status;
    if (scale_args->export && !scale_result_can_export(scale_args->export))
        return call_misuse(call, "FILE must end in .svg, .csv or .ndjson, not '%s'",
                           text_visible(scale_args->export));
    if (scale_args->overwrite && !scale_args->export)
        return call_misuse(call, "--overwrite needs --export");
    if (scale_args->export)
        status = export_file_try(call, scale_args->export, scale_args->overwrite);
    if (status != STATUS_OK)
        return status;
    struct scale *scale = must_calloc(1, sizeof *scale);
    *scale = (struct scale){.call = call, .args = scale_args};
    scale_result_init(&scale->result, call, (size_t)scale_args->pool.workers,
                      (size_t)scale_args->runs);
    scale->result.map = map_names[scale_args->pool.map];
    scale->result.tasks = scale_args->pool.tasks;
    scale->result.overwrites = scale_args->overwrite;
    scale->result.by_clock = launch_for(&scale_args->pool.work, 0) > 0;
    call->state = scale;
    call->ops = &scale_call_ops;
    scale_run_next(scale);
    return call->job ? STATUS_PENDING : STATUS_FAILED;
}

const struct command command_scale = {
    .name = "scale",
    .group = "Looking",
    .summary = "runs the same pool on 1, 2, ... W workers, and plots how much faster it became",
    .details =
        "Speed-up is one worker's wall time over that of the run; efficiency is speed-up per "
        "worker. Each number of workers has its turn, and then all of them again: wall, CPU and "
        "ready are medians, spread is the slowest run less the fastest. Ready is the time in which "
        "workers could compute and had no core, added up: where there are no more workers than "
        "cores, other work had them. Amdahl's law is fitted to those runs, unless ready beyond 5 % "
        "of them says that the cores were busy: its serial part is the share of the work that more "
        "workers can't shorten. Results are compared, and printed once with --all.",
    .example = "scale pool 4 4k --map prime --export speedup.svg",
    .args = args,
    .args_size = sizeof(struct scale_args),
    .background = true,
    .acts = true,
    .run = scale_run,
};
