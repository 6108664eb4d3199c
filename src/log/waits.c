// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/waits.h"

#include "base/array.h"
#include "base/die.h"
#include "base/number.h"
#include "log/describe.h"

#include <stdlib.h>

static uint64_t waits_search; // the number of the last one

// Notes that the search has met a worker. False when it had already.
static bool waits_meet(const struct model_job *job, uint32_t worker)
{
    bool is_new = job->workers[worker]->met != waits_search;
    job->workers[worker]->met = waits_search;
    return is_new;
}

static void waits_add(struct waits_circle *found, uint32_t worker)
{
    found->workers =
        array_grow(found->workers, &found->room, found->count + 1, sizeof *found->workers);
    found->workers[found->count++] = worker;
}

// Returns the object that a worker waits for until it has it, if other workers have it; or NULL.
// One that is dead lets nothing go: what becomes of it is not decided by waiting.
static const struct model_object *waits_object(const struct model_job *job, uint32_t number)
{
    const struct model_worker *worker = model_worker(job, number);
    if (!worker || worker->dead || worker->gives_up || worker->waits_for == NO_OBJECT)
        return NULL;
    const struct model_object *object = model_object(job, worker->waits_for);
    return object->holder_count > 0 ? object : NULL;
}

// Adds all that a worker waits for, and so on, to what was found. False as soon as one of them can
// go on by itself. An object goes on when any of its holders does, so all of them must wait.
static bool waits_collect(const struct model_job *job, uint32_t worker, struct waits_circle *found)
{
    waits_search++;
    waits_meet(job, worker);
    waits_add(found, worker);
    for (size_t next = 0; next < found->count; next++) {
        const struct model_object *object = waits_object(job, found->workers[next]);
        if (!object)
            return false;
        for (size_t i = 0; i < object->holder_count; i++)
            if (!waits_object(job, object->holders[i].worker))
                return false;
        for (size_t i = 0; i < object->holder_count; i++)
            if (waits_meet(job, object->holders[i].worker))
                waits_add(found, object->holders[i].worker);
    }
    return true;
}

// Returns the worker that a waiting one waits for: the first that has the object.
static uint32_t waits_next(const struct model_job *job, uint32_t worker)
{
    const struct model_object *object = waits_object(job, worker);
    BUG_IF(!object); // waits_collect() found one for each
    return object->holders[0].worker;
}

// Follows the waits from a worker until they come back to one that was met, and keeps that round,
// turned so that its lowest number comes first.
static void waits_close(const struct model_job *job, uint32_t worker, struct waits_circle *circle)
{
    waits_search++;
    while (waits_meet(job, worker))
        worker = waits_next(job, worker);
    uint32_t lowest = worker;
    for (uint32_t on = waits_next(job, worker); on != worker; on = waits_next(job, on))
        lowest = on < lowest ? on : lowest;
    circle->count = 0;
    for (worker = lowest; circle->count == 0 || worker != lowest; worker = waits_next(job, worker))
        waits_add(circle, worker);
}

bool waits_find_circle(const struct model_job *job, uint32_t worker, struct waits_circle *circle)
{
    *circle = (struct waits_circle){0};
    if (!waits_collect(job, worker, circle)) {
        waits_free_circle(circle);
        return false;
    }
    waits_close(job, worker, circle);
    return true;
}

void waits_free_circle(struct waits_circle *circle)
{
    free(circle->workers);
    *circle = (struct waits_circle){0};
}

void waits_describe_circle(const struct model_job *job, const struct waits_circle *circle,
                           struct text *text)
{
    for (size_t i = 0; i < circle->count; i++) {
        uint32_t worker = circle->workers[i];
        uint32_t before = circle->workers[(i + circle->count - 1) % circle->count];
        text_print(text, "%s%s has ", i > 0 ? "; " : "", describe_worker(job, worker));
        text_print(text, "%s, waits for ",
                   describe_object(job, model_worker(job, before)->waits_for));
        text_add_string(text, describe_object(job, model_worker(job, worker)->waits_for));
    }
}

const char *waits_hindrance(const struct model_worker *holder)
{
    if (holder->dead)
        return ", which is dead";
    if (holder->lost)
        return ", which can't be heard any more";
    return holder->stopped ? ", which is stopped" : "";
}

void waits_describe(const struct model_job *job, const struct model_worker *worker, int64_t now,
                    struct text *text)
{
    const struct model_object *object = model_object(job, worker->waits_for);
    char since[32];
    text_add_string(text, describe_object(job, worker->waits_for));
    if (object && object->holder_count > 0) {
        uint32_t holder = object->holders[0].worker;
        text_print(text, ", which %s has%s", describe_worker(job, holder),
                   waits_hindrance(model_worker(job, holder)));
    }
    number_format_time(now - worker->waits_since, since, sizeof since);
    text_print(text, ", for %s", since);
}
