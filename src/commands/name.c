// SPDX-License-Identifier: GPL-3.0-or-later
// name: two workers at once, one with a name of its own.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/launch.h"
#include "worker/workload.h"
#include "view/color.h"
#include "commands/summary.h"

#include <inttypes.h>

struct name_args {
    const char *name;
    int64_t size;
    struct launch_args work;
};

static const struct arg args[] = {
    {.name = "NAME",
     .type = ARG_NAME,
     .field = offsetof(struct name_args, name),
     .standard_is = "'do_something process 1'",
     .help = "the first worker's name"},
    {.name = "SIZE",
     .type = ARG_COUNT,
     .field = offsetof(struct name_args, size),
     .max = SIZE_MOST,
     .standard = -1,
     .standard_is = "1000",
     .help = "how many results do_something computes"},
    ARG_FOR(struct name_args),
    {.name = "--size",
     .type = ARG_COUNT,
     .field = offsetof(struct name_args, work.size),
     .max = SIZE_MOST,
     .standard = -1,
     .help = "the same as SIZE"},
    ARG_DAEMON(struct name_args),
    ARG_EXIT(struct name_args),
    {0},
};

enum { WORKERS = 2 };

static int name_be_named(const struct self *self, const void *argument)
{
    const int64_t *size = argument;
    struct results results;
    report_hello(self);
    workload_run(self, *size, &results);
    report_done(self, results.count);
    return self->exit_status;
}

static void name_add_who(const struct worker *worker, struct text *text)
{
    text_print(text, "%s is %d, ", text_visible(worker->name), (int)worker->shown_pid);
}

static void name_summarize(const struct call *call, struct times times)
{
    const struct job *job = call->job;
    struct text text = {0};
    for (size_t i = 0; i < job->count; i++)
        name_add_who(job->workers[i], &text);
    summary_add_times(times, &text);
    if (job->count > 0)
        call_summary(call, "%s", text_string(&text));
    else
        summary_of_none(call);
    text_free(&text);
}

static void name_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct name_args *name_args = launch_call(lab)->args;
    *assignment = launch_assign(&name_args->work, number);
    if (number == 0)
        assignment->name = name_args->name ? name_args->name : "do_something process 1";
}

static int name_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct job *job = lab->job;
    struct times times = summary_times(job);
    for (size_t i = 0; i < job->count; i++)
        summary_report_worker(call, job->workers[i]);
    for (size_t i = 0; i < job->count; i++)
        if (worker_did_well(job->workers[i]))
            out_print("%sProcess %zu output list length: %" PRId64 "%s\n",
                      color_worker((uint32_t)i), i + 1, job->workers[i]->results,
                      color_worker_end());
    int status = summary_conclude(call);
    if (status == STATUS_OK)
        out_print("Total execution time: %.2f seconds\n", (double)times.wall / NS_PER_S);
    name_summarize(call, times);
    summary_report_times(call, times, (int64_t)job->count);
    return status;
}

static const struct lab_ops name_lab_ops = {
    .assign = name_assign, .not_started = launch_tell_not_started, .over = name_conclude};

static int name_run(struct call *call)
{
    struct name_args *name_args = call->args;
    if (name_args->size >= 0 && name_args->work.size >= 0)
        return call_misuse(call, "SIZE and --size are the same; give one of them");
    name_args->size = launch_size(name_args->size, &name_args->work, 1000);
    struct lab_plan plan = {.workers = WORKERS,
                            .start = LAB_TOGETHER,
                            .timeout = -1,
                            .body = name_be_named,
                            .argument = &name_args->size};
    struct lab *lab = launch_lab(call, &plan, &name_lab_ops, &name_args->work, 0);
    lab->job->counted_from = 1; // "Process 1 output list length"
    lab_begin(lab);
    return STATUS_PENDING;
}

const struct command command_name = {
    .name = "name",
    .group = "The six",
    .summary = "runs two workers at once, one with a name of its own, and shows both",
    .details = "The other one has its default name, Process-N: N counts every worker of the "
               "session.\n" SUMMARY_ABOUT_TIMES,
    .example = "name Alice 1M",
    .args = args,
    .args_size = sizeof(struct name_args),
    .background = true,
    .acts = true,
    .run = name_run,
};
