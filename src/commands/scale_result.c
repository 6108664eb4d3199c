// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/scale_result.h"

#include "base/json.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/export_file.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "view/speedup.h"
#include "view/speedup_svg.h"
#include "view/table.h"

#include <inttypes.h>
#include <stdlib.h>

void scale_result_init(struct scale_result *result, struct call *call, size_t widths, size_t runs)
{
    *result = (struct scale_result){.call = call, .serial = -1};
    result->runs = must_calloc(widths * runs, sizeof *result->runs);
    result->speedup = must_calloc(widths, sizeof *result->speedup);
    result->scaling =
        (struct scaling){.runs = result->runs, .widths = widths, .cores = (size_t)jobs_cores()};
}

void scale_result_free(struct scale_result *result)
{
    free(result->runs);
    free(result->speedup);
    *result = (struct scale_result){0};
}

void scale_result_add(struct scale_result *result, const struct scaling_run *run)
{
    size_t place = result->scaling.count++;
    result->runs[place] = *run;
    struct text *report = json_output_begin(result->call, "run");
    if (!report)
        return;
    json_number(report, "workers", (int64_t)(place % result->scaling.widths) + 1);
    scaling_add_json(&result->scaling, place, report);
    json_output_end();
}

static void scale_result_add_time(struct table *table, int64_t ns)
{
    char time[32];
    number_format_time(ns, time, sizeof time);
    table_cell(table, ns < 0 ? "-" : time, COLOR_PLAIN);
}

static void scale_result_add_row(const struct scaling_width *width, size_t workers,
                                 struct table *table)
{
    table_cell_print(table, "%zu", workers);
    scale_result_add_time(table, width->wall);
    scale_result_add_time(table, width->runs > 1 ? width->slowest - width->fastest : -1);
    scale_result_add_time(table, width->cpu);
    scale_result_add_time(table, width->ready);
    table_cell_print(table, "%.2f", width->speedup);
    table_cell_print(table, "%.0f %%", 100 * width->speedup / (double)workers);
}

static void scale_result_report_row(const struct scale_result *result,
                                    const struct scaling_width *width, size_t workers)
{
    struct text *row = json_output_begin(result->call, "scale");
    if (!row)
        return;
    json_number(row, "workers", (int64_t)workers);
    json_number(row, "runs", (int64_t)width->runs);
    json_number(row, "wall_ns", width->wall);
    json_number(row, "fastest_ns", width->fastest);
    json_number(row, "slowest_ns", width->slowest);
    json_number(row, "cpu_ns", width->cpu);
    if (width->ready >= 0)
        json_number(row, "ready_ns", width->ready);
    json_real(row, "speed_up", width->speedup);
    json_real(row, "efficiency", width->speedup / (double)workers);
    json_output_end();
}

void scale_result_show_table(const struct scale_result *result, size_t columns)
{
    static const struct table_column titles[] = {
        {.title = "workers", .right = true},    {.title = "wall", .right = true},
        {.title = "spread", .right = true},     {.title = "CPU", .right = true},
        {.title = "ready", .right = true},      {.title = "speed-up", .right = true},
        {.title = "efficiency", .right = true},
    };
    if (result->scaling.count == 0)
        return;
    struct table *table = table_new(titles, sizeof titles / sizeof *titles);
    struct text text = {0};
    for (size_t n = 1; n <= scaling_widths(&result->scaling); n++) {
        struct scaling_width width = scaling_width(&result->scaling, n);
        scale_result_report_row(result, &width, n);
        scale_result_add_row(&width, n, table);
    }
    table_write(table, columns, &text);
    if (!json_output_is_on())
        out_write(text_string(&text), text.length);
    text_free(&text);
    table_free(table);
}

static void scale_result_show_plot(const struct speedup *plot, size_t width)
{
    struct text text = {0};
    speedup_write(plot, width, &text);
    if (text.length > 0)
        out_print("\n%s", text_string(&text));
    text_free(&text);
}

// Returns the index of the fastest.
static size_t scale_result_best(const struct scale_result *result)
{
    size_t best = 0;
    for (size_t i = 0; i < result->scaling.widths; i++)
        best = result->speedup[i] > result->speedup[best] ? i : best;
    return best;
}

// The law knows of runs with no more workers than cores only, so one with more may have been the
// fastest all the same.
static void scale_result_add_serial(const struct scale_result *result, struct text *text)
{
    double serial = result->serial;
    if (result->verdict == SCALING_BUSY)
        return;
    if (serial < 0 && result->scaling.widths > 1)
        text_add_string(text, "; on one core there is no serial part to fit");
    else if (serial >= 1 && scale_result_best(result) == 0)
        text_add_string(text, "; serial part 100 %: more workers cost more than they save");
    else if (serial >= 1)
        text_print(text, "; serial part 100 %% up to %d workers (Amdahl's law)", jobs_cores());
    else if (serial >= 0)
        text_print(text, "; serial part %.1f %% (Amdahl's law)", 100 * serial);
}

// Says why nothing is concluded, or why it may be wrong.
static void scale_result_tell_verdict(const struct scale_result *result)
{
    const struct scaling_wait *wait = &result->wait;
    char waited[32], wall[32];
    number_format_time(wait->waited, waited, sizeof waited);
    number_format_time(wait->wall, wall, sizeof wall);
    if (result->verdict == SCALING_BUSY)
        call_summary(result->call,
                     "the cores were busy with other work: %zu worker%s waited %s for a core in a "
                     "run of %s, so nothing is concluded about a serial part",
                     wait->workers, wait->workers == 1 ? "" : "s", waited, wall);
    else if (result->verdict == SCALING_UNKNOWN && result->scaling.widths > 1)
        call_summary(result->call, "whether other work used the cores meanwhile is not known here");
}

// Says how more workers than cores can have been faster.
static void scale_result_tell_sleep(const struct scale_result *result)
{
    double demand = scaling_demand(&result->scaling);
    size_t best = scale_result_best(result), cores = result->scaling.cores;
    if (best + 1 <= cores || demand > 0.9 || result->speedup[best] <= (double)cores)
        return;
    call_summary(result->call,
                 "a worker kept a core busy %.*f %% of its time, and sleeping needs none: this is "
                 "why the speed-up went beyond the %zu core%s",
                 demand < 0.1 ? 1 : 0, 100 * demand, cores, cores == 1 ? "" : "s");
}

static void scale_result_summarize(const struct scale_result *result)
{
    struct text text = {0};
    size_t best = scale_result_best(result), widths = result->scaling.widths,
           runs = result->scaling.count;
    int cores = jobs_cores();
    text_print(&text, "%zu run%s%s; fastest on %zu worker%s: speed-up %.2f on %d core%s", runs,
               runs == 1 ? "" : "s", runs == 1 ? "" : ", the same results", best + 1,
               best == 0 ? "" : "s", result->speedup[best], cores, cores == 1 ? "" : "s");
    if (widths > 1)
        scale_result_add_serial(result, &text);
    if (result->deaths > 0)
        text_print(&text, "; %zu worker%s died on the way", result->deaths,
                   result->deaths == 1 ? "" : "s");
    call_summary(result->call, "%s", text_string(&text));
    scale_result_tell_verdict(result);
    scale_result_tell_sleep(result);
    if (result->by_clock)
        call_summary(result->call,
                     "with --for tasks end by the clock, however little they got done: "
                     "this is no speed-up of work");
    text_free(&text);
}

static void scale_result_report_scaling(const struct scale_result *result)
{
    struct text *report = json_output_begin(result->call, "scaling");
    if (!report)
        return;
    if (result->serial >= 0)
        json_real(report, "serial", result->serial);
    if (result->verdict != SCALING_UNKNOWN)
        json_bool(report, "busy", result->verdict == SCALING_BUSY);
    if (result->verdict == SCALING_BUSY) {
        json_number(report, "busy_workers", (int64_t)result->wait.workers);
        json_number(report, "waited_ns", result->wait.waited);
    }
    json_number(report, "cores", jobs_cores());
    json_output_end();
}

static void scale_result_report_figures(const struct scale_result *result)
{
    const struct call *call = result->call;
    size_t best = scale_result_best(result);
    figures_begin(call);
    figures_add("runs", (int64_t)result->scaling.count);
    figures_add_real("speed_up", result->speedup[best]);
    figures_add("fastest", (int64_t)best + 1);
    if (result->serial >= 0)
        figures_add_real("serial", result->serial);
    if (result->verdict != SCALING_UNKNOWN) {
        figures_add("busy", result->verdict == SCALING_BUSY);
        figures_add_time("waited", result->wait.waited);
    }
    summary_report_times(call, summary_times(call->job), (int64_t)result->scaling.widths);
}

// Its title is written into `title`.
static struct speedup scale_result_plot_of(const struct scale_result *result, struct text *title)
{
    int64_t tasks = result->tasks;
    text_print(title, "Speed-up of a pool: %" PRId64 " task%s, map %s", tasks,
               tasks == 1 ? "" : "s", result->map);
    return (struct speedup){.title = text_string(title),
                            .speedup = result->speedup,
                            .count = result->scaling.widths,
                            .cores = result->scaling.cores,
                            .serial = result->serial,
                            .busy = result->verdict == SCALING_BUSY};
}

static int scale_result_export(const struct scale_result *result, const struct speedup *plot,
                               const char *file)
{
    const struct scaling_subject subject = {
        .map = result->map, .tasks = result->tasks, .verdict = result->verdict};
    struct text content = {0};
    if (export_file_ends_in(file, ".csv"))
        scaling_write_csv(&result->scaling, &subject, &content);
    else if (export_file_ends_in(file, ".ndjson"))
        scaling_write_ndjson(&result->scaling, &subject, &content);
    else
        speedup_svg_write(plot, &content);
    int status = export_file_write(result->call, file, result->overwrites, &content);
    text_free(&content);
    return status;
}

// Makes of all runs what there is to say.
static void scale_result_judge(struct scale_result *result)
{
    const struct scaling *scaling = &result->scaling;
    for (size_t n = 1; n <= scaling->widths; n++)
        result->speedup[n - 1] = scaling_width(scaling, n).speedup;
    result->verdict = scaling_judge(scaling, &result->wait);
    result->serial = result->verdict == SCALING_BUSY
                         ? -1
                         : speedup_fit(result->speedup, scaling->widths, scaling->cores);
}

int scale_result_conclude(struct scale_result *result, size_t columns, const char *file)
{
    struct text title = {0};
    int status = STATUS_OK;
    scale_result_judge(result);
    struct speedup plot = scale_result_plot_of(result, &title);
    scale_result_report_scaling(result);
    if (!json_output_is_on())
        scale_result_show_plot(&plot, columns);
    scale_result_summarize(result);
    scale_result_report_figures(result);
    if (file)
        status = scale_result_export(result, &plot, file);
    text_free(&title);
    return status;
}

bool scale_result_can_export(const char *file)
{
    return export_file_ends_in(file, ".svg") || export_file_ends_in(file, ".csv") ||
           export_file_ends_in(file, ".ndjson");
}
