// SPDX-License-Identifier: GPL-3.0-or-later
// rewind: lets the views tell of an earlier moment of a job that has ended.
#include "commands/table.h"

#include "base/clock.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/job_lookup.h"
#include "commands/rewind_step.h"
#include "jobs/reaper.h"
#include "shell/call.h"
#include "shell/moment.h"

#include <inttypes.h>
#include <string.h>

struct rewind_args {
    const char *job;
    int64_t time;
};

static const char *const rewind_choices[] = {"off", NULL};

static const struct arg args[] = {
    {.name = "%J",
     .type = ARG_JOB,
     .field = offsetof(struct rewind_args, job),
     .choices = rewind_choices,
     .help = "a job that has ended; 'off' returns to now; without it the moment is told"},
    {.name = "T",
     .type = ARG_DURATION,
     .field = offsetof(struct rewind_args, time),
     .max = DURATION_MAX,
     .standard = -1,
     .standard_is = "its first event, and on a terminal the arrow keys step on",
     .help = "how long after the job began, as explain and timeline tell it"},
    {0},
};

// explain and timeline round to microseconds: one that is typed means the whole of it.
enum { ROUNDED = 499 };

static int rewind_tell(void)
{
    struct text line = {0};
    if (moment_is_past())
        moment_describe(&line);
    else
        text_add_string(&line, "now");
    out_print("the view is of %s\n", text_string(&line));
    text_free(&line);
    return STATUS_OK;
}

static int rewind_return(struct call *call, int64_t time)
{
    if (time >= 0)
        return call_misuse(call, "'off' takes no T");
    moment_clear();
    return STATUS_OK;
}

static int64_t rewind_round_up(int64_t ns)
{
    return (ns + NS_PER_US - 1) / NS_PER_US * NS_PER_US;
}

static int rewind_refuse(struct call *call, const struct past *past, int64_t first, int64_t last,
                         int64_t time)
{
    char from[48], to[48], asked[48];
    number_format_duration(first, from, sizeof from);
    number_format_duration(last, to, sizeof to);
    number_format_duration(time, asked, sizeof asked);
    return call_refuse(call, "T must be from %s to %s, where %%%" PRIu32 " ends, not %s", from, to,
                       past->job->id, asked);
}

// Goes to a moment of that job, unless it lies outside.
static int rewind_go(struct call *call, const struct past *past, int64_t time)
{
    bool is_cut = past->dropped > 0 && !past->job->is_whole;
    int64_t first = is_cut ? rewind_round_up(past->begin - past->origin) : 0;
    int64_t last = rewind_round_up(rewind_step_last(past) - past->origin);
    if (time < 0)
        time = first;
    if (time < first || time > last)
        return rewind_refuse(call, past, first, last, time);
    moment_set(past->job->id, past->origin + time + ROUNDED, past->origin);
    return STATUS_OK;
}

static int rewind_run(struct call *call)
{
    const struct rewind_args *rewind_args = call->args;
    struct past *past = NULL;
    if (!rewind_args->job)
        return rewind_tell();
    if (strcmp(rewind_args->job, "off") == 0)
        return rewind_return(call, rewind_args->time);
    reaper_collect();
    int status = job_lookup_lanes(call, rewind_args->job, &past);
    if (status != STATUS_OK)
        return status;
    if (past->job->done)
        status = rewind_go(call, past, rewind_args->time);
    else
        status = call_fail(call,
                           "%%%" PRIu32 " has not ended: only a whole job can be looked back "
                           "at; 'wait %%%" PRIu32 "' waits for it",
                           past->job->id, past->job->id);
    past_free(past);
    if (status != STATUS_OK)
        return status;
    if (rewind_args->time < 0 && rewind_step_is_possible())
        return rewind_step_begin(call);
    rewind_step_tell();
    return STATUS_OK;
}

const struct command command_rewind = {
    .name = "rewind",
    .group = "Looking",
    .summary = "looks back: jobs, show, tree, watch and timeline tell of that moment",
    .details = "It is a view, made from the log, and changes nothing: what the log does not tell, "
               "as the CPU time of one that lived then, is not shown. Without T on a terminal "
               "the left and right arrow keys go to the event before and the next one; so they do "
               "in 'watch' meanwhile. A command that starts, signals or reaps workers returns to "
               "now first; so does the end of a lesson.",
    .example = "rewind %% 120ms",
    .args = args,
    .args_size = sizeof(struct rewind_args),
    .run = rewind_run,
};
