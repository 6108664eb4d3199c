// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/fold.h"

#include "base/array.h"
#include "log/schema.h"

#include <stdio.h>
#include <string.h>

// What an event is about. `worker` is NULL for EFFECTs of the whole job.
struct change {
    struct model_job *job;
    struct model_worker *worker;
    const struct event *event;
};

static void fold_begin_job(const struct change *change)
{
    struct model_job *job = change->job;
    model_rename(job, change->event->text);
    job->cores = change->event->a;
    job->began = change->event->time;
    job->is_whole = true;
}

static void fold_end_job(const struct change *change)
{
    change->job->done = true;
    change->job->ended = change->event->time;
    change->job->outcome = (enum outcome)change->event->b;
}

static void fold_begin(const struct change *change)
{
    struct model_worker *worker = change->worker;
    worker->pid = change->event->a;
    worker->daemon = change->event->b;
    worker->began = change->event->time;
    snprintf(worker->name, sizeof worker->name, "%s",
             change->event->text ? change->event->text : "");
}

static void fold_greet(const struct change *change)
{
    struct model_worker *worker = change->worker;
    worker->said_pid = change->event->a;
    worker->said_parent = change->event->b;
    worker->pid = worker->pid ? worker->pid : change->event->a;
    worker->claim = CLAIM_WORKING;
}

static void fold_wait(const struct change *change)
{
    struct model_worker *worker = change->worker;
    objects_drop_silent(change->job, worker);
    worker->claim = CLAIM_WORKING;
    if (!worker->dead && change->event->object != NO_OBJECT)
        objects_wait(change->job, worker, change->event->object, change->event->time);
    worker->gives_up = change->event->kind == EVENT_WAITS && change->event->b > 0;
}

static void fold_note_meeting(struct model_object *object, int64_t parties)
{
    object->meets = true;
    object->parties = parties;
}

static void fold_meet(const struct change *change)
{
    change->worker->progress = PROGRESS_WHOLE;
    if (change->event->object != NO_OBJECT)
        fold_note_meeting(objects_of(change->job, change->event->object), change->event->b);
    fold_wait(change);
}

static void fold_go_on(const struct change *change)
{
    objects_leave(change->job, change->worker);
    change->worker->claim = CLAIM_WORKING;
}

static void fold_claim(const struct change *change)
{
    struct model_worker *worker = change->worker;
    int64_t claim = change->event->a, progress = change->event->b;
    if (claim < CLAIM_STARTING || claim > CLAIM_DONE)
        return;
    if (claim == CLAIM_AT_LOCK || claim == CLAIM_AT_BARRIER) {
        // A worker asks for the lock after it has computed everything.
        worker->progress = PROGRESS_WHOLE;
        fold_wait(change);
        return;
    }
    objects_drop_silent(change->job, worker);
    objects_leave(change->job, worker);
    worker->claim = (enum claim)claim;
    if (progress >= 0 && progress <= PROGRESS_WHOLE)
        worker->progress = progress;
}

static void fold_finish(const struct change *change)
{
    struct model_worker *worker = change->worker;
    fold_go_on(change);
    objects_drop_silent(change->job, worker);
    worker->claim = CLAIM_DONE;
    worker->progress = PROGRESS_WHOLE;
    worker->results = change->event->a;
}

static void fold_deal(const struct change *change)
{
    struct model_worker *worker = change->worker;
    const struct event *event = change->event;
    worker->in_pool = change->job->deals = true;
    worker->dealt += event->b;
    if (worker->dead)
        return;
    worker->chunks = array_grow(worker->chunks, &worker->chunk_room, worker->chunk_count + 1,
                                sizeof *worker->chunks);
    worker->chunks[worker->chunk_count++] =
        (struct model_chunk){++worker->chunks_dealt, event->a, event->b, event->b};
}

// A worker's last frames are read after the kernel has reported its death.
static void fold_take_results(const struct change *change)
{
    struct model_worker *worker = change->worker;
    struct model_chunk *chunk = worker->chunks;
    worker->in_pool = true;
    worker->done += change->event->b;
    worker->claim = CLAIM_WORKING;
    if (worker->chunk_count == 0 || change->event->a < chunk->first ||
        change->event->a >= chunk->first + chunk->count)
        return;
    chunk->left -= change->event->b;
    if (chunk->left <= 0)
        memmove(chunk, chunk + 1, --worker->chunk_count * sizeof *chunk);
}

static void fold_make_object(const struct change *change)
{
    const struct event *event = change->event;
    struct model_object *object = objects_of(change->job, event->object);
    object->known = true;
    object->kind = event->a;
    object->value = event->b;
    snprintf(object->name, sizeof object->name, "%s", event->text ? event->text : "");
}

static void fold_hold(const struct change *change)
{
    const struct event *event = change->event;
    struct holder holder = {.worker = change->worker->number,
                            .amount = event->b > 0 ? event->b : 1};
    objects_hold(change->job, change->worker, event->object, holder, event->a);
    change->worker->claim = CLAIM_WORKING;
}

static void fold_sign(const struct change *change)
{
    const struct event *event = change->event;
    struct holder holder = {.worker = change->worker->number, .is_silent = true, .amount = 1};
    fold_go_on(change);
    if (event->object == NO_OBJECT || change->worker->dead)
        return;
    struct model_object *object = objects_of(change->job, event->object);
    // The other holder's release was not logged yet: it must have let go, since this worker has the
    // object.
    while (object->holder_count > 0)
        objects_drop(change->job, change->job->workers[object->holders[0].worker], event->object,
                     0);
    objects_hold(change->job, change->worker, event->object, holder, OWNER_NONE);
}

static void fold_drop(const struct change *change)
{
    objects_drop(change->job, change->worker, change->event->object, change->event->a);
}

static void fold_set_value(const struct change *change)
{
    struct model_object *object = objects_of(change->job, change->event->object);
    object->value = change->event->a;
    object->has_value = object->is_used = true;
    object->broken = false;
}

static void fold_wake_all(const struct change *change)
{
    if (change->event->object != NO_OBJECT)
        objects_wake_all(change->job, change->event->object);
}

static void fold_break(const struct change *change)
{
    fold_wake_all(change);
    if (change->event->object != NO_OBJECT)
        objects_of(change->job, change->event->object)->broken = true;
}

static void fold_stop(const struct change *change)
{
    change->worker->stopped = true;
}

static void fold_continue(const struct change *change)
{
    change->worker->stopped = false;
}

static void fold_lose(const struct change *change)
{
    change->worker->lost = true;
}

static void fold_die(const struct change *change)
{
    struct model_worker *worker = change->worker;
    objects_leave(change->job, worker);
    objects_drop_silent(change->job, worker);
    worker->dead = true;
    worker->stopped = false;
    worker->ended = change->event->time;
    worker->exit_code = change->event->a;
    worker->exit_signal = change->event->b;
    worker->cpu_ns = change->event->c;
    worker->chunk_count = 0;
}

static void fold_reap(const struct change *change)
{
    change->worker->reaped = true;
}

static const struct {
    bool is_of_worker, is_of_object;
    void (*apply)(const struct change *change);
} fold_effects[] = {
    [EFFECT_NONE] = {false, false, NULL},
    [EFFECT_JOB_BEGINS] = {false, false, fold_begin_job},
    [EFFECT_JOB_ENDS] = {false, false, fold_end_job},
    [EFFECT_BEGIN] = {true, false, fold_begin},
    [EFFECT_GREET] = {true, false, fold_greet},
    [EFFECT_CLAIM] = {true, false, fold_claim},
    [EFFECT_FINISH] = {true, false, fold_finish},
    [EFFECT_DEAL] = {true, false, fold_deal},
    [EFFECT_RESULTS] = {true, false, fold_take_results},
    [EFFECT_OBJECT] = {false, true, fold_make_object},
    [EFFECT_WAIT] = {true, false, fold_wait},
    [EFFECT_MEET] = {true, false, fold_meet},
    [EFFECT_GO_ON] = {true, false, fold_go_on},
    [EFFECT_HOLD] = {true, true, fold_hold},
    [EFFECT_SIGN] = {true, false, fold_sign},
    [EFFECT_DROP] = {true, true, fold_drop},
    [EFFECT_VALUE] = {false, true, fold_set_value},
    [EFFECT_WAKE_ALL] = {false, true, fold_wake_all},
    [EFFECT_BREAK] = {false, true, fold_break},
    [EFFECT_STOP] = {true, false, fold_stop},
    [EFFECT_CONTINUE] = {true, false, fold_continue},
    [EFFECT_LOSE] = {true, false, fold_lose},
    [EFFECT_DIE] = {true, false, fold_die},
    [EFFECT_REAP] = {true, false, fold_reap},
};

void fold_event(struct model_job *job, const struct event *event)
{
    enum effect effect = schema_of(event->kind)->effect;
    struct change change = {.job = job, .event = event};
    if (event->worker != NO_WORKER) {
        change.worker = model_worker_of(job, event->worker);
        change.worker->known = true;
    }
    bool lacks_worker = fold_effects[effect].is_of_worker && !change.worker;
    bool lacks_object = fold_effects[effect].is_of_object && event->object == NO_OBJECT;
    if (fold_effects[effect].apply && !lacks_worker && !lacks_object)
        fold_effects[effect].apply(&change);
}

void fold_add(struct model *model, const struct event *event)
{
    enum effect effect = schema_of(event->kind)->effect;
    if (effect == EFFECT_NONE)
        return;
    struct model_job *job = effect == EFFECT_JOB_BEGINS ? model_add_job(model, event->job)
                                                        : model_job(model, event->job);
    model->last = job;
    if (job)
        fold_event(job, event);
}

struct model_job *fold_at(uint32_t id, int64_t time)
{
    struct model_job *job = NULL;
    for (uint64_t number = events_first(); number < events_end(); number++) {
        const struct event *event = events_get(number);
        if (event->time > time)
            break;
        if (event->job != id)
            continue;
        job = job ? job : model_new_job(id);
        fold_event(job, event);
    }
    if (job)
        model_recall(job);
    return job;
}
