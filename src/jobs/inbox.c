// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/inbox.h"

#include "base/clock.h"
#include "base/text.h"
#include "log/events.h"
#include "worker/frame.h"
#include "jobs/job.h"
#include "jobs/speaker.h"
#include "os/loop.h"
#include "jobs/terminate.h"

#include <stdio.h>
#include <string.h>

static void inbox_worker_lost(struct worker *worker, enum event_kind why)
{
    if (worker->lost)
        return;
    worker->lost = true;
    worker->lost_by = why;
    events_add(why, worker->job->id, worker->number, 0, 0, NULL);
    terminate_worker(worker);
    const struct job *before = speaker_set(worker->job);
    if (worker->job->ops->lost)
        worker->job->ops->lost(worker);
    speaker_set(before);
}

static void inbox_lose_all_of(struct job *job, const struct pipe *channel, enum event_kind why)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->channel == channel)
            inbox_worker_lost(job->workers[i], why);
}

static void inbox_hear_garbage(void *data, struct pipe *channel)
{
    inbox_lose_all_of(data, channel, pipe_only(channel) ? EVENT_GARBAGE : EVENT_SPOILT);
}

// Fallback where /proc can't be read: a worker that lives this long after its pipe has ended is
// lost.
#define SILENCE_NS (100 * NS_PER_MS)

static bool inbox_is_silent(const struct worker *worker)
{
    return worker->silent_until > 0 && worker->channel && worker_lives(worker);
}

// Marks the workers whose time is over as lost, and sets the timer for the others.
static void inbox_end_silence(void *data)
{
    struct job *job = data;
    int64_t now = clock_now(), next = 0;
    job->silence = NULL;
    for (size_t i = 0; i < job->count; i++) {
        struct worker *worker = job->workers[i];
        if (!inbox_is_silent(worker))
            continue;
        if (worker->silent_until > now)
            next = next == 0 || worker->silent_until < next ? worker->silent_until : next;
        else if (worker_is_alive_now(worker))
            inbox_worker_lost(worker, EVENT_PIPE_CLOSED);
    }
    if (next > 0)
        job->silence = loop_after(next - now, inbox_end_silence, job);
}

// Marks a worker as lost whose pipe has ended, unless it is exiting: an exiting process closes its
// pipes a moment before the kernel calls it dead.
static void inbox_suspect(struct worker *worker)
{
    struct job *job = worker->job;
    bool exiting;
    if (!worker_is_alive_now(worker))
        return;
    if (!worker_is_exiting(worker, &exiting)) {
        worker->silent_until = clock_now() + SILENCE_NS;
        if (!job->silence)
            job->silence = loop_after(SILENCE_NS, inbox_end_silence, job);
    } else if (!exiting) {
        inbox_worker_lost(worker, EVENT_PIPE_CLOSED);
    }
}

static void inbox_hear_end(void *data, struct pipe *channel)
{
    (void)data;
    if (pipe_only(channel))
        inbox_suspect(pipe_only(channel));
}

void inbox_doubt(struct worker *worker)
{
    if (!worker_lives(worker) || worker->lost)
        return;
    worker->deaf = true;
    inbox_suspect(worker);
}

static void inbox_log_frame(const struct worker *worker, const struct frame *frame,
                            const void *block)
{
    static const enum event_kind kinds[FRAME_TYPE_END] = {
        [FRAME_HELLO] = EVENT_HELLO,     [FRAME_STATE] = EVENT_CLAIMED,
        [FRAME_PASSED] = EVENT_PASSED,   [FRAME_OUTPUT] = EVENT_OUTPUT,
        [FRAME_RESULTS] = EVENT_RESULTS, [FRAME_DONE] = EVENT_WORK_DONE,
        [FRAME_ERROR] = EVENT_FAILED,    [FRAME_ARRIVED] = EVENT_ARRIVED,
        [FRAME_LOCKED] = EVENT_LOCKED,   [FRAME_WAITS] = EVENT_WAITS,
        [FRAME_HOLDS] = EVENT_HOLDS,     [FRAME_LETS_GO] = EVENT_LETS_GO,
        [FRAME_GOES_ON] = EVENT_GOES_ON, [FRAME_VALUE] = EVENT_VALUE,
        [FRAME_WOKE] = EVENT_WOKE,       [FRAME_FAILED] = EVENT_TASK_FAILED,
        [FRAME_WRITTEN] = EVENT_RESULTS,
    };
    char line[FRAME_ATOMIC + 1];
    struct event event = {.kind = kinds[frame->type],
                          .job = worker->job->id,
                          .worker = worker->number,
                          .object = frame->object,
                          .a = frame->a,
                          .b = frame->b};
    if (frame->type == FRAME_PASSED && frame->object == NO_OBJECT)
        event.kind = EVENT_SKIPPED;
    if (frame->type == FRAME_OUTPUT) {
        snprintf(line, sizeof line, "%.*s", (int)frame->length, (const char *)block);
        event.text = line;
    } else if (frame->type == FRAME_ERROR) {
        event.text = worker->failed;
    }
    events_log(&event);
}

// Stores what a worker reports about itself.
static void inbox_believe(struct worker *worker, const struct frame *frame)
{
    // What the worker does from then on; CLAIM_STARTING where the frame does not tell.
    static const enum claim claims[FRAME_TYPE_END] = {
        [FRAME_HELLO] = CLAIM_WORKING, [FRAME_PASSED] = CLAIM_WORKING,
        [FRAME_DONE] = CLAIM_DONE,     [FRAME_ARRIVED] = CLAIM_AT_BARRIER,
        [FRAME_WAITS] = CLAIM_AT_LOCK, [FRAME_LOCKED] = CLAIM_WORKING,
        [FRAME_HOLDS] = CLAIM_WORKING, [FRAME_GOES_ON] = CLAIM_WORKING,
    };
    if (claims[frame->type] != CLAIM_STARTING)
        worker->claim = claims[frame->type];
    if (frame->type == FRAME_STATE) {
        if (frame->a >= CLAIM_STARTING && frame->a <= CLAIM_DONE)
            worker->claim = (enum claim)frame->a;
        if (frame->b >= 0 && frame->b <= PROGRESS_WHOLE)
            worker->progress = frame->b;
    } else if (frame->type == FRAME_HELLO) {
        worker->said_pid = frame->a;
        worker->said_parent = frame->b;
    } else if (frame->type == FRAME_DONE) {
        worker->results = frame->a;
        worker->progress = PROGRESS_WHOLE;
    }
}

// Whether a worker may send such a frame: none that goes down, and a block of results is as long as
// the frame says.
static bool inbox_is_sound(const struct frame *frame)
{
    const size_t size = sizeof(int64_t);
    if (frame->type == FRAME_CHUNK || frame->type == FRAME_STOP)
        return false;
    if (frame->type == FRAME_WRITTEN)
        return frame->length == 0;
    if (frame->type != FRAME_RESULTS)
        return frame->length <= FRAME_ATOMIC;
    return frame->length % size == 0 && frame->b == (int64_t)(frame->length / size);
}

// Returns the worker that sent a frame, or NULL when it can't be true: a number outside the job, or
// of a worker with another pipe.
static struct worker *inbox_sender(struct job *job, const struct pipe *channel,
                                   const struct frame *frame)
{
    if (!inbox_is_sound(frame) || frame->object > job->objects)
        return NULL;
    if (frame->worker >= job->count || job->workers[frame->worker]->channel != channel)
        return NULL;
    return job->workers[frame->worker];
}

static void inbox_keep_failure(struct worker *worker, const struct frame *frame, const void *block)
{
    struct text call = {0};
    text_add_visible(&call, block, frame->length);
    snprintf(worker->failed, sizeof worker->failed, "%.63s: %s", text_string(&call),
             strerror((int)frame->a));
    text_free(&call);
}

static void inbox_hear_frame(void *data, struct pipe *channel, const struct frame *frame,
                             const void *block)
{
    struct job *job = data;
    struct worker *worker = inbox_sender(job, channel, frame);
    if (!worker) {
        inbox_hear_garbage(job, channel);
        return;
    }
    if (worker->lost)
        return;
    if (frame->type == FRAME_ERROR)
        inbox_keep_failure(worker, frame, block);
    inbox_believe(worker, frame);
    inbox_log_frame(worker, frame, block);
    const struct job *before = speaker_set(job);
    if (job->ops->frame && !job->ops->frame(worker, frame, block))
        inbox_hear_garbage(job, channel);
    speaker_set(before);
}

static void inbox_hear_so_far(void *data, struct pipe *channel)
{
    const struct job *job = data;
    struct worker *only = pipe_only(channel);
    const struct job *before = speaker_set(job);
    if (only && !only->lost && job->ops->heard)
        job->ops->heard(only);
    speaker_set(before);
}

static void inbox_hear_call(void *data, const struct pipe *channel, struct event made)
{
    const struct worker *only = pipe_only(channel);
    events_call(((struct job *)data)->id, only ? only->number : NO_WORKER, made);
}

const struct pipe_ops inbox_ops = {inbox_hear_frame, inbox_hear_so_far, inbox_hear_garbage,
                                   inbox_hear_end, inbox_hear_call};
