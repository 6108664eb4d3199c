// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/conclusions.h"

#include "base/clock.h"
#include "base/number.h"
#include "log/describe.h"

#include <inttypes.h>
#include <string.h>

// Below this share of CPU time a worker was blocked, not competing for a core.
#define LEAST_SHARE 0.1

static const char *conclusions_time(int64_t ns)
{
    static char texts[4][32];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    number_format_time(ns, text, sizeof texts[0]);
    return text;
}

static const char *conclusions_name(const struct past *past, int64_t worker)
{
    return describe_worker(past->job, worker);
}

static bool conclusions_has(const struct past *past, enum event_kind kind)
{
    return past_find(past, kind) != NEVER;
}

// The times at which workers went on in a round, by their own clock.
struct departures {
    int64_t first, last, count;
};

// Of the parties that met, or of those that did not.
static struct departures conclusions_went_on(const struct past *past, int64_t round, bool met)
{
    struct departures on = {0};
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != (met ? EVENT_PASSED : EVENT_SKIPPED) || event->a != round)
            continue;
        on.first = on.count == 0 || event->b < on.first ? event->b : on.first;
        on.last = on.count == 0 || event->b > on.last ? event->b : on.last;
        on.count++;
    }
    return on;
}

static void conclusions_add_barrier(const struct past *past, struct text *text)
{
    size_t released = past_find(past, EVENT_RELEASED), first = past_find(past, EVENT_ARRIVED);
    if (released == NEVER || first == NEVER || first > released)
        return;
    int64_t round = past->events[released]->a, last = past->events[first]->worker;
    for (size_t i = first; i < released; i++)
        if (past->events[i]->kind == EVENT_ARRIVED)
            last = past->events[i]->worker;
    struct departures met = conclusions_went_on(past, round, true);
    struct departures others = conclusions_went_on(past, round, false);
    if (met.count < 2)
        return;
    text_print(text,
               "%s waited %s at the barrier for %s, the last to come; then all %" PRId64
               " went on within %s of each other.",
               conclusions_name(past, past->events[first]->worker),
               conclusions_time(past->events[released]->time - past->events[first]->time),
               conclusions_name(past, last), met.count, conclusions_time(met.last - met.first));
    if (others.count > 1)
        text_print(text, " The %" PRId64 " without it went on %s apart, as they were started.",
                   others.count, conclusions_time(others.last - others.first));
    text_add_string(text, "\n");
}

// What forking cost, and what the work was.
struct effort {
    int64_t forking, cpu, heard,
        done; // `heard`: until the first word; `done`: until the last result
    int64_t tasks, forks;
};

static void conclusions_count_call(const struct past *past, size_t i, struct effort *effort)
{
    const struct event *event = past->events[i];
    if (event->call != CALL_FORK || event->error)
        return;
    effort->forks++;
    effort->forking += i > 0 ? event->time - past->events[i - 1]->time : 0;
}

static struct effort conclusions_measure(const struct past *past)
{
    struct effort effort = {0};
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        int64_t since = event->time - past->origin;
        if (event->kind == EVENT_CALL) {
            conclusions_count_call(past, i, &effort);
        } else if (event->kind == EVENT_HELLO && effort.heard == 0) {
            effort.heard = since;
        } else if (event->kind == EVENT_RESULTS) {
            effort.done = since;
            effort.tasks += event->b;
        } else if (event->kind == EVENT_DIED) {
            effort.cpu += event->c;
        }
    }
    return effort;
}

static void conclusions_add_effort(const struct effort *effort, struct text *text)
{
    text_print(text,
               "To fork %" PRId64 " worker%s took %s, and %s had passed until the first of them "
               "spoke; %" PRId64 " task%s %s done %s later. ",
               effort->forks, effort->forks == 1 ? "" : "s", conclusions_time(effort->forking),
               conclusions_time(effort->heard), effort->tasks, effort->tasks == 1 ? "" : "s",
               effort->tasks == 1 ? "was" : "were", conclusions_time(effort->done - effort->heard));
}

// Whether the workers computed or slept, by their CPU time.
static void conclusions_add_busy(const struct past *past, int64_t cpu, int64_t wall,
                                 struct text *text)
{
    double busy = (double)cpu / (double)wall;
    if (busy < LEAST_SHARE)
        text_print(text,
                   "Meanwhile the workers slept: they got %s of CPU in %s. A worker that sleeps "
                   "needs no core, so more workers than cores still help.\n",
                   conclusions_time(cpu), conclusions_time(wall));
    else
        text_print(text, "The workers kept %.1f of %" PRId64 " core%s busy.\n", busy,
                   past->job->cores, past->job->cores == 1 ? "" : "s");
}

static void conclusions_add_pool(const struct past *past, struct text *text)
{
    struct effort effort = conclusions_measure(past);
    int64_t wall = past->done_at - past->origin;
    if (!conclusions_has(past, EVENT_DEALT) || effort.tasks == 0 || effort.forks == 0 || wall <= 0)
        return;
    conclusions_add_effort(&effort, text);
    if (effort.done - effort.heard < effort.heard)
        text_add_string(text, "For so little work, starting workers costs more than they save.\n");
    else
        conclusions_add_busy(past, effort.cpu, wall, text);
}

// How many tasks of a chunk a worker gave back before index `end`.
static int64_t conclusions_done_of(const struct past *past, const struct event *chunk, size_t end)
{
    int64_t done = 0;
    for (size_t i = 0; i < end; i++) {
        const struct event *event = past->events[i];
        if (event->kind == EVENT_RESULTS && event->worker == chunk->worker &&
            event->a >= chunk->a && event->a < chunk->a + chunk->b)
            done += event->b;
    }
    return done;
}

// Finds the first task that the dead worker of event `at` had in hand; -1 when there is none.
static int64_t conclusions_in_hand(const struct past *past, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_DEALT || event->worker != past->events[at]->worker)
            continue;
        int64_t done = conclusions_done_of(past, event, at);
        if (done < event->b)
            return event->a + done;
    }
    return -1;
}

// Returns the worker that got a task after event `at`; -1 for none.
static int64_t conclusions_next_owner(const struct past *past, size_t at, int64_t task)
{
    for (size_t i = at; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind == EVENT_DEALT && task >= event->a && task < event->a + event->b)
            return event->worker;
    }
    return -1;
}

// A task that is run again: once.
static void conclusions_add_again(const struct past *past, struct text *text)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_DIED || (event->b == 0 && event->a == 0))
            continue;
        int64_t task = conclusions_in_hand(past, i);
        int64_t next = task < 0 ? -1 : conclusions_next_owner(past, i, task);
        if (task < 0)
            continue;
        text_print(text, "%s died with task %" PRId64 " in hand, and what it had not given back: ",
                   conclusions_name(past, event->worker), task);
        if (next >= 0)
            text_print(text,
                       "%s ran it again. That is right only for tasks that may run twice: the "
                       "dead worker may have done all of it and not reported it.\n",
                       conclusions_name(past, next));
        else
            text_add_string(text, "no other worker got it.\n");
        return;
    }
}

// When workers lived.
struct lives {
    size_t count, most; // most at a time
    int64_t sum, begin, end;
};

static size_t conclusions_alive_at(const struct past *past, int64_t time)
{
    size_t alive = 0;
    for (size_t i = 0; i < past->lane_count; i++) {
        const struct model_worker *worker = past->lanes[i].worker;
        alive += worker->began <= time && (worker->ended == 0 || worker->ended > time);
    }
    return alive;
}

static struct lives conclusions_lives(const struct past *past)
{
    struct lives lives = {0};
    for (size_t i = 0; i < past->lane_count; i++) {
        const struct model_worker *worker = past->lanes[i].worker;
        if (worker->began == 0 || worker->ended == 0)
            continue;
        size_t alive = conclusions_alive_at(past, worker->began);
        lives.most = alive > lives.most ? alive : lives.most;
        lives.sum += worker->ended - worker->began;
        lives.begin = lives.count == 0 ? worker->began : lives.begin;
        lives.end = worker->ended > lives.end ? worker->ended : lives.end;
        lives.count++;
    }
    return lives;
}

// Many lanes would take long to compare with each other.
enum { LIVES_MOST = 2000 };

static void conclusions_add_order(const struct past *past, struct text *text)
{
    if (past->lane_count < 2 || past->lane_count > LIVES_MOST ||
        conclusions_has(past, EVENT_DEALT) || conclusions_has(past, EVENT_OBJECT) ||
        conclusions_has(past, EVENT_MAIN_ENDED))
        return;
    struct lives lives = conclusions_lives(past);
    if (lives.count < 2)
        return;
    if (lives.most == 1)
        text_print(text,
                   "%zu workers, one after another: each was forked after the end of the one "
                   "before, so their lives (%s in all) fill %s one by one. With --together they "
                   "overlap.\n",
                   lives.count, conclusions_time(lives.sum),
                   conclusions_time(lives.end - lives.begin));
    else
        text_print(text,
                   "Up to %zu of %zu workers lived at the same time: lives of %s in all took %s.\n",
                   lives.most, lives.count, conclusions_time(lives.sum),
                   conclusions_time(lives.end - lives.begin));
}

static bool conclusions_is_default_name(const char *name)
{
    return strncmp(name, "Process-", 8) == 0;
}

// A name is nothing to the kernel. Told where some have one of their own, and others not.
static void conclusions_add_names(const struct past *past, struct text *text)
{
    const struct model_worker *named = NULL, *other = NULL;
    for (size_t i = 0; i < past->lane_count; i++) {
        const struct model_worker *worker = past->lanes[i].worker;
        if (conclusions_is_default_name(worker->name))
            other = other ? other : worker;
        else
            named = named ? named : worker;
    }
    if (named && other)
        text_print(text,
                   "The name %s is forklab's own: to the kernel it is process %" PRId64
                   ", and the default name %s only counts workers, it is process %" PRId64 ".\n",
                   conclusions_name(past, named->number), named->pid,
                   conclusions_name(past, other->number), other->pid);
}

// The main program that joins what is no daemon.
static void conclusions_add_joined(const struct past *past, struct text *text)
{
    size_t ended = past_find(past, EVENT_MAIN_ENDED);
    for (size_t i = 0; ended != NEVER && i < past->lane_count; i++) {
        const struct model_worker *worker = past->lanes[i].worker;
        if (worker->daemon || worker->ended <= past->events[ended]->time)
            continue;
        text_print(text,
                   "%s is no daemon: the main program had ended, and waited %s until it was "
                   "joined.\n",
                   conclusions_name(past, worker->number),
                   conclusions_time(worker->ended - past->events[ended]->time));
        return;
    }
}

static void conclusions_add_garbage(const struct past *past, struct text *text)
{
    size_t garbage = past_find(past, EVENT_GARBAGE), spoilt = past_find(past, EVENT_SPOILT);
    if (spoilt != NEVER)
        text_add_string(
            text, "Garbage came through a pipe that several workers share: which of them sent "
                  "it, or another program, can't be told. Nothing behind it can be told from a "
                  "message, so forklab stopped listening and ended them.\n");
    if (garbage == NEVER)
        return;
    text_print(text,
               "%s sent garbage: nothing behind it in that pipe can be told from a message any "
               "more, so forklab stopped listening and ended it.\n",
               conclusions_name(past, past->events[garbage]->worker));
}

void conclusions_add(const struct past *past, struct text *text)
{
    if (!past->job->done)
        return;
    conclusions_add_barrier(past, text);
    conclusions_add_pool(past, text);
    conclusions_add_again(past, text);
    conclusions_add_names(past, text);
    conclusions_add_order(past, text);
    conclusions_add_joined(past, text);
    conclusions_add_garbage(past, text);
}
