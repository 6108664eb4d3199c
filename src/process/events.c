// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/events.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdlib.h>

static struct event *ring; // EVENTS_KEPT of them, made for the first event
static uint64_t end;
static void (*event_listener)(const struct event *event);

void events_log(const struct event *event)
{
    if (!ring)
        ring = must_calloc(EVENTS_KEPT, sizeof *ring);
    struct event *place = &ring[end % EVENTS_KEPT];
    free(place->text);
    *place = *event;
    place->time = clock_now();
    place->text = event->text ? must_strdup(event->text) : NULL;
    end++;
    if (event_listener)
        event_listener(place);
}

void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text)
{
    // The text is only read: it is copied.
    events_log(&(struct event){.kind = kind,
                               .job = job,
                               .worker = worker,
                               .a = a,
                               .b = b,
                               .text = (char *)(uintptr_t)text});
}

void events_call(struct event event)
{
    event.kind = EVENT_CALL;
    event.c = event.c ? event.c : 1;
    events_log(&event);
}

void events_set_listener(void (*listener)(const struct event *event))
{
    event_listener = listener;
}

uint64_t events_first(void)
{
    return end > EVENTS_KEPT ? end - EVENTS_KEPT : 0;
}

uint64_t events_end(void)
{
    return end;
}

const struct event *events_get(uint64_t number)
{
    BUG_IF(number < events_first() || number >= end);
    return &ring[number % EVENTS_KEPT];
}

void events_free(void)
{
    for (uint64_t number = events_first(); number < end; number++)
        free(ring[number % EVENTS_KEPT].text);
    free(ring);
    ring = NULL;
    end = 0;
}
