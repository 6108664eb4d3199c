// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/events.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/nofork.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define RING_SIZE  (EVENTS_KEPT * sizeof(struct event))
#define TEXTS_SIZE ((size_t)1 << 20)

static struct event *ring; // EVENTS_KEPT of them, mapped for the first event
static char *texts;        // TEXTS_SIZE bytes, filled round and round
static uint64_t texts_end; // bytes that have gone in there
static uint64_t first, end;
static int64_t origin;
static void (*event_listener)(const struct event *event);

// Copies a text, over the oldest ones. The events that had those are dropped.
static const char *events_keep_text(const char *text)
{
    size_t length = strnlen(text, EVENT_TEXT_MOST);
    size_t left = TEXTS_SIZE - texts_end % TEXTS_SIZE;
    if (left < length + 1)
        texts_end += left;
    char *place = texts + texts_end % TEXTS_SIZE;
    texts_end += length + 1;
    while (first < end && ring[first % EVENTS_KEPT].texts_before + TEXTS_SIZE < texts_end)
        first++;
    memcpy(place, text, length);
    place[length] = '\0';
    return place;
}

void events_log(const struct event *event)
{
    if (!ring) {
        ring = nofork_map(RING_SIZE);
        texts = nofork_map(TEXTS_SIZE);
    }
    if (end - first == EVENTS_KEPT)
        first++;
    struct event *place = &ring[end % EVENTS_KEPT];
    *place = *event;
    place->time = clock_now();
    place->texts_before = texts_end;
    place->text = event->text ? events_keep_text(event->text) : NULL;
    if (end == 0)
        origin = place->time;
    end++;
    if (event_listener)
        event_listener(place);
}

void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text)
{
    events_log(
        &(struct event){.kind = kind, .job = job, .worker = worker, .a = a, .b = b, .text = text});
}

void events_call(uint32_t job, uint32_t worker, struct event made)
{
    int error = errno;
    made.kind = EVENT_CALL;
    made.job = job;
    made.worker = worker;
    made.c = made.c ? made.c : 1;
    events_log(&made);
    errno = error;
}

void events_set_listener(void (*listener)(const struct event *event))
{
    event_listener = listener;
}

uint64_t events_first(void)
{
    return first;
}

int64_t events_origin(void)
{
    return origin;
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
    if (ring)
        nofork_unmap(ring, RING_SIZE);
    if (texts)
        nofork_unmap(texts, TEXTS_SIZE);
    ring = NULL;
    texts = NULL;
    first = end = texts_end = 0;
    origin = 0;
}
