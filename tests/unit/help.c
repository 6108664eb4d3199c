// SPDX-License-Identifier: GPL-3.0-or-later
#include "help.h"

#include "os/fork.h"
#include "os/loop.h"
#include "jobs/reaper.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_SECONDS = 20 };

// cmocka's handlers would go on with the parent's tests.
static void forget_handlers(void)
{
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
}

int status_of(void (*body)(void *data), void *data)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        forget_handlers();
        alarm(CHILD_SECONDS);
        body(data);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

void must_be(bool so, const char *file, int line, const char *what)
{
    if (so)
        return;
    dprintf(STDERR_FILENO, "%s:%d: in a child: %s\n", file, line, what);
    _exit(99);
}

size_t read_all(int fd, char *bytes, size_t room)
{
    size_t length = 0;
    ssize_t got;
    while (length < room && (got = read(fd, bytes + length, room - length)) > 0)
        length += (size_t)got;
    close(fd);
    return length;
}

// Marsaglia's xorshift64.
int64_t pick(uint64_t *seed, int64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (int64_t)(*seed % (uint64_t)below);
}

char calls[64];

void note(void *letter)
{
    strcat(calls, letter);
}

void *letter(const char *text)
{
    return (void *)(uintptr_t)text;
}

static void on_signal(int number, pid_t pid)
{
    if (number == SIGCHLD)
        reaper_child_changed(pid);
}

int open_session(void **state)
{
    static bool prepared;
    (void)state;
    if (!prepared)
        fork_prepare();
    prepared = true;
    signal(SIGPIPE, SIG_IGN);
    sigset_t handled;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    loop_open(&handled, on_signal);
    reaper_set(true);
    return 0;
}

int close_session(void **state)
{
    (void)state;
    reaper_reap(NULL);
    reaper_set(true);
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++)
            if (worker_lives(job->workers[i]))
                worker_end(job->workers[i], SIGKILL);
        finish(job);
        job->ops = &(const struct job_ops){0};
        if (!job->done)
            job_finish(job, 0);
    }
    jobs_forget(true);
    loop_close();
    events_free();
    return 0;
}

static bool hear_frame(struct worker *worker, const struct frame *frame, const void *block)
{
    struct heard *heard = worker->job->data;
    (void)block;
    heard->frames++;
    heard->last = *frame;
    return !heard->doubts;
}

static void hear_lost(struct worker *worker)
{
    struct heard *heard = worker->job->data;
    heard->lost++;
}

static void hear_ended(struct worker *worker)
{
    struct heard *heard = worker->job->data;
    heard->ended++;
    heard->ended_undone += worker->results < 0;
}

static void hear_cancelled(struct job *job)
{
    struct heard *heard = job->data;
    heard->cancelled++;
}

void take_crashes_as_they_are(void)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL);
}

struct job *begin_job(struct heard *heard)
{
    take_crashes_as_they_are();
    static const struct job_ops ops = {
        .frame = hear_frame, .lost = hear_lost, .ended = hear_ended, .cancelled = hear_cancelled};
    memset(heard, 0, sizeof *heard);
    return job_new("test", &ops, heard);
}

struct worker *start(struct job *job, bool own_pipe, int (*run)(const struct self *, const void *))
{
    struct assignment assignment = {.own_pipe = own_pipe, .run = run};
    struct worker *worker = job_start(job, &assignment);
    assert_non_null(worker);
    return worker;
}

void finish(struct job *job)
{
    while (job->unfinished > 0)
        loop_turn(-1);
}

void turn_until(struct job *job, enum event_kind kind, size_t count)
{
    while (count_events(job, kind) < count)
        loop_turn(-1);
}

size_t count_events(const struct job *job, enum event_kind kind)
{
    size_t count = 0;
    for (uint64_t i = events_first(); i < events_end(); i++) {
        const struct event *event = events_get(i);
        count += event->job == job->id && event->kind == kind;
    }
    return count;
}

const struct event *find_event(const struct job *job, enum event_kind kind)
{
    for (uint64_t i = events_first(); i < events_end(); i++) {
        const struct event *event = events_get(i);
        if (event->job == job->id && event->kind == kind)
            return event;
    }
    return NULL;
}

_Noreturn void wait_for_ever(void)
{
    for (;;)
        pause();
}

int end_at_once(const struct self *self, const void *argument)
{
    (void)argument;
    report_hello(self);
    report_done(self, 0);
    return self->exit_status;
}

int wait_for_signal(const struct self *self, const void *argument)
{
    (void)argument;
    report_hello(self);
    wait_for_ever();
}

uint16_t object_of(enum event_kind kind, int64_t a)
{
    bool at_lock = kind == EVENT_LOCKED || (kind == EVENT_CLAIMED && a == CLAIM_AT_LOCK);
    bool at_barrier = kind == EVENT_ARRIVED || kind == EVENT_PASSED || kind == EVENT_RELEASED ||
                      kind == EVENT_BROKEN;
    return at_lock ? THE_LOCK : at_barrier ? THE_BARRIER : NO_OBJECT;
}

void log_at(struct event event)
{
    int64_t time = event.time;
    events_log(&event);
    ((struct event *)events_get(events_end() - 1))->time = time;
}

void log_objects(int64_t time)
{
    log_at((struct event){.time = time,
                          .kind = EVENT_OBJECT,
                          .job = 1,
                          .worker = NO_WORKER,
                          .object = THE_BARRIER,
                          .text = "barrier"});
    log_at((struct event){.time = time,
                          .kind = EVENT_OBJECT,
                          .job = 1,
                          .worker = NO_WORKER,
                          .object = THE_LOCK,
                          .a = 1,
                          .text = "lock"});
}
