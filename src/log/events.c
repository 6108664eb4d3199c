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

struct words {
    const char *name, *a, *b;
};

static struct words events_words_of(enum event_kind kind)
{
    switch (kind) {
    case EVENT_JOB_STARTED:
        return (struct words){"job_started", "cores", NULL};
    case EVENT_JOB_DONE:
        return (struct words){"job_done", "status", NULL};
    case EVENT_FORKED:
        return (struct words){"forked", NULL, "daemon"};
    case EVENT_HELLO:
        return (struct words){"hello", "own_pid", "parent_pid"};
    case EVENT_CLAIMED:
        return (struct words){"claimed", "claim", "progress"};
    case EVENT_ARRIVED:
        return (struct words){"arrived", "round", NULL};
    case EVENT_PASSED:
        return (struct words){"passed", "round", "wall_ns"};
    case EVENT_RELEASED:
        return (struct words){"released", "round", NULL};
    case EVENT_BROKEN:
        return (struct words){"broken", "culprit", NULL};
    case EVENT_LOCKED:
        return (struct words){"locked", "dead_owner", NULL};
    case EVENT_OUTPUT:
        return (struct words){"output", NULL, NULL};
    case EVENT_DEALT:
        return (struct words){"dealt", "first", "count"};
    case EVENT_RESULTS:
        return (struct words){"results", "first", "count"};
    case EVENT_TASK_LOST:
        return (struct words){"task_lost", "first", "count"};
    case EVENT_FAILED:
        return (struct words){"failed", "errno", NULL};
    case EVENT_WORK_DONE:
        return (struct words){"work_done", "results", NULL};
    case EVENT_SIGNALLED:
        return (struct words){"signalled", "signal", "errno"};
    case EVENT_STOPPED:
        return (struct words){"stopped", "signal", NULL};
    case EVENT_CONTINUED:
        return (struct words){"continued", NULL, NULL};
    case EVENT_PIPE_CLOSED:
        return (struct words){"pipe_closed", NULL, NULL};
    case EVENT_GARBAGE:
        return (struct words){"garbage", NULL, NULL};
    case EVENT_TORN:
        return (struct words){"torn", NULL, NULL};
    case EVENT_ORPHAN:
        return (struct words){"orphan", NULL, NULL};
    case EVENT_DIED:
        return (struct words){"died", "exit_code", "signal"};
    case EVENT_REAPED:
        return (struct words){"reaped", NULL, NULL};
    case EVENT_MAIN_ENDED:
        return (struct words){"main_ended", NULL, NULL};
    case EVENT_CALL:
        return (struct words){"call", "a", "b"};
    }
    BUG_IF(true);
    return (struct words){0};
}

const char *events_name(enum event_kind kind)
{
    return events_words_of(kind).name;
}

const char *events_a_name(enum event_kind kind)
{
    return events_words_of(kind).a;
}

const char *events_b_name(enum event_kind kind)
{
    return events_words_of(kind).b;
}

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

// By enum system_call.
static const struct {
    const char *name, *a, *b;
} call_words[CALL_END] = {
    [CALL_PIPE2] = {"pipe2", "read_fd", "write_fd"},
    [CALL_NONBLOCK] = {"fcntl", "fd", NULL},
    [CALL_EPOLL_ADD] = {"epoll_ctl_add", "fd", NULL},
    [CALL_EPOLL_DELETE] = {"epoll_ctl_del", "fd", NULL},
    [CALL_MMAP] = {"mmap", "bytes", "shared"},
    [CALL_FORK] = {"fork", "result", NULL},
    [CALL_CLOSE] = {"close", "fd", NULL},
    [CALL_READ] = {"read", "fd", "bytes"},
    [CALL_WRITE] = {"write", "fd", "bytes"},
    [CALL_KILL] = {"kill", "target", "signal"},
    [CALL_LOOK] = {"waitid_nowait", "target", "answer"},
    [CALL_REAP] = {"waitid", "target", "answer"},
    [CALL_FUTEX_WAKE] = {"futex_wake", "woken", NULL},
};

const char *events_call_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return call_words[call].name;
}

const char *events_call_a_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return call_words[call].a;
}

const char *events_call_b_name(enum system_call call)
{
    BUG_IF(call >= CALL_END);
    return call_words[call].b;
}
