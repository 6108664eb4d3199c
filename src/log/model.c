// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/model.h"

#include "base/array.h"
#include "base/must.h"
#include "base/slab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct slab model_jobs = {.size = sizeof(struct model_job)};
static struct slab model_workers = {.size = sizeof(struct model_worker)};
static struct model model_session;

struct model *model_now(void)
{
    return &model_session;
}

struct model_job *model_new_job(uint32_t id)
{
    struct model_job *job = slab_take(&model_jobs);
    *job = (struct model_job){.id = id, .title = must_strdup("")};
    return job;
}

void model_free_job(struct model_job *job)
{
    if (!job)
        return;
    for (size_t i = 0; i < job->count; i++) {
        free(job->workers[i]->chunks);
        free(job->workers[i]->held);
        slab_give(&model_workers, job->workers[i]);
    }
    free(job->workers);
    objects_free(job);
    free(job->title);
    slab_give(&model_jobs, job);
}

void model_free(struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        model_free_job(model->jobs[i]);
    free(model->jobs);
    *model = (struct model){0};
}

static bool model_has_unreaped(const struct model_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->known && !job->workers[i]->reaped)
            return true;
    return false;
}

// Drops old finished jobs by the same limits as jobs_forget(), so that every remembered job stays
// viewable.
static void model_forget_old(struct model *model)
{
    size_t jobs = 0, workers = 0, kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        jobs += model->jobs[i]->done;
        workers += model->jobs[i]->done ? model->jobs[i]->count : 0;
    }
    for (size_t i = 0; i < model->count; i++) {
        struct model_job *job = model->jobs[i];
        bool many = jobs > JOBS_KEPT || workers > WORKERS_KEPT, youngest = i + 1 == model->count;
        if (job->done && many && !youngest && !model_has_unreaped(job)) {
            jobs--;
            workers -= job->count;
            model_free_job(job);
        } else {
            model->jobs[kept++] = job;
        }
    }
    model->count = kept;
}

struct model_job *model_add_job(struct model *model, uint32_t id)
{
    model_forget_old(model);
    model->jobs =
        array_grow(model->jobs, &model->room, model->count + 1, sizeof(struct model_job *));
    return model->jobs[model->count++] = model_new_job(id);
}

struct model_job *model_job(const struct model *model, uint32_t id)
{
    // Most events are about the job of the last one, or about one of the youngest.
    if (model->last && model->last->id == id)
        return model->last;
    for (size_t i = model->count; i > 0; i--)
        if (model->jobs[i - 1]->id == id)
            return model->jobs[i - 1];
    return NULL;
}

const struct model_worker *model_worker(const struct model_job *job, int64_t number)
{
    if (!job || number < 0 || (uint64_t)number >= job->count || !job->workers[number]->known)
        return NULL;
    return job->workers[number];
}

const struct model_object *model_object(const struct model_job *job, int64_t number)
{
    if (!job || number <= 0 || (uint64_t)number > job->object_count)
        return NULL;
    return &job->objects[number - 1];
}

struct model_worker *model_worker_of(struct model_job *job, uint32_t number)
{
    if (number < job->count)
        return job->workers[number];
    job->workers =
        array_grow(job->workers, &job->room, (size_t)number + 1, sizeof(struct model_worker *));
    while (job->count <= number) {
        struct model_worker *worker = slab_take(&model_workers);
        *worker =
            (struct model_worker){.number = (uint32_t)job->count, .results = -1, .exit_code = -1};
        job->workers[job->count++] = worker;
    }
    return job->workers[number];
}

void model_rename(struct model_job *job, const char *title)
{
    free(job->title);
    job->title = must_strdup(title ? title : "");
}

static void model_recall_worker(struct model_worker *worker, const struct model_worker *known)
{
    if (!*worker->name)
        snprintf(worker->name, sizeof worker->name, "%s", known->name);
    worker->pid = worker->pid ? worker->pid : known->pid;
    worker->began = worker->began ? worker->began : known->began;
    worker->daemon |= known->daemon;
}

bool model_recall(struct model_job *job)
{
    const struct model_job *known = model_job(&model_session, job->id);
    if (!known)
        return false;
    if (!job->is_whole)
        model_rename(job, known->title);
    job->began = known->began;
    for (size_t i = 0; i < job->count && i < known->count; i++)
        if (job->workers[i]->known)
            model_recall_worker(job->workers[i], known->workers[i]);
    for (size_t i = 0; i < job->object_count && i < known->object_count; i++) {
        struct model_object *object = &job->objects[i];
        if (object->known)
            continue;
        object->kind = known->objects[i].kind;
        memcpy(object->name, known->objects[i].name, sizeof object->name);
    }
    return true;
}

static bool model_is_waiting(const struct model_worker *worker)
{
    return worker->waits_for != NO_OBJECT;
}

enum activity model_activity(const struct model_worker *worker)
{
    if (worker->dead)
        return ACTIVITY_ZOMBIE;
    if (worker->stopped)
        return ACTIVITY_STOPPED;
    if (model_is_waiting(worker))
        return ACTIVITY_WAITING;
    if (worker->claim == CLAIM_STARTING)
        return ACTIVITY_STARTING;
    if (worker->held_count > 0)
        return ACTIVITY_HOLDING;
    return worker->in_pool && worker->chunk_count == 0 ? ACTIVITY_IDLE : ACTIVITY_WORKING;
}

uint16_t model_activity_object(const struct model_worker *worker)
{
    switch (model_activity(worker)) {
    case ACTIVITY_WAITING:
        return worker->waits_for;
    case ACTIVITY_HOLDING:
        return worker->held[worker->held_count - 1];
    case ACTIVITY_STARTING:
    case ACTIVITY_WORKING:
    case ACTIVITY_IDLE:
    case ACTIVITY_STOPPED:
    case ACTIVITY_ZOMBIE:
        break;
    }
    return NO_OBJECT;
}

static enum state model_state_of_dead(const struct model_worker *worker)
{
    if (!worker->reaped)
        return STATE_ZOMBIE;
    return worker->exit_signal ? STATE_KILLED : STATE_EXITED;
}

enum state model_state(const struct model_worker *worker)
{
    if (worker->dead)
        return model_state_of_dead(worker);
    if (worker->lost)
        return STATE_LOST;
    if (worker->stopped)
        return STATE_STOPPED;
    return model_is_waiting(worker) ? STATE_WAITING : STATE_RUNNING;
}

uint32_t model_last_job(void)
{
    uint32_t last = 0;
    for (uint64_t number = events_first(); number < events_end(); number++)
        if (events_get(number)->job > last)
            last = events_get(number)->job;
    return last;
}
