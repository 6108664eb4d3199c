// SPDX-License-Identifier: GPL-3.0-or-later
// scale: the same pool on 1, 2, ... W workers, one after another, and how much faster that was. All
// of them are one job.
#include "commands/pool_run.h"

#include "base/must.h"
#include "base/out.h"
#include "commands/export_file.h"
#include "commands/table.h"
#include "shell/json_output.h"
#include "shell/call.h"
#include "shell/context.h"
#include "base/json.h"
#include "view/speedup.h"
#include "view/table.h"
#include "view/speedup_svg.h"
#include "commands/summary.h"

#include <inttypes.h>
#include <stdlib.h>

struct scale_args {
    struct pool_args pool; // first, for POOL_ARGS
    int64_t command;
    const char *export;
    bool overwrite;
};

static const char *const commands[] = {"pool", NULL};

static const struct arg args[] = {
    {.name = "COMMAND",
     .type = ARG_CHOICE,
     .required = true,
     .field = offsetof(struct scale_args, command),
     .choices = commands,
     .help = "what to run"},
    POOL_ARGS(256, 1), // without a task there is nothing to measure
    {.name = "--export",
     .type = ARG_FILE,
     .field = offsetof(struct scale_args, export),
     .help = "writes the plot as a picture, too; it must end in .svg"},
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
    uint64_t digest;      // of the first run's results
    struct times *times;  // of the runs that have ended
    double *speedup;      // of the same
    size_t ended, deaths; // runs; workers in them
};

static void scale_run_next(struct scale *scale);

static void scale_add_row(const struct scale *scale, size_t i, struct table *table)
{
    char wall[32], cpu[32];
    number_format_time(scale->times[i].wall, wall, sizeof wall);
    number_format_time(scale->times[i].cpu, cpu, sizeof cpu);
    table_cell_print(table, "%zu", i + 1);
    table_cell(table, wall, COLOR_PLAIN);
    table_cell(table, cpu, COLOR_PLAIN);
    table_cell_print(table, "%.2f", scale->speedup[i]);
    table_cell_print(table, "%.0f %%", 100 * scale->speedup[i] / (double)(i + 1));
}

static void scale_print_table(const struct scale *scale, size_t width)
{
    static const struct table_column columns[] = {
        {.title = "workers", .right = true},    {.title = "wall", .right = true},
        {.title = "CPU", .right = true},        {.title = "speed-up", .right = true},
        {.title = "efficiency", .right = true},
    };
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    struct text text = {0};
    for (size_t i = 0; i < scale->ended; i++)
        scale_add_row(scale, i, table);
    table_write(table, width, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
    table_free(table);
}

static int scale_export_plot(const struct scale *scale, const struct speedup *plot)
{
    struct text svg = {0};
    speedup_svg_write(plot, &svg);
    int status = export_file_write(scale->call, scale->args->export, scale->args->overwrite, &svg);
    text_free(&svg);
    return status;
}

// Its title is written into `title`.
static struct speedup scale_plot_of(const struct scale *scale, double serial, struct text *title)
{
    int64_t tasks = scale->args->pool.tasks;
    text_print(title, "Speed-up of a pool: %" PRId64 " task%s, map %s", tasks,
               tasks == 1 ? "" : "s", map_names[scale->args->pool.map]);
    return (struct speedup){.title = text_string(title),
                            .speedup = scale->speedup,
                            .count = scale->ended,
                            .cores = (size_t)jobs_cores(),
                            .serial = serial};
}

static void scale_show_plot(const struct speedup *plot, size_t width)
{
    struct text text = {0};
    speedup_write(plot, width, &text);
    if (text.length > 0)
        out_print("\n%s", text_string(&text));
    text_free(&text);
}

// `best` is the index of the fastest run. The law knows of runs with no more workers than cores
// only, so one with more may have been the fastest all the same.
static void scale_add_serial(const struct scale *scale, double serial, size_t best,
                             struct text *text)
{
    if (serial < 0 && scale->ended > 1)
        text_add_string(text, "; on one core there is no serial part to fit");
    else if (serial >= 1 && best == 0)
        text_add_string(text, "; serial part 100 %: more workers cost more than they save");
    else if (serial >= 1)
        text_print(text, "; serial part 100 %% up to %d workers (Amdahl's law)", jobs_cores());
    else if (serial >= 0)
        text_print(text, "; serial part %.1f %% (Amdahl's law)", 100 * serial);
}

static void scale_summarize(const struct scale *scale, double serial)
{
    struct text text = {0};
    size_t best = 0;
    int cores = jobs_cores();
    for (size_t i = 0; i < scale->ended; i++)
        best = scale->speedup[i] > scale->speedup[best] ? i : best;
    text_print(&text, "%zu run%s%s; fastest on %zu worker%s: speed-up %.2f on %d core%s",
               scale->ended, scale->ended == 1 ? "" : "s",
               scale->ended == 1 ? "" : ", the same results", best + 1, best == 0 ? "" : "s",
               scale->speedup[best], cores, cores == 1 ? "" : "s");
    scale_add_serial(scale, serial, best, &text);
    if (scale->deaths > 0)
        text_print(&text, "; %zu worker%s died on the way", scale->deaths,
                   scale->deaths == 1 ? "" : "s");
    call_summary(scale->call, "%s", text_string(&text));
    if (launch_for(&scale->args->pool.work, 0) > 0)
        call_summary(scale->call,
                     "with --for tasks end by the clock, however little they got done: "
                     "this is no speed-up of work");
    text_free(&text);
}

static void scale_report_serial(const struct scale *scale, double serial)
{
    struct text *report = json_output_begin(scale->call, "scaling");
    if (!report)
        return;
    if (serial >= 0)
        json_real(report, "serial", serial);
    json_number(report, "cores", jobs_cores());
    json_output_end();
}

// Returns STATUS_OK, or a status when the picture could not be written.
static int scale_conclude(const struct scale *scale, size_t width)
{
    struct text title = {0};
    int status = STATUS_OK;
    double serial = speedup_fit(scale->speedup, scale->ended, (size_t)jobs_cores());
    struct speedup plot = scale_plot_of(scale, serial, &title);
    scale_report_serial(scale, serial);
    if (!json_output_is_on())
        scale_show_plot(&plot, width);
    scale_summarize(scale, serial);
    if (scale->args->export)
        status = scale_export_plot(scale, &plot);
    text_free(&title);
    return status;
}

static void scale_finish(struct scale *scale, int status)
{
    size_t width = context_columns() > 0 ? context_columns() : COLUMNS;
    if (scale->ended > 0 && !json_output_is_on())
        scale_print_table(scale, width);
    if (status == STATUS_OK)
        status = scale_conclude(scale, width);
    job_finish(scale->call->job, status);
}

static void scale_report_run(const struct scale *scale, size_t i)
{
    struct text *report = json_output_begin(scale->call, "run");
    if (!report)
        return;
    json_number(report, "workers", (int64_t)i + 1);
    json_number(report, "wall_ns", scale->times[i].wall);
    json_number(report, "cpu_ns", scale->times[i].cpu);
    json_real(report, "speed_up", scale->speedup[i]);
    json_output_end();
}

static void scale_keep_times(struct scale *scale)
{
    struct times times = pool_run_times(&scale->run);
    times.wall = times.wall > 0 ? times.wall : 1;
    scale->times[scale->ended] = times;
    scale->speedup[scale->ended] = (double)scale->times[0].wall / (double)times.wall;
    scale->deaths += (size_t)pool_deaths(scale->run.pool);
    scale_report_run(scale, scale->ended++);
}

// Returns STATUS_OK when the run's results are those of the first.
static int scale_compare(struct scale *scale)
{
    uint64_t digest = pool_digest(scale->run.pool);
    if (scale->ended == 0)
        scale->digest = digest;
    if (digest == scale->digest)
        return STATUS_OK;
    return call_fail(scale->call, "%zu workers gave other results than one", scale->ended + 1);
}

static void scale_take_run(struct pool_run *run)
{
    struct scale *scale = run->call->state;
    struct call *call = run->call;
    int status = pool_run_conclude(run);
    if (status == STATUS_OK && call->job->cancelled) { // dismissed
        call_summary(call, "%s after %zu run%s", call->dismissed, scale->ended,
                     scale->ended == 1 ? "" : "s");
        job_finish(call->job, STATUS_OK);
        return;
    }
    if (status == STATUS_OK)
        status = scale_compare(scale);
    if (status == STATUS_OK)
        scale_keep_times(scale);
    if (status == STATUS_OK && scale->ended < (size_t)scale->args->pool.workers) {
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
    scale->pool_args.workers = (int64_t)scale->ended + 1;
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
    const struct pool_args *pool_args = &scale->args->pool;
    double whole = 0, done = 0;
    for (size_t i = 0; i < (size_t)pool_args->workers; i++) {
        whole += scale_ideal_time(i + 1);
        done += i < scale->ended ? scale_ideal_time(i + 1) : 0;
    }
    if (scale->run.pool && pool_args->tasks > 0)
        done += scale_ideal_time(scale->ended + 1) * (double)pool_done(scale->run.pool) /
                (double)pool_args->tasks;
    progress->part = done / whole;
}

static void scale_free(struct call *call)
{
    struct scale *scale = call->state;
    pool_run_free(&scale->run);
    free(scale->times);
    free(scale->speedup);
    free(scale);
}

static const struct call_ops scale_call_ops = {.progress = scale_show_progress, .free = scale_free};

static int scale_run(struct call *call)
{
    const struct scale_args *scale_args = call->args;
    size_t most = (size_t)scale_args->pool.workers;
    int status = pool_run_check(call, &scale_args->pool);
    if (status != STATUS_OK)
        return status;
    if (scale_args->export && !export_file_ends_in(scale_args->export, ".svg"))
        return call_misuse(call, "FILE must end in .svg, not '%s'",
                           text_visible(scale_args->export));
    if (scale_args->overwrite && !scale_args->export)
        return call_misuse(call, "--overwrite needs --export");
    if (scale_args->export)
        status = export_file_try(call, scale_args->export, scale_args->overwrite);
    if (status != STATUS_OK)
        return status;
    struct scale *scale = must_calloc(1, sizeof *scale);
    *scale = (struct scale){.call = call, .args = scale_args};
    scale->times = must_calloc(most, sizeof *scale->times);
    scale->speedup = must_calloc(most, sizeof *scale->speedup);
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
        "worker. Amdahl's law is fitted to the runs with no more workers than cores: its serial "
        "part is the share of the work that more workers can't shorten. Results are compared, and "
        "printed once with --all.",
    .example = "scale pool 4 4k --map prime --export speedup.svg",
    .args = args,
    .args_size = sizeof(struct scale_args),
    .background = true,
    .acts = true,
    .run = scale_run,
};
