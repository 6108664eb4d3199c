// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/objects.h"

#include "base/array.h"
#include "log/model.h"

#include <stdlib.h>
#include <string.h>

struct model_object *objects_of(struct model_job *job, uint16_t number)
{
    job->objects = array_grow(job->objects, &job->object_room, number, sizeof *job->objects);
    for (; job->object_count < number; job->object_count++)
        job->objects[job->object_count] =
            (struct model_object){.number = (uint16_t)(job->object_count + 1)};
    return &job->objects[number - 1];
}

void objects_free(struct model_job *job)
{
    for (size_t i = 0; i < job->object_count; i++) {
        free(job->objects[i].holders);
        free(job->objects[i].waiters);
    }
    free(job->objects);
}

void objects_wait(struct model_job *job, struct model_worker *worker, uint16_t number, int64_t time)
{
    objects_leave(job, worker);
    struct model_object *object = objects_of(job, number);
    object->is_used = true;
    if (object->broken)
        return;
    worker->waits_for = number;
    worker->waits_since = time;
    object->waiters = array_grow(object->waiters, &object->waiter_room, object->waiter_count + 1,
                                 sizeof *object->waiters);
    object->waiters[object->waiter_count++] = worker->number;
}

void objects_leave(struct model_job *job, struct model_worker *worker)
{
    if (worker->waits_for == NO_OBJECT)
        return;
    struct model_object *object = objects_of(job, worker->waits_for);
    size_t at = 0;
    while (object->waiters[at] != worker->number)
        at++;
    memmove(&object->waiters[at], &object->waiters[at + 1],
            (--object->waiter_count - at) * sizeof *object->waiters);
    worker->waits_for = NO_OBJECT;
}

void objects_wake_all(struct model_job *job, uint16_t number)
{
    struct model_object *object = objects_of(job, number);
    for (size_t i = 0; i < object->waiter_count; i++)
        job->workers[object->waiters[i]]->waits_for = NO_OBJECT;
    object->waiter_count = 0;
}

// Returns the index of a worker among the holders, or their number.
static size_t objects_find_holder(const struct model_object *object, uint32_t worker)
{
    size_t at = 0;
    while (at < object->holder_count && object->holders[at].worker != worker)
        at++;
    return at;
}

// Takes a holder out, and the object from what its worker has.
static void objects_remove_holder(struct model_job *job, struct model_object *object, size_t at)
{
    struct model_worker *worker = job->workers[object->holders[at].worker];
    size_t place = 0;
    memmove(&object->holders[at], &object->holders[at + 1],
            (--object->holder_count - at) * sizeof *object->holders);
    while (worker->held[place] != object->number)
        place++;
    memmove(&worker->held[place], &worker->held[place + 1],
            (--worker->held_count - place) * sizeof *worker->held);
}

// Takes out the dead that had the object: this one, or all that are dead.
static void objects_remove_dead(struct model_job *job, struct model_object *object,
                                int64_t dead_owner)
{
    for (size_t i = object->holder_count; i > 0; i--) {
        uint32_t holder = object->holders[i - 1].worker;
        if (holder == dead_owner || (dead_owner == OWNER_UNKNOWN && job->workers[holder]->dead))
            objects_remove_holder(job, object, i - 1);
    }
}

void objects_hold(struct model_job *job, struct model_worker *worker, uint16_t number,
                  struct holder holder, int64_t dead_owner)
{
    struct model_object *object = objects_of(job, number);
    object->is_used = true;
    if (worker->waits_for == number)
        objects_leave(job, worker);
    if (dead_owner != OWNER_NONE)
        objects_remove_dead(job, object, dead_owner);
    size_t at = objects_find_holder(object, worker->number);
    if (at == object->holder_count) {
        object->holders =
            array_grow(object->holders, &object->holder_room, at + 1, sizeof *object->holders);
        object->holder_count++;
        worker->held = array_grow(worker->held, &worker->held_room, worker->held_count + 1,
                                  sizeof *worker->held);
        worker->held[worker->held_count++] = number;
    }
    object->holders[at] = holder;
}

void objects_drop(struct model_job *job, struct model_worker *worker, uint16_t number,
                  int64_t amount)
{
    struct model_object *object = objects_of(job, number);
    size_t at = objects_find_holder(object, worker->number);
    if (at == object->holder_count)
        return;
    object->holders[at].amount -= amount;
    if (amount == 0 || object->holders[at].amount <= 0)
        objects_remove_holder(job, object, at);
}

void objects_drop_silent(struct model_job *job, struct model_worker *worker)
{
    for (size_t i = worker->held_count; i > 0; i--) {
        struct model_object *object = objects_of(job, worker->held[i - 1]);
        size_t at = objects_find_holder(object, worker->number);
        if (object->holders[at].is_silent)
            objects_remove_holder(job, object, at);
    }
}
