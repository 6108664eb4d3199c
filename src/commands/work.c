// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/work.h"

#include "base/clock.h"
#include "base/out.h"
#include "shell/objects.h"
#include "shell/session.h"
#include "view/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int work_check(struct call *call, const struct work_args *args, int64_t first, int64_t last)
{
    if (args->which < 0)
        return STATUS_OK;
    if (args->as == AS_NORMAL)
        return call_misuse(call, "--which needs --as: how that worker misbehaves");
    if (args->which < first || args->which > last)
        return call_misuse(
            call, "--which must be a worker from %" PRId64 " to %" PRId64 ", not '%" PRId64 "'",
            first, last, args->which);
    return STATUS_OK;
}

int64_t work_size(int64_t size, const struct work_args *args, int64_t otherwise)
{
    if (size >= 0)
        return size;
    return args->size >= 0 ? args->size : otherwise;
}

int64_t work_for(const struct work_args *args, int64_t otherwise)
{
    if (args->for_ns >= 0)
        return args->for_ns;
    int64_t usual = session_settings()->for_ns;
    return usual > 0 ? usual : otherwise;
}

struct assignment work_assign(const struct work_args *args, int64_t number)
{
    bool misbehaves = args->as != AS_NORMAL && (args->which < 0 || args->which == number);
    return (struct assignment){
        .daemon = args->daemon,
        // A pipe of its own: what a misbehaving worker does to it harms nobody else.
        .own_pipe = misbehaves,
        .self = {.as = misbehaves ? (enum misbehaviour)args->as : AS_NORMAL,
                 .exit_status = (int)args->exit,
                 .for_ns = work_for(args, 0)}};
}

struct worker *work_start(struct call *call, const struct assignment *assignment, int64_t started,
                          int64_t wanted)
{
    struct worker *worker = job_start(call->job, assignment);
    const char *failed = call->job->failed_call;
    if (!worker && wanted > 0)
        call_fail(call, "%s: %s; %" PRId64 " of %" PRId64 " worker%s started", failed,
                  strerror(errno), started, wanted, wanted == 1 ? " was" : "s were");
    else if (!worker)
        call_fail(call, "%s: %s", failed, strerror(errno));
    return worker;
}

void work_log_mmap(const struct job *job, bool shared, size_t size, const char *what,
                   const void *memory)
{
    job_log_call(job, NO_WORKER,
                 (struct event){.call = CALL_MMAP,
                                .a = (int64_t)size,
                                .b = shared,
                                .text = what,
                                .error = memory ? 0 : errno});
}

void work_print(const struct frame *frame, const void *block)
{
    struct text line = {0};
    text_add_visible(&line, block, frame->length);
    out_print("%s\n", text_string(&line));
    text_free(&line);
}

// Counts those that the interruption ended, by a signal or, as they were asked to, by themselves.
static size_t count_terminated(const struct call *call)
{
    size_t count = 0;
    for (size_t i = 0; i < call->job->count; i++) {
        const struct worker *worker = call->job->workers[i];
        count +=
            worker_was_ended(worker) && !worker->failed[0] && worker->died >= call->interrupted_at;
    }
    return count;
}

int work_conclude(struct call *call)
{
    struct job *job = call->job;
    const struct worker *first = NULL;
    size_t failures = 0;
    if (call->interrupted) {
        size_t ended = count_terminated(call);
        return call_fail(call, "interrupted; %zu worker%s terminated", ended,
                         ended == 1 ? "" : "s");
    }
    for (size_t i = 0; i < job->count; i++) {
        const struct worker *worker = job->workers[i];
        if (worker_did_well(worker) || (worker_was_ended(worker) && !worker->failed[0]))
            continue;
        first = first ? first : worker;
        failures++;
    }
    if (failures > 0) {
        char how[128];
        worker_describe_end(first, how, sizeof how);
        return call_fail(call, "%zu of %zu worker%s failed: %s %s%s", failures, job->count,
                         job->count == 1 ? "" : "s", text_visible(first->name), how,
                         failures > 1 ? ", ..." : "");
    }
    return call->failed ? STATUS_FAILED : STATUS_OK;
}

int64_t work_cpu(const struct job *job, size_t first)
{
    int64_t cpu = 0;
    for (size_t i = first; i < job->count; i++)
        cpu += worker_cpu(job->workers[i]);
    return cpu;
}

struct times work_times(const struct job *job)
{
    return (struct times){.wall = clock_now() - job->started, .cpu = work_cpu(job, 0)};
}

void work_report_worker(const struct call *call, const struct worker *worker)
{
    struct text *report = objects_begin(call, "worker");
    if (!report)
        return;
    json_number(report, "worker", worker->number);
    json_text(report, "name", worker->name);
    json_number(report, "pid", worker->shown_pid);
    json_number(report, "results", worker->results);
    objects_end();
}

static double speed_up(struct times times)
{
    return times.wall > 0 ? (double)times.cpu / (double)times.wall : 0;
}

void work_report_times(const struct call *call, struct times times, int64_t at_once)
{
    struct text *report = objects_begin(call, "figures");
    if (!report)
        return;
    json_number(report, "workers", (int64_t)call->job->count);
    json_number(report, "at_once", at_once);
    json_number(report, "wall_ns", times.wall);
    json_number(report, "cpu_ns", times.cpu);
    json_real(report, "speed_up", speed_up(times));
    json_number(report, "cores", jobs_cores());
    objects_end();
}

void work_summarize_nobody(const struct call *call)
{
    call_summary(call, "no worker was started");
}

void work_add_times(struct times times, int64_t at_once, struct text *text)
{
    char wall[32], cpu[32];
    int cores = jobs_cores();
    number_format_time(times.wall, wall, sizeof wall);
    number_format_time(times.cpu, cpu, sizeof cpu);
    text_print(text, "wall %s, CPU %s; speed-up (CPU/wall) %.1f of %d on %d core%s", wall, cpu,
               speed_up(times), at_once < cores ? (int)at_once : cores, cores,
               cores == 1 ? "" : "s");
}
