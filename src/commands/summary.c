// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/summary.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"
#include "shell/figures.h"
#include "shell/json_output.h"

#include <inttypes.h>

// Counts those that the interruption ended, by a signal or, as they were asked to, by themselves.
static size_t summary_count_terminated(const struct call *call)
{
    size_t count = 0;
    for (size_t i = 0; i < call->job->count; i++) {
        const struct worker *worker = call->job->workers[i];
        count +=
            worker_was_ended(worker) && !worker->failed[0] && worker->died >= call->interrupted_at;
    }
    return count;
}

// Counts the workers that failed, and finds the first of them. A worker that its user ended did not
// fail, but cuts the job short.
static size_t summary_count_failures(struct job *job, const struct worker **first)
{
    size_t failures = 0;
    for (size_t i = 0; i < job->count; i++) {
        const struct worker *worker = job->workers[i];
        bool ended = worker_was_ended(worker) && !worker->failed[0];
        job->cut_short |= ended && worker->results < 0;
        if (ended || worker_did_well(worker))
            continue;
        if (failures++ == 0)
            *first = worker;
    }
    return failures;
}

int summary_conclude(struct call *call)
{
    const struct job *job = call->job;
    const struct worker *first = NULL;
    if (call->interrupted) {
        size_t ended = summary_count_terminated(call);
        return call_fail(call, "interrupted; %zu worker%s terminated", ended,
                         ended == 1 ? "" : "s");
    }
    size_t failures = summary_count_failures(call->job, &first);
    if (failures > 0) {
        char how[128];
        worker_describe_end(first, how, sizeof how);
        return call_fail(call, "%zu of %zu worker%s failed: %s %s%s", failures, job->count,
                         job->count == 1 ? "" : "s", text_visible(first->name), how,
                         failures > 1 ? ", ..." : "");
    }
    return call->failed ? STATUS_FAILED : STATUS_OK;
}

int64_t summary_cpu(const struct job *job, size_t first)
{
    int64_t cpu = 0;
    for (size_t i = first; i < job->count; i++)
        cpu += worker_cpu(job->workers[i]);
    return cpu;
}

int64_t summary_ready(const struct job *job, size_t first)
{
    int64_t sum = 0;
    for (size_t i = first; i < job->count; i++) {
        int64_t ready = worker_ready(job->workers[i]);
        if (ready < 0)
            return -1;
        sum += ready;
    }
    return sum;
}

struct times summary_times(const struct job *job)
{
    return (struct times){.wall = clock_now() - job->started, .cpu = summary_cpu(job, 0)};
}

void summary_report_worker(const struct call *call, const struct worker *worker)
{
    struct text *report = json_output_begin(call, "worker");
    if (!report)
        return;
    json_number(report, "worker", worker->number);
    json_text(report, "name", worker->name);
    json_number(report, "pid", worker->shown_pid);
    json_number(report, "results", worker->results);
    json_output_end();
}

static double summary_cores_busy(struct times times)
{
    return times.wall > 0 ? (double)times.cpu / (double)times.wall : 0;
}

void summary_report_times(const struct call *call, struct times times, int64_t at_once)
{
    figures_begin(call);
    figures_add("workers", (int64_t)call->job->count);
    figures_add("at_once", at_once);
    figures_add_time("wall", times.wall);
    figures_add_time("cpu", times.cpu);
    figures_add_real("cores_busy", summary_cores_busy(times));
    figures_add("cores", jobs_cores());
    figures_end();
}

void summary_of_none(const struct call *call)
{
    call_summary(call, "no worker was started");
}

void summary_add_times(struct times times, struct text *text)
{
    char wall[32], cpu[32];
    int cores = jobs_cores();
    number_format_time(times.wall, wall, sizeof wall);
    number_format_time(times.cpu, cpu, sizeof cpu);
    text_print(text, "wall %s, CPU %s; %.1f of %d core%s kept busy", wall, cpu,
               summary_cores_busy(times), cores, cores == 1 ? "" : "s");
}
