// SPDX-License-Identifier: GPL-3.0-or-later
// jobs: every job and worker that is remembered, or some of them.
#include "commands/table.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "commands/row.h"
#include "commands/rewound.h"
#include "shell/moment.h"
#include "commands/shares.h"
#include "jobs/job.h"
#include "jobs/reaper.h"
#include "jobs/target.h"
#include "shell/context.h"
#include "shell/pager.h"
#include "view/table.h"

struct jobs_args {
    struct words jobs;
    bool running, failed, wide;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOBS,
     .field = offsetof(struct jobs_args, jobs),
     .standard_is = "all",
     .help = "the jobs to list"},
    {.name = "--running",
     .type = ARG_FLAG,
     .field = offsetof(struct jobs_args, running),
     .help = "only workers that live"},
    {.name = "--failed",
     .type = ARG_FLAG,
     .field = offsetof(struct jobs_args, failed),
     .help =
         "only workers that did not do their work: killed, lost, or exited otherwise than told"},
    {.name = "--wide",
     .type = ARG_FLAG,
     .field = offsetof(struct jobs_args, wide),
     .help = "where their time went besides CPU, too: ready without a core, sleeping, waiting"},
    {0},
};

enum { NARROW = 7 };

// With --wide all of them.
static const struct table_column columns[] = {
    {.title = "JOB"},
    {.title = "NAME", .give = NAMES},
    {.title = "PID", .right = true},
    {.title = "STATE"},
    {.title = "CPU", .right = true},
    {.title = "ELAPSED", .right = true},
    {.title = "EXIT", .right = true},
    {.title = "READY", .right = true},
    {.title = "SLEEPING", .right = true},
    {.title = "WAITING", .right = true},
};

struct listing {
    const struct call *call;
    const struct jobs_args *args;
    struct table *table;
    bool any;
};

static size_t jobs_width(const struct listing *listing)
{
    return listing->args->wide ? sizeof columns / sizeof *columns : NARROW;
}

static void jobs_add_time(struct table *table, int64_t ns)
{
    char time[32];
    number_format_time(ns, time, sizeof time);
    table_cell(table, ns > 0 ? time : "-", COLOR_PLAIN);
}

static void jobs_add_exit(struct table *table, const struct worker *worker)
{
    if (worker_lives(worker))
        table_cell(table, "-", COLOR_PLAIN);
    else
        table_cell_print(table, "%d",
                         worker->exit_signal ? -worker->exit_signal : worker->exit_code);
}

static void jobs_add_row(struct table *table, const struct worker *worker,
                         const struct shares *shares)
{
    char target[TARGET_ROOM], state[64], cpu[32], elapsed[32];
    struct text about = {0};
    worker_state(worker, state, sizeof state);
    number_format_time(worker_cpu(worker), cpu, sizeof cpu);
    number_format_time(shares->lived, elapsed, sizeof elapsed);
    target_format(worker, target, sizeof target);
    table_cell(table, target, COLOR_PLAIN);
    table_cell(table, worker->name, color_of_worker(worker->number));
    table_cell_print(table, "%d", (int)worker->shown_pid);
    const char *awaited = worker_waits_for(worker);
    if (awaited)
        text_print(&about, "%s: %s", state, awaited);
    else
        text_add_string(&about, state);
    table_cell(table, text_string(&about), color_of_state(state));
    text_free(&about);
    table_cell(table, cpu, COLOR_PLAIN);
    table_cell(table, elapsed, COLOR_PLAIN);
    jobs_add_exit(table, worker);
}

static void jobs_report(const struct call *call, const struct worker *worker,
                        const struct shares *shares)
{
    struct text *row = row_begin(call, "jobs", worker);
    row_add_state(row, worker);
    json_bool(row, "daemon", worker->daemon);
    json_number(row, "cpu_ns", worker_cpu(worker));
    json_number(row, "elapsed_ns", shares->lived);
    shares_add_json(shares, row);
    json_output_end();
}

static void jobs_add_worker(struct listing *listing, const struct worker *worker,
                            const struct past *past)
{
    struct shares shares = shares_of(worker, past);
    listing->any = true;
    if (json_output_is_on()) {
        jobs_report(listing->call, worker, &shares);
        return;
    }
    jobs_add_row(listing->table, worker, &shares);
    if (!listing->args->wide)
        return;
    jobs_add_time(listing->table, shares.ready);
    jobs_add_time(listing->table, shares.sleeping);
    jobs_add_time(listing->table, shares.waiting);
}

// A job that needed no worker, or could not start one.
static void jobs_add_empty(struct listing *listing, const struct job *job)
{
    listing->any = true;
    struct text *row = json_output_begin(listing->call, "jobs");
    if (row) {
        json_number(row, "job", job->id);
        json_text(row, "state", "no_workers");
        json_output_end();
        return;
    }
    table_cell_print(listing->table, "%%%u", job->id);
    table_cell(listing->table, "(no workers)", COLOR_PLAIN);
    for (size_t i = 2; i < jobs_width(listing); i++)
        table_cell(listing->table, "-", COLOR_PLAIN);
}

static bool jobs_wants(const struct jobs_args *jobs_args, const struct worker *worker)
{
    bool has_failed = worker->lost || (!worker_lives(worker) && !worker_did_well(worker));
    return (!jobs_args->running || worker_lives(worker)) && (!jobs_args->failed || has_failed);
}

static void jobs_add_job(struct listing *listing, const struct job *job)
{
    bool needs_log = listing->args->wide || json_output_is_on();
    struct past *past = needs_log ? past_read(job->id, clock_now()) : NULL;
    for (size_t i = 0; i < job->count; i++)
        if (jobs_wants(listing->args, job->workers[i]))
            jobs_add_worker(listing, job->workers[i], past);
    if (job->count == 0 && !listing->args->running && (!listing->args->failed || job->status != 0))
        jobs_add_empty(listing, job);
    past_free(past);
}

static bool jobs_is_named(const struct words *words, const struct job *job)
{
    for (size_t i = 0; i < words->count; i++) {
        struct text error = {0};
        bool is = target_job(words->all[i], &error) == job;
        text_free(&error);
        if (is)
            return true;
    }
    return words->count == 0;
}

static int jobs_check(struct call *call)
{
    const struct jobs_args *jobs_args = call->args;
    struct text error = {0};
    int status = STATUS_OK;
    if (jobs_args->running && jobs_args->failed)
        return call_misuse(call, "--running and --failed exclude each other");
    for (size_t i = 0; i < jobs_args->jobs.count && status == STATUS_OK; i++)
        if (!target_job(jobs_args->jobs.all[i], &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

static int jobs_show(struct call *call, const struct listing *listing)
{
    struct text text = {0};
    if (json_output_is_on())
        return STATUS_OK;
    if (listing->any)
        table_write(listing->table, context_columns(), &text);
    else
        text_add_string(&text, jobs_first() ? "no such workers\n" : "no jobs yet\n");
    return pager_show(call, &text);
}

static int jobs_look_back(struct call *call)
{
    const struct jobs_args *jobs_args = call->args;
    if (jobs_args->running || jobs_args->failed || jobs_args->wide)
        return call_refuse(call, "--running, --failed and --wide are of now: 'rewind off' first");
    return rewound_jobs(call, &jobs_args->jobs);
}

static int jobs_run(struct call *call)
{
    struct listing listing = {.call = call, .args = call->args};
    reaper_collect();
    int status = jobs_check(call);
    if (status != STATUS_OK)
        return status;
    if (moment_is_past())
        return jobs_look_back(call);
    listing.table = table_new(columns, jobs_width(&listing));
    for (struct job *job = jobs_first(); job; job = job->next)
        if (jobs_is_named(&listing.args->jobs, job))
            jobs_add_job(&listing, job);
    status = jobs_show(call, &listing);
    table_free(listing.table);
    return status;
}

const struct command command_jobs = {
    .name = "jobs",
    .group = "Looking",
    .summary = "lists jobs and their workers: state, CPU time, elapsed time, exit code",
    .details =
        "Each begins with the target that means it, %J.I: I counts as the job's own output does. A "
        "state is one of: running, waiting (for others), stopped, zombie (ended, "
        "and not collected yet), exited N, killed SIGNAL, lost (it can't be heard any more). A "
        "worker that a signal ended has that signal's number, negative, as its exit code.",
    .example = "jobs %% --wide",
    .args = args,
    .args_size = sizeof(struct jobs_args),
    .run = jobs_run,
};
