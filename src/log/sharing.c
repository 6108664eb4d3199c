// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/sharing.h"

#include "base/array.h"
#include "base/must.h"
#include "log/fold.h"
#include "log/schema.h"

#include <stdlib.h>

// The last worker that freed an object.
struct sharing_freer {
    int64_t time;
    uint32_t worker;
    bool known;
};

struct sharing_reader {
    struct sharing *sharing;
    struct model_job *job; // as it is after the events read
    struct holding *open;  // holdings that last
    size_t open_count, open_room;
    struct sharing_freer *freers; // by object number
    size_t freer_count, freer_room;
};

static struct sharing_freer *sharing_freer_of(struct sharing_reader *reader, uint16_t object)
{
    reader->freers =
        array_grow(reader->freers, &reader->freer_room, (size_t)object + 1, sizeof *reader->freers);
    while (reader->freer_count <= object)
        reader->freers[reader->freer_count++] = (struct sharing_freer){0};
    return &reader->freers[object];
}

static bool sharing_is_held(const struct sharing_reader *reader, const struct holding *holding)
{
    const struct model_worker *worker = model_worker(reader->job, holding->worker);
    for (size_t i = 0; worker && i < worker->held_count; i++)
        if (worker->held[i] == holding->object)
            return true;
    return false;
}

static void sharing_close(struct sharing_reader *reader, size_t at, int64_t time)
{
    struct sharing *sharing = reader->sharing;
    struct holding ended = reader->open[at];
    reader->open[at] = reader->open[--reader->open_count];
    ended.end = time;
    if (ended.end <= ended.begin)
        return;
    sharing->holdings = array_grow(sharing->holdings, &sharing->holding_room,
                                   sharing->holding_count + 1, sizeof *sharing->holdings);
    sharing->holdings[sharing->holding_count++] = ended;
}

// Ends what its worker has no more.
static void sharing_end_holdings(struct sharing_reader *reader, int64_t time)
{
    for (size_t i = reader->open_count; i > 0; i--) {
        struct holding *open = &reader->open[i - 1];
        if (sharing_is_held(reader, open))
            continue;
        struct sharing_freer *freer = sharing_freer_of(reader, open->object);
        *freer = (struct sharing_freer){time, open->worker, true};
        sharing_close(reader, i - 1, time);
    }
}

static void sharing_begin_holding(struct sharing_reader *reader, const struct event *event)
{
    struct holding begun = {.begin = event->time, .worker = event->worker, .object = event->object};
    if (!sharing_is_held(reader, &begun))
        return;
    for (size_t i = 0; i < reader->open_count; i++)
        if (reader->open[i].worker == begun.worker && reader->open[i].object == begun.object)
            return;
    reader->open =
        array_grow(reader->open, &reader->open_room, reader->open_count + 1, sizeof *reader->open);
    reader->open[reader->open_count++] = begun;
}

// The event's worker waited for the object since `since`, and does no more.
static void sharing_hand_over(struct sharing_reader *reader, const struct event *event,
                              int64_t since)
{
    struct sharing *sharing = reader->sharing;
    const struct sharing_freer *freer = sharing_freer_of(reader, event->object);
    bool failed = schema_of(event->kind)->effect == EFFECT_GO_ON && event->a != WENT_ON_WOKEN;
    if (failed || !freer->known || freer->worker == event->worker || freer->time < since)
        return;
    sharing->handovers = array_grow(sharing->handovers, &sharing->handover_room,
                                    sharing->handover_count + 1, sizeof *sharing->handovers);
    sharing->handovers[sharing->handover_count++] = (struct handover){.freed = freer->time,
                                                                      .went_on = event->time,
                                                                      .from = freer->worker,
                                                                      .to = event->worker,
                                                                      .object = event->object};
}

static const struct model_worker *sharing_worker(const struct sharing_reader *reader,
                                                 const struct event *event)
{
    return event->worker == NO_WORKER ? NULL : model_worker(reader->job, event->worker);
}

static void sharing_take(struct sharing_reader *reader, const struct event *event)
{
    const struct model_worker *worker = sharing_worker(reader, event);
    bool meets = schema_of(event->kind)->effect == EFFECT_MEET || event->kind == EVENT_PASSED;
    const struct model_worker before =
        worker ? *worker : (struct model_worker){.waits_for = NO_OBJECT};
    fold_event(reader->job, event);
    sharing_end_holdings(reader, event->time);
    worker = sharing_worker(reader, event);
    if (event->object == NO_OBJECT || !worker)
        return;
    bool goes_on = before.waits_for == event->object && worker->waits_for != event->object;
    if (goes_on && !meets)
        sharing_hand_over(reader, event, before.waits_since);
    sharing_begin_holding(reader, event);
    if (event->kind == EVENT_VALUE)
        *sharing_freer_of(reader, event->object) =
            (struct sharing_freer){event->time, event->worker, true};
}

struct sharing *sharing_read(const struct past *past)
{
    struct sharing_reader reader = {.job = model_new_job(past->job->id)};
    reader.sharing = must_calloc(1, sizeof *reader.sharing);
    for (size_t i = 0; i < past->event_count; i++)
        if (past->events[i]->kind != EVENT_CALL && past->events[i]->kind != EVENT_MAIN_ENDED)
            sharing_take(&reader, past->events[i]);
    while (reader.open_count > 0)
        sharing_close(&reader, reader.open_count - 1, past->end);
    model_free_job(reader.job);
    free(reader.open);
    free(reader.freers);
    return reader.sharing;
}

void sharing_free(struct sharing *sharing)
{
    free(sharing->holdings);
    free(sharing->handovers);
    free(sharing);
}
