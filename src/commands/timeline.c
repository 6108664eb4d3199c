// SPDX-License-Identifier: GPL-3.0-or-later
// timeline: one job, drawn as a lane for each worker.
#include "commands/table.h"

#include "base/json.h"
#include "jobs/target.h"
#include "shell/json_output.h"
#include "shell/pager.h"
#include "log/describe.h"
#include "view/event_json.h"
#include "commands/job_lookup.h"
#include "commands/rewound.h"
#include "shell/moment.h"
#include "jobs/job.h"
#include "shell/call.h"
#include "shell/context.h"
#include "view/timeline_text.h"
#include "jobs/reaper.h"

struct timeline_args {
    struct words jobs;
};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOBS,
     .field = offsetof(struct timeline_args, jobs),
     .standard_is = "the last one",
     .help = "the jobs, one below the other"},
    {0},
};

// Where there is no limit, a picture still has to have some width.
enum { USUAL_WIDTH = 80 };

static const char *timeline_word(enum activity activity)
{
    static const char *const words[ACTIVITIES] = {
        [ACTIVITY_STARTING] = "starting", [ACTIVITY_WORKING] = "working",
        [ACTIVITY_IDLE] = "idle",         [ACTIVITY_HOLDING] = "holding",
        [ACTIVITY_WAITING] = "waiting",   [ACTIVITY_STOPPED] = "stopped",
        [ACTIVITY_ZOMBIE] = "zombie",
    };
    return words[activity];
}

static void timeline_report_slice(const struct call *call, const struct past *past,
                                  const struct lane *lane, const struct slice *slice)
{
    const struct job *job = jobs_find(past->job->id);
    struct text *row = json_output_begin(call, "timeline");
    moment_add_json(row);
    json_number(row, "job", past->job->id);
    json_number(row, "worker", lane->worker->number);
    if (job && lane->worker->number < job->count) {
        char target[TARGET_ROOM];
        target_format(job->workers[lane->worker->number], target, sizeof target);
        json_text(row, "target", target);
    }
    json_text(row, "name", lane->worker->name);
    json_number(row, "pid", lane->worker->pid);
    json_text(row, "phase", timeline_word(slice->activity));
    if (slice->object != NO_OBJECT)
        json_text(row, "object", describe_object_name(past->job, slice->object));
    json_number(row, "begin_ns", json_output_time(slice->begin));
    json_number(row, "end_ns", json_output_time(slice->end));
    if (slice->chunk > 0) {
        json_number(row, "first", slice->first);
        json_number(row, "count", slice->count);
    }
    json_output_end();
}

static void timeline_report_mark(const struct call *call, const struct event *mark)
{
    struct text *row = json_output_begin(call, "mark");
    moment_add_json(row);
    json_number(row, "job", mark->job);
    if (mark->worker != NO_WORKER)
        json_number(row, "worker", mark->worker);
    json_number(row, "at_ns", json_output_time(mark->time));
    event_json_add(row, mark);
    json_output_end();
}

static void timeline_report(const struct call *call, const struct past *past)
{
    for (size_t i = 0; i < past->lane_count; i++)
        for (size_t j = 0; j < past->lanes[i].count; j++)
            timeline_report_slice(call, past, &past->lanes[i], &past->lanes[i].slices[j]);
    for (size_t i = 0; i < past->mark_count; i++)
        timeline_report_mark(call, past->marks[i]);
}

// In the past: that moment's job until then.
static int timeline_look_back(struct call *call, size_t columns)
{
    const struct timeline_args *timeline_args = call->args;
    struct text text = {0};
    int status = rewound_check_jobs(call, &timeline_args->jobs);
    if (status != STATUS_OK)
        return status;
    struct past *past = past_read_until(moment_job(), moment_time());
    if (!past)
        return rewound_refuse_dropped(call);
    if (json_output_is_on()) {
        timeline_report(call, past);
    } else {
        rewound_add_heading(&text);
        timeline_text_write(past, columns, &text);
    }
    past_free(past);
    return pager_show(call, &text);
}

static int timeline_run(struct call *call)
{
    const struct timeline_args *timeline_args = call->args;
    struct job_lookup found = {0};
    struct text text = {0};
    size_t columns = context_columns();
    reaper_collect();
    if (moment_is_past())
        return timeline_look_back(call, columns > 0 ? columns : USUAL_WIDTH);
    int status = job_lookup_each(call, &timeline_args->jobs, false, &found);
    for (size_t i = 0; i < found.count && status == STATUS_OK; i++) {
        if (json_output_is_on()) {
            timeline_report(call, found.pasts[i]);
            continue;
        }
        text_add_string(&text, i > 0 ? "\n" : "");
        timeline_text_write(found.pasts[i], columns > 0 ? columns : USUAL_WIDTH, &text);
    }
    job_lookup_free(&found);
    return status == STATUS_OK ? pager_show(call, &text) : status;
}

const struct command command_timeline = {
    .name = "timeline",
    .group = "Looking",
    .summary = "draws a job, with a lane for each worker: what it did when",
    .details = "It is drawn from the log of what happened. Each cell shows what took the most of "
               "its time; signals and releases are marked. A worker of a pool works while it has "
               "a chunk in hand. 'set glyphs ascii' draws without UTF-8.",
    .example = "timeline %1 %2",
    .args = args,
    .args_size = sizeof(struct timeline_args),
    .run = timeline_run,
};
