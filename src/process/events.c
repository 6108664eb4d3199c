// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/events.h"

#include "base/clock.h"
#include "base/fail.h"

#include <stdlib.h>

static struct event *ring; // EVENTS_KEPT of them, made for the first event
static uint64_t end;
static void (*event_listener)(const struct event *event);

void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text)
{
    if (!ring)
        ring = must_calloc(EVENTS_KEPT, sizeof *ring);
    struct event *event = &ring[end % EVENTS_KEPT];
    free(event->text);
    *event = (struct event){.time = clock_now(),
                            .a = a,
                            .b = b,
                            .text = text ? must_strdup(text) : NULL,
                            .job = job,
                            .worker = worker,
                            .kind = kind};
    end++;
    if (event_listener)
        event_listener(event);
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
