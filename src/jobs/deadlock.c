// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/deadlock.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/text.h"
#include "log/events.h"
#include "log/model.h"
#include "log/waits.h"
#include "os/loop.h"

#include <stdlib.h>

// Reports come through several pipes: one that ends the circle may not have been read yet.
#define DEADLOCK_SURE_AFTER (20 * NS_PER_MS)

static void deadlock_tell(struct deadlock_watch *watch, const struct model_job *job,
                          const struct waits_circle *circle)
{
    struct text words = {0};
    waits_describe_circle(job, circle, &words);
    watch->circles++;
    if (circle->count > watch->longest)
        watch->longest = circle->count;
    events_add(EVENT_DEADLOCK, watch->job->id, NO_WORKER, 0, 0, text_string(&words));
    watch->found(watch->data, text_string(&words));
    text_free(&words);
}

// Whether a circle is not told yet. Its workers are marked, for they stay in it until their end.
static bool deadlock_is_news(const struct deadlock_watch *watch, const struct waits_circle *circle)
{
    for (size_t i = 0; i < circle->count; i++)
        if (watch->job->workers[circle->workers[i]]->in_circle)
            return false;
    for (size_t i = 0; i < circle->count; i++)
        watch->job->workers[circle->workers[i]]->in_circle = true;
    return true;
}

static void deadlock_look_again(void *data)
{
    struct deadlock_watch *watch = data;
    const struct model_job *job = model_job(model_now(), watch->job->id);
    watch->again = NULL;
    for (size_t i = 0; job && i < watch->count; i++) {
        struct waits_circle circle = {0};
        if (!waits_find_circle(job, watch->suspects[i], &circle))
            continue;
        if (deadlock_is_news(watch, &circle))
            deadlock_tell(watch, job, &circle);
        waits_free_circle(&circle);
    }
    watch->count = 0;
}

void deadlock_look(struct deadlock_watch *watch, uint32_t worker)
{
    struct waits_circle circle = {0};
    const struct model_job *job = model_job(model_now(), watch->job->id);
    if (!job || !waits_find_circle(job, worker, &circle))
        return;
    waits_free_circle(&circle);
    watch->suspects =
        array_grow(watch->suspects, &watch->room, watch->count + 1, sizeof *watch->suspects);
    watch->suspects[watch->count++] = worker;
    if (!watch->again)
        watch->again = loop_after(DEADLOCK_SURE_AFTER, deadlock_look_again, watch);
}

void deadlock_stop(struct deadlock_watch *watch)
{
    loop_stop(&watch->again);
    free(watch->suspects);
    watch->suspects = NULL;
    watch->count = watch->room = 0;
}
