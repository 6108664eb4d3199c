// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/phrase.h"

#include "base/number.h"
#include "base/signame.h"
#include "process/frame.h"
#include "process/lock.h"
#include "process/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void phrase_count(int64_t number, char *text, size_t size)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

static void add_claim(const struct event *event, struct text *words)
{
    switch ((enum claim)event->a) {
    case CLAIM_STARTING:
        text_add_string(words, "starting");
        break;
    case CLAIM_WORKING:
        text_add_string(words, "working");
        if (event->b > 0)
            text_print(words, ", %.1f %% done", 100.0 * (double)event->b / PROGRESS_WHOLE);
        break;
    case CLAIM_AT_BARRIER:
        text_add_string(words, "waiting at the barrier");
        break;
    case CLAIM_AT_LOCK:
        text_add_string(words, "waiting for the lock");
        break;
    case CLAIM_DONE:
        text_add_string(words, "done");
        break;
    }
}

static const char *said(const struct event *event)
{
    return text_visible(event->text ? event->text : "");
}

static void add_job(const struct event *event, struct text *words)
{
    if (event->kind == EVENT_JOB_STARTED)
        text_print(words, "%%%" PRIu32 " begins: %s", event->job, said(event));
    else if (event->kind == EVENT_JOB_DONE)
        text_print(words, "%%%" PRIu32 " %s", event->job, event->a == 0 ? "is done" : "has failed");
    else
        text_add_string(words, "the main program ends: its daemons are terminated");
}

// Of barrier and lock.
static void add_meeting(const struct event *event, struct text *words)
{
    if (event->kind == EVENT_ARRIVED)
        text_add_string(words, "arrived at the barrier");
    else if (event->kind == EVENT_PASSED)
        text_add_string(words, "goes on");
    else if (event->kind == EVENT_RELEASED)
        text_add_string(words, "all have arrived: releases them");
    else if (event->kind == EVENT_BROKEN)
        text_print(words, "breaks the barrier: %s",
                   event->a >= 0 ? "a party is missing" : "it took too long");
    else
        text_print(words, "has the lock%s",
                   event->a != LOCK_NOBODY ? "; its owner died with it" : "");
    bool has_round = event->kind != EVENT_BROKEN && event->kind != EVENT_LOCKED;
    if (has_round && event->a > 0)
        text_print(words, ", round %lld", (long long)event->a + 1);
}

// Of a pool.
static void add_tasks(const struct event *event, const char *name, struct text *words)
{
    long long first = event->a, last = event->a + event->b - 1;
    if (event->kind == EVENT_DEALT)
        text_print(words, "gives %s ", name);
    else
        text_add_string(words, event->kind == EVENT_TASK_LOST ? "gives " : "results of ");
    if (event->b == 1)
        text_print(words, "task %lld", first);
    else
        text_print(words, "tasks %lld to %lld", first, last);
    if (event->kind == EVENT_TASK_LOST)
        text_add_string(words, event->worker == NO_WORKER
                                   ? " up: too many workers died in a row"
                                   : " up: its workers died with it in hand");
}

// Of a worker's pipe.
static void add_pipe(const struct event *event, const char *name, struct text *words)
{
    if (event->kind == EVENT_PIPE_CLOSED)
        text_print(words, "%s lives, and its pipe has ended", name);
    else if (event->kind == EVENT_GARBAGE)
        text_print(words, "what %s sent is no message", name);
    else if (event->kind == EVENT_TORN)
        text_print(words, "the last message of %s is torn", name);
    else
        text_print(words, "a process that %s left held its pipe", name);
}

static void add_death(const struct event *event, const char *name, struct text *words)
{
    char cpu[32];
    number_format_time(event->c, cpu, sizeof cpu);
    if (event->b)
        text_print(words, "%s killed by %s", name, signal_name((int)event->b));
    else
        text_print(words, "%s exited with %lld", name, (long long)event->a);
    text_print(words, ": a zombie now; used %s of CPU", cpu);
}

// What the kernel says of a worker.
static void add_change(const struct event *event, const char *name, struct text *words)
{
    if (event->kind == EVENT_STOPPED)
        text_print(words, "%s is stopped", name);
    else if (event->kind == EVENT_CONTINUED)
        text_print(words, "%s goes on", name);
    else if (event->kind == EVENT_DIED)
        add_death(event, name, words);
    else
        text_print(words, "%s is reaped: its pid is free again", name);
}

static void add_words(const struct event *event, const char *name, struct text *words)
{
    long long a = event->a, b = event->b;
    switch (event->kind) {
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_MAIN_ENDED:
        add_job(event, words);
        break;
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
    case EVENT_LOCKED:
        add_meeting(event, words);
        break;
    case EVENT_DEALT:
    case EVENT_RESULTS:
    case EVENT_TASK_LOST:
        add_tasks(event, name, words);
        break;
    case EVENT_FORKED: // the call itself is told
        if (b)
            text_print(words, "%s (%lld) is a daemon", name, a);
        break;
    case EVENT_HELLO:
        text_print(words, "hello: I am %lld, child of %lld", a, b);
        break;
    case EVENT_CLAIMED:
        add_claim(event, words);
        break;
    case EVENT_OUTPUT:
        text_print(words, "says: %s", said(event));
        break;
    case EVENT_FAILED:
        text_print(words, "failed: %s", said(event));
        break;
    case EVENT_WORK_DONE:
        text_print(words, "done with %lld result%s", a, a == 1 ? "" : "s");
        break;
    case EVENT_SIGNALLED: // so is this one, unless there was none
        if (b == ESRCH)
            text_print(words, "%s not sent: %s has ended", signal_name((int)a), name);
        break;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
    case EVENT_DIED:
    case EVENT_REAPED:
        add_change(event, name, words);
        break;
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
    case EVENT_TORN:
    case EVENT_ORPHAN:
        add_pipe(event, name, words);
        break;
    case EVENT_CALL:
        phrase_call(event, words);
        break;
    }
}

const char *phrase_event(const struct event *event, const char *name, struct text *words)
{
    add_words(event, name, words);
    switch (event->kind) {
    case EVENT_HELLO:
    case EVENT_CLAIMED:
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_LOCKED:
    case EVENT_OUTPUT:
    case EVENT_RESULTS:
    case EVENT_FAILED:
    case EVENT_WORK_DONE:
        return name;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
    case EVENT_PIPE_CLOSED:
    case EVENT_DIED:
    case EVENT_REAPED:
        return "kernel";
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_FORKED:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
    case EVENT_DEALT:
    case EVENT_TASK_LOST:
    case EVENT_SIGNALLED:
    case EVENT_GARBAGE:
    case EVENT_TORN:
    case EVENT_ORPHAN:
    case EVENT_MAIN_ENDED:
    case EVENT_CALL:
        break;
    }
    return "forklab";
}

bool phrase_is_progress(const struct event *event)
{
    return event->kind == EVENT_CLAIMED && event->a == CLAIM_WORKING && event->b > 0;
}

// What tells calls apart: which it is, and how it went. Below 2^16.
static uint32_t call_detail(const struct event *event)
{
    uint32_t call = (uint32_t)event->call;
    if (event->error)
        return 4096 + call * 256 + (uint32_t)event->error % 256;
    if (event->call == CALL_LOOK || event->call == CALL_REAP)
        return 8192 + (call * 8 + (uint32_t)WAIT_CODE(event->b) % 8) * 256 +
               (uint32_t)WAIT_STATUS(event->b) % 256;
    if (event->call == CALL_KILL)
        return call * 256 + (uint32_t)event->b % 256;
    return call * 256 + (event->call == CALL_READ && event->b == 0);
}

// What tells events of one kind apart.
static uint32_t detail(const struct event *event)
{
    switch (event->kind) {
    case EVENT_CALL:
        return call_detail(event);
    case EVENT_CLAIMED:
        return (uint32_t)event->a * 2 + phrase_is_progress(event);
    case EVENT_DIED:
        return (uint32_t)event->b * 256 + (uint32_t)(event->a & 255);
    case EVENT_SIGNALLED:
    case EVENT_STOPPED:
    case EVENT_FAILED:
        return (uint32_t)event->a;
    case EVENT_BROKEN:
    case EVENT_LOCKED:
        return event->a != LOCK_NOBODY;
    case EVENT_TASK_LOST:
        return event->worker == NO_WORKER;
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_FORKED:
    case EVENT_HELLO:
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_RELEASED:
    case EVENT_OUTPUT:
    case EVENT_DEALT:
    case EVENT_RESULTS:
    case EVENT_WORK_DONE:
    case EVENT_CONTINUED:
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
    case EVENT_TORN:
    case EVENT_ORPHAN:
    case EVENT_REAPED:
    case EVENT_MAIN_ENDED:
        break;
    }
    return 0;
}

uint32_t phrase_shape(const struct event *event)
{
    return (uint32_t)event->kind << 16 | (detail(event) & 0xffff);
}

void phrase_label(const struct event *event, char *label, size_t size)
{
    if (event->kind == EVENT_CALL) {
        snprintf(label, size, "%.*s()", (int)strcspn(call_name(event->call), "_"),
                 call_name(event->call));
        return;
    }
    snprintf(label, size, "%s", phrase_is_progress(event) ? "progress" : event_name(event->kind));
    for (char *p = strchr(label, '_'); p; p = strchr(p, '_'))
        *p = ' ';
}
