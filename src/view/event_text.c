// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/outcome.h"
#include "view/event_text.h"

#include "base/number.h"
#include "base/signal.h"
#include "log/schema.h"
#include "worker/frame.h"
#include "sync/lock.h"
#include "worker/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void event_text_count(int64_t number, char *text, size_t size)
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

// Adds 768 bytes, 9.6 kB or 80 MB.
static void event_text_add_bytes(int64_t bytes, struct text *words)
{
    double value = (double)bytes;
    if (bytes < 1000)
        text_print(words, "%" PRId64 " bytes", bytes);
    else if (bytes < 1000000)
        text_print(words, "%.1f kB", value / 1e3);
    else
        text_print(words, "%.1f MB", value / 1e6);
}

void event_text_answer(int64_t answer, struct text *words)
{
    int status = WAIT_STATUS(answer);
    switch (WAIT_CODE(answer)) {
    case 0:
        text_add_string(words, "no change");
        break;
    case CLD_EXITED:
        text_print(words, "exited %d", status);
        break;
    case CLD_STOPPED:
        text_print(words, "stopped %s", signal_name(status));
        break;
    case CLD_CONTINUED:
        text_add_string(words, "continued");
        break;
    default:
        text_print(words, "killed %s", signal_name(status));
        break;
    }
}

static void event_text_add_arguments(const struct event *event, struct text *words)
{
    long long a = event->a;
    switch (event->call) {
    case CALL_PIPE2:
        text_add_string(words, "pipe2()");
        break;
    case CALL_NONBLOCK:
        text_print(words, "fcntl(%lld, O_NONBLOCK)", a);
        break;
    case CALL_EPOLL_ADD:
        text_print(words, "epoll_ctl(ADD, %lld)", a);
        break;
    case CALL_EPOLL_DELETE:
        text_print(words, "epoll_ctl(DEL, %lld)", a);
        break;
    case CALL_MMAP:
        text_print(words, "mmap(%s)", event->b ? "shared" : "private");
        break;
    case CALL_FORK:
        text_add_string(words, "fork()");
        break;
    case CALL_CLOSE:
        text_print(words, "close(%lld)", a);
        break;
    case CALL_READ:
        text_print(words, "read(%lld)", a);
        break;
    case CALL_WRITE:
        text_print(words, event->text ? "write(%lld, %s)" : "write(%lld)", a, event->text);
        break;
    case CALL_KILL:
        text_print(words, "kill(%lld, %s)", a, signal_name((int)event->b));
        break;
    case CALL_LOOK:
        text_print(words, "waitid(%lld, WNOWAIT)", a);
        break;
    case CALL_REAP:
        text_print(words, "waitid(%lld)", a);
        break;
    case CALL_FUTEX_WAKE:
        text_add_string(words, "futex(WAKE)");
        break;
    case CALL_END:
        break;
    }
}

static void event_text_add_bytes_moved(const struct event *event, struct text *words)
{
    if (event->c > 1) {
        char times[32];
        event_text_count(event->c, times, sizeof times);
        text_print(words, " x %s", times);
    }
    text_add_string(words, " = ");
    if (event->call == CALL_READ && event->b == 0)
        text_add_string(words, "0: the pipe has ended");
    else
        event_text_add_bytes(event->b, words);
}

static void event_text_add_result(const struct event *event, struct text *words)
{
    switch (event->call) {
    case CALL_PIPE2:
        text_print(words, " = [%lld, %lld]", (long long)event->a, (long long)event->b);
        break;
    case CALL_FORK:
    case CALL_FUTEX_WAKE:
        text_print(words, " = %lld", (long long)event->a);
        if (event->call == CALL_FUTEX_WAKE)
            text_add_string(words, " woken");
        break;
    case CALL_MMAP:
        text_add_string(words, " = memory");
        if (event->text)
            text_print(words, " for %s", event->text);
        if (event->a > 0) {
            text_add_string(words, ", ");
            event_text_add_bytes(event->a, words);
        }
        break;
    case CALL_READ:
    case CALL_WRITE:
        event_text_add_bytes_moved(event, words);
        break;
    case CALL_LOOK:
    case CALL_REAP:
        text_add_string(words, " = ");
        event_text_answer(event->b, words);
        break;
    case CALL_NONBLOCK:
    case CALL_EPOLL_ADD:
    case CALL_EPOLL_DELETE:
    case CALL_CLOSE:
    case CALL_KILL:
    case CALL_END:
        text_add_string(words, " = 0");
        break;
    }
}

void event_text_call(const struct event *event, struct text *words)
{
    event_text_add_arguments(event, words);
    if (event->error) {
        const char *name = strerrorname_np(event->error);
        text_print(words, " = -1 %s: %s", name ? name : "?", strerror(event->error));
    } else {
        event_text_add_result(event, words);
    }
}

static void event_text_add_claim(const struct event *event, struct text *words)
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

static const char *event_text_said(const struct event *event)
{
    return text_visible(event->text ? event->text : "");
}

static void event_text_add_job(const struct event *event, struct text *words)
{
    if (event->kind == EVENT_JOB_STARTED)
        text_print(words, "%%%" PRIu32 " begins: %s", event->job, event_text_said(event));
    else if (event->kind == EVENT_JOB_DONE)
        text_print(words, "%%%" PRIu32 " %s", event->job, outcome_predicate(event->b));
    else
        text_add_string(words, "the main program ends: its daemons are terminated");
}

// Of barrier and lock.
static void event_text_add_meeting(const struct event *event, struct text *words)
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
static void event_text_add_tasks(const struct event *event, const char *name, struct text *words)
{
    long long first = event->a, last = event->a + event->b - 1;
    if (event->kind == EVENT_DEALT)
        text_print(words, "gives %s ", name);
    else
        text_add_string(words, event->kind == EVENT_TASK_LOST     ? "gives "
                               : event->kind == EVENT_TASK_FAILED ? "failed in "
                                                                  : "results of ");
    if (event->b == 1)
        text_print(words, "task %lld", first);
    else
        text_print(words, "tasks %lld to %lld", first, last);
    if (event->kind == EVENT_TASK_FAILED)
        text_add_string(words, ", and goes on");
    if (event->kind == EVENT_TASK_LOST)
        text_add_string(words, event->worker == NO_WORKER
                                   ? " up: too many workers died in a row"
                                   : " up: its workers died with it in hand");
}

// Of a worker's pipe.
static void event_text_add_pipe(const struct event *event, const char *name, struct text *words)
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

static void event_text_add_death(const struct event *event, const char *name, struct text *words)
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
static void event_text_add_change(const struct event *event, const char *name, struct text *words)
{
    if (event->kind == EVENT_STOPPED)
        text_print(words, "%s is stopped", name);
    else if (event->kind == EVENT_CONTINUED)
        text_print(words, "%s goes on", name);
    else if (event->kind == EVENT_DIED)
        event_text_add_death(event, name, words);
    else
        text_print(words, "%s is reaped: its pid is free again", name);
}

static void event_text_add_words(const struct event *event, const char *name, struct text *words)
{
    long long a = event->a, b = event->b;
    switch (event->kind) {
    case EVENT_JOB_STARTED:
    case EVENT_JOB_DONE:
    case EVENT_MAIN_ENDED:
        event_text_add_job(event, words);
        break;
    case EVENT_ARRIVED:
    case EVENT_PASSED:
    case EVENT_RELEASED:
    case EVENT_BROKEN:
    case EVENT_LOCKED:
        event_text_add_meeting(event, words);
        break;
    case EVENT_DEALT:
    case EVENT_RESULTS:
    case EVENT_TASK_LOST:
    case EVENT_TASK_FAILED:
        event_text_add_tasks(event, name, words);
        break;
    case EVENT_FORKED: // the call itself is told
        if (b)
            text_print(words, "%s (%lld) is a daemon", name, a);
        break;
    case EVENT_HELLO:
        text_print(words, "hello: I am %lld, child of %lld", a, b);
        break;
    case EVENT_CLAIMED:
        event_text_add_claim(event, words);
        break;
    case EVENT_STEP:
        text_print(words, "step %lld: %s", a, event_text_said(event));
        break;
    case EVENT_OUTPUT:
        text_print(words, "says: %s", event_text_said(event));
        break;
    case EVENT_FAILED:
        text_print(words, "failed: %s", event_text_said(event));
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
        event_text_add_change(event, name, words);
        break;
    case EVENT_PIPE_CLOSED:
    case EVENT_GARBAGE:
    case EVENT_TORN:
    case EVENT_ORPHAN:
        event_text_add_pipe(event, name, words);
        break;
    case EVENT_CALL:
        event_text_call(event, words);
        break;
    case EVENT_OBJECT:
    case EVENT_WAITS:
    case EVENT_HOLDS:
    case EVENT_LETS_GO:
    case EVENT_GOES_ON:
    case EVENT_VALUE:
    case EVENT_WOKE:
    case EVENT_DEADLOCK:
    case EVENT_KINDS:
        break;
    }
}

const char *event_text_sentence(const struct event *event, const char *name, struct text *words)
{
    event_text_add_words(event, name, words);
    switch (schema_of(event->kind)->speaker) {
    case SPEAKER_FORKLAB:
        break;
    case SPEAKER_KERNEL:
        return "kernel";
    case SPEAKER_WORKER:
        return event->worker == NO_WORKER ? "forklab" : name;
    }
    return "forklab";
}

bool event_text_is_progress(const struct event *event)
{
    return event->kind == EVENT_CLAIMED && event->a == CLAIM_WORKING && event->b > 0;
}

// What a field has to tell events of one kind apart.
static uint32_t event_text_field_detail(const struct event *event, struct field field,
                                        int64_t value)
{
    switch (field.type) {
    case FIELD_CLAIM:
        return (uint32_t)value * 2 + event_text_is_progress(event);
    case FIELD_SIGNAL:
    case FIELD_END_SIGNAL:
    case FIELD_ERRNO:
    case FIELD_EXIT:
    case FIELD_WENT_ON:
    case FIELD_OUTCOME:
        return (uint32_t)value & 255;
    case FIELD_OWNER:
        return value != OWNER_NONE;
    case FIELD_ANSWER:
        return event->error ? 0 : (uint32_t)WAIT_CODE(value) % 8 * 64 + WAIT_STATUS(value) % 64;
    case FIELD_NONE:
    case FIELD_UNTOLD:
    case FIELD_NUMBER:
    case FIELD_PROGRESS:
    case FIELD_CPU:
        break;
    }
    return 0;
}

uint64_t event_text_shape(const struct event *event)
{
    const struct schema_kind *schema = schema_of_event(event);
    uint64_t a = event_text_field_detail(event, schema->a, event->a);
    uint64_t b = event_text_field_detail(event, schema->b, event->b);
    bool is_end = event->kind == EVENT_CALL && event->call == CALL_READ && event->b == 0;
    uint64_t how =
        (uint64_t)(event->error & 1023) << 2 | (uint64_t)is_end << 1 | (event->worker == NO_WORKER);
    return (uint64_t)event->kind << 56 | (uint64_t)event->call << 48 | how << 32 | a << 16 | b;
}

void event_text_label(const struct event *event, char *label, size_t size)
{
    if (event->kind == EVENT_CALL) {
        snprintf(label, size, "%.*s()", (int)strcspn(schema_of_call(event->call)->name, "_"),
                 schema_of_call(event->call)->name);
        return;
    }
    snprintf(label, size, "%s",
             event_text_is_progress(event) ? "progress" : schema_of(event->kind)->name);
    for (char *p = strchr(label, '_'); p; p = strchr(p, '_'))
        *p = ' ';
}
