// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/launch.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "commands/summary.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/figures.h"
#include "view/color.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// How long a circle stays in a script that sets no limit.
#define LAUNCH_CIRCLE_NS (5 * NS_PER_S)

int launch_check(struct call *call, const struct launch_args *args, int64_t first, int64_t last)
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

int64_t launch_size(int64_t size, const struct launch_args *args, int64_t otherwise)
{
    if (size >= 0)
        return size;
    return args->size >= 0 ? args->size : otherwise;
}

int64_t launch_for(const struct launch_args *args, int64_t otherwise)
{
    if (args->for_ns >= 0)
        return args->for_ns;
    int64_t usual = context_settings()->for_ns;
    return usual > 0 ? usual : otherwise;
}

int launch_check_at(struct call *call, const struct launch_args *args)
{
    if (args->at >= 0 && args->as == AS_NORMAL)
        return call_misuse(call, "--at needs --as: how the worker misbehaves there");
    return STATUS_OK;
}

enum step launch_step(const struct launch_args *args, const char *const *words)
{
    return steps_named(words[args->at < 0 ? 0 : args->at]);
}

struct assignment launch_assign(const struct launch_args *args, int64_t number)
{
    bool misbehaves = args->as != AS_NORMAL && (args->which < 0 || args->which == number);
    return (struct assignment){
        .daemon = args->daemon,
        // A pipe of its own: what a misbehaving worker does to it harms no other worker.
        .own_pipe = misbehaves,
        .self = {.as = misbehaves ? (enum fault)args->as : AS_NORMAL,
                 .exit_status = (int)args->exit,
                 .for_ns = launch_for(args, 0)}};
}

struct worker *launch_start(struct call *call, const struct assignment *assignment, int64_t started,
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

void launch_log_mmap(const struct job *job, bool shared, size_t size, const char *what,
                     const void *memory)
{
    events_call(job->id, NO_WORKER,
                (struct event){.call = CALL_MMAP,
                               .a = (int64_t)size,
                               .b = shared,
                               .text = what,
                               .error = memory ? 0 : errno});
}

void launch_print(const struct frame *frame, const void *block)
{
    struct text line = {0};
    text_add_visible(&line, block, frame->length);
    out_print("%s%s%s\n", color_worker(frame->worker), text_string(&line), color_worker_end());
    text_free(&line);
}

struct lab *launch_lab(struct call *call, const struct lab_plan *plan, const struct lab_ops *ops,
                       const struct launch_args *args, size_t state_size)
{
    static const struct call_ops standard = {.progress = launch_show_progress, .free = launch_free};
    void *state = state_size > 0 ? must_calloc(1, state_size) : NULL;
    struct lab *lab = lab_new(plan, ops, state);
    call->state = lab;
    call->ops = &standard;
    lab->job = call_job(call, &lab_job_ops, lab);
    lab->job->daemon = args->daemon;
    // At a prompt a circle may be looked at until Ctrl-C or `cancel`.
    lab->plan.circle_timeout = context_is_interactive() ? -1 : LAUNCH_CIRCLE_NS;
    return lab;
}

struct call *launch_call(const struct lab *lab)
{
    return lab->job->owner;
}

void *launch_share(struct lab *lab, const struct sync_kind *kind, const char *name,
                   uint32_t workers, int64_t capacity)
{
    void *shared = lab_share(lab, kind, name, workers, capacity);
    if (!shared)
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
    return shared;
}

void launch_tell_not_started(struct lab *lab)
{
    int64_t wanted = lab->plan.workers;
    call_fail(launch_call(lab), "%s: %s; %zu of %" PRId64 " worker%s started",
              lab->job->failed_call, strerror(errno), lab->job->count, wanted,
              wanted == 1 ? " was" : "s were");
}

void launch_end_not_started(struct lab *lab)
{
    launch_tell_not_started(lab);
    lab_end(lab);
}

bool launch_print_lines(struct worker *worker, const struct frame *frame, const void *block)
{
    (void)worker;
    if (frame->type == FRAME_OUTPUT)
        launch_print(frame, block);
    return true;
}

// What a dead worker took along: "a permit", "3 permits", "item 7".
static void launch_add_held(const struct sync *object, struct sync_death death, struct text *text)
{
    if (death.item >= 0)
        text_print(text, "item %" PRId64 " of %s", death.item, object->name);
    else if (death.amount > 1)
        text_print(text, "%" PRId64 " of %s", death.amount, object->name);
    else
        text_print(text, "%s", object->name);
}

void launch_tell_death(struct worker *worker, const struct sync *object, struct sync_death death)
{
    struct text text = {0};
    text_print(&text, "%s died ", text_visible(worker->name));
    switch (death.fate) {
    case SYNC_UNTOUCHED:
        text_print(&text, "while it waited for %s: it is skipped", object->name);
        break;
    case SYNC_RETURNED:
        text_add_string(&text, "with ");
        launch_add_held(object, death, &text);
        text_add_string(&text, ": it goes back");
        break;
    case SYNC_LOST:
        text_add_string(&text, "with ");
        launch_add_held(object, death, &text);
        text_add_string(&text, ": it is lost");
        break;
    case SYNC_BROKEN:
        text_print(&text, "at %s: it is broken", object->name);
        break;
    }
    out_print("%s\n", text_string(&text));
    text_free(&text);
}

void launch_tell_timeout(struct lab *lab)
{
    char allowed[32];
    number_format_duration(lab->timeout_ns, allowed, sizeof allowed);
    if (lab->deadlocks.circles > 0)
        call_fail(launch_call(lab), "deadlock: a circle of %zu, broken after %s",
                  lab->deadlocks.longest, allowed);
    else
        call_fail(launch_call(lab),
                  "timed out after %s; %" PRId64 " of %" PRId64 " workers had ended", allowed,
                  lab_finished(lab), lab->plan.workers);
}

void launch_tell_stuck(struct lab *lab, const char *words)
{
    (void)lab;
    out_print("%s\n", words);
}

void launch_tell_heir(const struct worker *worker, const struct frame *frame)
{
    const struct sync *object = sync_find(&lab_of(worker)->objects, frame->object);
    const struct job *job = worker->job;
    if (frame->a == OWNER_NONE || !object)
        return;
    bool known = frame->a >= 0 && frame->a < (int64_t)job->count;
    out_print("%s died with %s; it goes on to %s\n",
              known ? text_visible(job->workers[frame->a]->name) : "a worker", object->name,
              text_visible(worker->name));
}

// Says what could not be done to a worker, or by it, though it was told already that all failed.
static void launch_tell_failed_call(struct lab *lab)
{
    for (size_t i = 0; i < lab->job->count; i++) {
        const struct worker *worker = lab->job->workers[i];
        char how[128];
        if (!worker->failed[0])
            continue;
        worker_describe_end(worker, how, sizeof how);
        call_fail(launch_call(lab), "%s %s", text_visible(worker->name), how);
        return;
    }
}

int launch_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    if (!call->failed || call->interrupted)
        return summary_conclude(call);
    launch_tell_failed_call(lab);
    return STATUS_FAILED;
}

void launch_add_waits(const struct lab *lab, struct text *text)
{
    char longest[32];
    number_format_time(lab->longest_ns, longest, sizeof longest);
    if (lab->waits > 0)
        text_print(text, "; %" PRId64 " wait%s, the longest %s (%s)", lab->waits,
                   lab->waits == 1 ? "" : "s", longest,
                   text_visible(lab->job->workers[lab->longest_of]->name));
    figures_begin(launch_call(lab));
    figures_add("waits", lab->waits);
    figures_add_time("longest_wait", lab->longest_ns);
    figures_add("deadlocks", lab->deadlocks.circles);
}

void launch_show_progress(const struct call *call, struct progress *progress)
{
    progress->part = lab_progress(call->state);
}

void launch_free(struct call *call)
{
    struct lab *lab = call->state;
    free(lab->data);
    lab_free(lab);
}
