// SPDX-License-Identifier: GPL-3.0-or-later
// results: all results of a job.
#include "commands/table.h"

#include "base/out.h"
#include "commands/launch.h"
#include "jobs/results.h"
#include "jobs/target.h"
#include "shell/json_output.h"
#include "shell/pager.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/list.h"
#include "view/table.h"
#include "jobs/reaper.h"
#include "commands/summary.h"

#include <inttypes.h>
#include <stdio.h>

struct results_args {
    const char *job;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOB,
     .field = offsetof(struct results_args, job),
     .standard_is = "the last one",
     .help = "the job"},
    {0},
};

static void results_print_kept(const struct kept *kept)
{
    char title[32];
    snprintf(title, sizeof title, "%%%u: ", kept->job);
    if (json_output_is_on())
        json_output_results(kept->job, kept->results, kept->count, kept->deal ? results_gap : NULL,
                            kept);
    else
        list_print(title, kept->results, kept->count, true, kept->deal ? results_gap : NULL, kept);
}

static int results_print_workers(struct call *call, const struct job *job)
{
    static const struct table_column columns[] = {{"WORKER", true, RIGID},
                                                  {"NAME", false, NAMES},
                                                  {"PID", true, RIGID},
                                                  {"RESULTS", true, RIGID}};
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    struct text text = {0};
    for (size_t i = 0; i < job->count; i++) {
        const struct worker *worker = job->workers[i];
        summary_report_worker(call, worker);
        table_cell_print(table, "%u", worker->number);
        table_cell(table, worker->name, COLOR_PLAIN);
        table_cell_print(table, "%d", (int)worker->shown_pid);
        if (worker->results >= 0)
            table_cell_print(table, "%" PRId64, worker->results);
        else
            table_cell(table, worker_lives(worker) ? "not yet" : "none", COLOR_PLAIN);
    }
    if (!json_output_is_on())
        table_write(table, context_columns(), &text);
    table_free(table);
    return pager_show(call, &text);
}

static const struct job *results_last_job(struct text *error)
{
    const struct job *last = jobs_first();
    while (last && last->next)
        last = last->next;
    if (!last)
        text_add_string(error, "there has been no job yet");
    return last;
}

static int results_run(struct call *call)
{
    const struct results_args *results_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    reaper_collect();
    const struct job *job =
        results_args->job ? target_job(results_args->job, &error) : results_last_job(&error);
    const struct kept *kept = job ? results_find(job->id) : NULL;
    if (!job)
        status = call_fail(call, "%s", text_string(&error));
    else if (kept)
        results_print_kept(kept);
    else if (results_is_forgotten(job->id))
        status = call_fail(call, "the results of %%%u were forgotten: %zu MB are kept in all",
                           job->id, KEPT_MOST >> 20);
    else if (job->count == 0)
        status = call_fail(call, "%%%u had no worker", job->id);
    else
        status = results_print_workers(call, job);
    text_free(&error);
    return status;
}

const struct command command_results = {
    .name = "results",
    .group = "Looking",
    .summary = "shows all results of a job: a pool's list, or how many each worker computed",
    .details = "A pool's list is kept when it is done, the youngest ones up to 256 MB in all; one "
               "that was ended before leaves none.",
    .example = "results %1",
    .args = args,
    .args_size = sizeof(struct results_args),
    .run = results_run,
};
