// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/lessons.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "base/signal.h"
#include "sync/lock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

// What is shorter says more about forking than about sharing a processor.
#define SHORTEST_SHARING (50 * NS_PER_MS)

// Who gets less CPU than this part of the time did not want more: it waited or slept.
#define LEAST_SHARE 0.05

static void lessons_add(struct lessons *lessons, size_t event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void lessons_add(struct lessons *lessons, size_t event, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&text, format, arguments);
    va_end(arguments);
    lessons->all = must_realloc(lessons->all, lessons->count + 1, sizeof *lessons->all);
    size_t place = lessons->count++;
    for (; place > 0 && lessons->all[place - 1].event > event; place--)
        lessons->all[place] = lessons->all[place - 1];
    lessons->all[place] = (struct lesson){event, must_strdup(text_string(&text))};
    text_free(&text);
}

// Writes the time between two events.
static const char *lessons_between(const struct story *story, size_t from, size_t to)
{
    static char texts[2][32];
    static unsigned turn;
    char *text = texts[turn++ % 2];
    number_format_time(story->events[to]->time - story->events[from]->time, text, sizeof texts[0]);
    return text;
}

// When the worker that `event` is about died, or NEVER.
static size_t lessons_death_of(const struct story *story, const struct event *event)
{
    return event->worker == NO_WORKER ? NEVER : story->people[event->worker].died;
}

static bool lessons_is_sent(const struct event *event, int64_t number)
{
    return event->kind == EVENT_SIGNALLED && event->a == number && event->b == 0;
}

// Finds when `worker` was asked about and still lived, from index `from` to `end`; `end` if never.
static size_t lessons_find_alive(const struct story *story, size_t from, size_t end,
                                 uint32_t worker)
{
    for (size_t i = from; i < end; i++) {
        const struct event *event = story->events[i];
        if (event->kind == EVENT_CALL && event->call == CALL_LOOK && event->worker == worker &&
            event->b == 0 && event->error == 0)
            return i;
    }
    return end;
}

// A signal is only sent: the death comes later.
static void lessons_find_only_sent(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        size_t death = lessons_death_of(story, event);
        if (event->kind != EVENT_SIGNALLED || event->b != 0 || death == NEVER || death < i ||
            story->events[death]->b != event->a)
            continue;
        size_t alive = lessons_find_alive(story, i, death, event->worker);
        if (alive < death)
            lessons_add(
                lessons, alive,
                "%s was still alive after %s: a signal is only sent, and acts later. The kernel "
                "reported the death %s after the kill.",
                story_name(story, event->worker), signal_name((int)event->a),
                lessons_between(story, i, death));
        else
            lessons_add(lessons, death,
                        "%s was only sent: the kernel reported the death of %s %s after the kill.",
                        signal_name((int)event->a), story_name(story, event->worker),
                        lessons_between(story, i, death));
        return;
    }
}

// Nobody was left to get the signal, so the exit code is the worker's own.
static void lessons_find_too_late(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_SIGNALLED || event->b != ESRCH)
            continue;
        size_t death = lessons_death_of(story, event);
        if (death > i || story->events[death]->a < 0)
            continue;
        lessons_add(
            lessons, i,
            "Exit code %d, not -%d: %s had finished %s before the %s, so the code is its own.",
            (int)story->events[death]->a, (int)event->a, story_name(story, event->worker),
            lessons_between(story, death, i), signal_name((int)event->a));
        return;
    }
}

// The signal came, and the worker exited all the same: it caught it, or was on its way out.
static void lessons_find_caught(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!lessons_is_sent(event, SIGTERM))
            continue;
        size_t death = lessons_death_of(story, event);
        if (death == NEVER || story->events[death]->b != 0)
            continue;
        bool leaving = story->people[event->worker].done < i;
        lessons_add(
            lessons, death,
            leaving
                ? "%s exited with %d in spite of %s: it had done its work and was on its way out."
                : "%s exited with %d in spite of %s: who catches a signal, or ignores it, "
                  "chooses its own exit code.",
            story_name(story, event->worker), (int)story->events[death]->a,
            signal_name((int)event->a));
        return;
    }
}

// Who is a daemon ends with its main program, wherever it is.
static void lessons_find_daemon(const struct story *story, struct lessons *lessons)
{
    size_t ended = story_find(story, EVENT_MAIN_ENDED);
    for (size_t i = ended; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_DIED || event->b == 0)
            continue;
        const struct person *person = &story->people[event->worker];
        if (!person->daemon || person->done != NEVER)
            continue;
        lessons_add(
            lessons, i,
            "%s never printed its last line: it is a daemon, and its main program had ended %s "
            "before. A daemon is terminated then, wherever it is.",
            story_name(story, event->worker), lessons_between(story, ended, i));
        return;
    }
}

// Where the most workers were at work at a time, and how many.
struct crowd {
    size_t now, most;
    int64_t cpu;
    size_t first, last; // indices of the first hello and the last death
};

static struct crowd lessons_count_crowd(const struct story *story)
{
    struct crowd crowd = {.first = story->count};
    bool *busy = must_calloc(story->people_count + 1, sizeof *busy);
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->worker == NO_WORKER)
            continue;
        bool *is_busy = &busy[event->worker];
        if (event->kind == EVENT_HELLO && !*is_busy) {
            *is_busy = true;
            crowd.first = crowd.first < i ? crowd.first : i;
            crowd.most = ++crowd.now > crowd.most ? crowd.now : crowd.most;
        }
        if ((event->kind == EVENT_WORK_DONE || event->kind == EVENT_DIED) && *is_busy) {
            *is_busy = false;
            crowd.now--;
        }
        if (event->kind == EVENT_DIED) {
            crowd.cpu += event->c;
            crowd.last = i;
        }
    }
    free(busy);
    return crowd;
}

// More workers than cores take turns. Told only when they were computing, not waiting.
static void lessons_find_sharing(const struct story *story, struct lessons *lessons)
{
    struct crowd crowd = lessons_count_crowd(story);
    if (story->cores <= 0 || crowd.most <= (size_t)story->cores || crowd.last <= crowd.first)
        return;
    int64_t wall = story->events[crowd.last]->time - story->events[crowd.first]->time;
    double used = (double)crowd.cpu / (double)wall;
    if (wall < SHORTEST_SHARING || used < LEAST_SHARE * (double)crowd.most)
        return;
    char cpu[32];
    number_format_time(crowd.cpu, cpu, sizeof cpu);
    lessons_add(
        lessons, crowd.last,
        "%zu workers were at work at a time, on %d core%s: in %s they got %s of CPU, %.1f times "
        "as much and not %zu times. More workers than cores only take turns.",
        crowd.most, (int)story->cores, story->cores == 1 ? "" : "s",
        lessons_between(story, crowd.first, crowd.last), cpu, used, crowd.most);
}

// A zombie stays after its job's end, or until now; who is reaped at once never was one for long.
static void lessons_find_zombie(const struct story *story, struct lessons *lessons)
{
    size_t over = story_find(story, EVENT_JOB_DONE);
    for (size_t i = 0; i < story->count; i++) {
        if (story->events[i]->kind != EVENT_DIED)
            continue;
        size_t reaped = story->people[story->events[i]->worker].reaped;
        if (reaped != NEVER && reaped < over)
            continue;
        const char *name = story_name(story, story->events[i]->worker);
        if (reaped != NEVER)
            lessons_add(
                lessons, i,
                "%s was a zombie for %s: dead, so that no signal can kill it. Only its parent's "
                "waitid() takes it away.",
                name, lessons_between(story, i, reaped));
        else
            lessons_add(
                lessons, i,
                "%s is a zombie: dead, so that no signal can kill it. Only its parent's waitid() "
                "takes it away.",
                name);
        return;
    }
}

static bool lessons_is_crash(int64_t number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE ||
           number == SIGABRT;
}

// Whether forklab itself sent the signal that this death is from.
static bool lessons_was_sent(const struct story *story, const struct event *death)
{
    for (size_t i = 0; story->events[i] != death; i++)
        if (lessons_is_sent(story->events[i], death->b) &&
            story->events[i]->worker == death->worker)
            return true;
    return false;
}

// A crash is a signal of the kernel's, not an exit.
static void lessons_find_crash(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_DIED || !lessons_is_crash(event->b) ||
            lessons_was_sent(story, event))
            continue;
        lessons_add(lessons, i,
                    "%s did not exit: it crashed, and the kernel ended it with %s. forklab sent no "
                    "such signal; there is no exit code, and -%d only stands for the signal.",
                    story_name(story, event->worker), signal_name((int)event->b), (int)event->b);
        return;
    }
}

static bool lessons_is_said(const struct event *event)
{
    return event->kind == EVENT_HELLO || event->kind == EVENT_CLAIMED ||
           event->kind == EVENT_ARRIVED || event->kind == EVENT_OUTPUT ||
           event->kind == EVENT_RESULTS || event->kind == EVENT_WORK_DONE;
}

// What a worker wrote before it died is read after its death.
static void lessons_find_last_words(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!lessons_is_said(event) || lessons_death_of(story, event) > i)
            continue;
        lessons_add(
            lessons, i,
            "%s speaks after its death: it wrote this before, and what is in a pipe stays there "
            "until it is read.",
            story_name(story, event->worker));
        return;
    }
}

static void lessons_find_stopped(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_STOPPED);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s is stopped, and alive: it keeps its pid, its memory and its pipes, and gets no "
            "CPU until SIGCONT.",
            story_name(story, story->events[i]->worker));
}

static void lessons_find_closed_pipe(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_PIPE_CLOSED);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s closed its pipe and lived on: the end of a pipe says nothing about life. Only "
            "waitid() does.",
            story_name(story, story->events[i]->worker));
}

static void lessons_find_orphan(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_ORPHAN);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s is dead, but its pipe did not end: a process that it left behind still held it. "
            "The end of a pipe comes when the last who holds it lets go.",
            story_name(story, story->events[i]->worker));
}

static void lessons_find_torn(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_TORN);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s died in the middle of a message: what it said before is whole, the torn rest "
            "must not be believed.",
            story_name(story, story->events[i]->worker));
}

static bool lessons_died_before(const struct story *story, int64_t worker, size_t end)
{
    return (uint64_t)worker < story->people_count && story->people[worker].died < end;
}

// Whether it was ever forked, as far as the log reaches back.
static bool lessons_was_forked(const struct story *story, int64_t worker, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (story->events[i]->kind == EVENT_FORKED && story->events[i]->worker == worker)
            return true;
    return !story->is_whole;
}

// Whether it had arrived for a round that was not released.
static bool lessons_was_there(const struct story *story, int64_t worker, size_t end)
{
    bool there = false;
    for (size_t i = 0; i < end; i++) {
        const struct event *event = story->events[i];
        if (event->kind == EVENT_ARRIVED && event->worker == worker)
            there = true;
        else if (event->kind == EVENT_RELEASED)
            there = false;
    }
    return there;
}

static void lessons_add_broken(const struct story *story, size_t at, struct text *text)
{
    int64_t worker = story->events[at]->a;
    const char *end = lessons_died_before(story, worker, at) ? "died" : "fell silent";
    text_add_string(text, "The barrier broke because ");
    if (lessons_was_there(story, worker, at)) {
        text_print(
            text,
            "%s %s while it waited there. It had arrived, but all go on together or nobody "
            "does: a barrier that only counts arrivals would let the others go on without it.",
            story_name(story, worker), end);
        return;
    }
    if (lessons_was_forked(story, worker, at))
        text_print(text, "%s %s", story_name(story, worker), end);
    else
        text_print(text, "party %" PRId64 " could not be started", worker + 1);
    text_add_string(text, ": it waits for all, and that one would never arrive. Unbroken, it would "
                          "keep the others for ever.");
}

static void lessons_find_broken(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_BROKEN || event->a < 0)
            continue;
        struct text why = {0};
        lessons_add_broken(story, i, &why);
        lessons_add(lessons, i, "%s", text_string(&why));
        text_free(&why);
        return;
    }
}

static void lessons_find_inherited_lock(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_LOCKED || event->a == LOCK_NOBODY)
            continue;
        lessons_add(
            lessons, i,
            "%s died while it held the lock. It is a robust mutex, so the kernel handed it on to "
            "%s and said so; any other lock would be lost for ever.",
            event->a >= 0 ? story_name(story, event->a) : "Somebody",
            story_name(story, event->worker));
        return;
    }
}

// SIGTERM was ignored; SIGKILL can't be.
static void lessons_find_kill(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!lessons_is_sent(event, SIGTERM))
            continue;
        size_t death = lessons_death_of(story, event), killed = i;
        if (death == NEVER || story->events[death]->b != SIGKILL)
            continue;
        while (killed < death && (!lessons_is_sent(story->events[killed], SIGKILL) ||
                                  story->events[killed]->worker != event->worker))
            killed++;
        if (killed >= death)
            continue;
        lessons_add(
            lessons, death,
            "%s outlived SIGTERM by %s: a process may catch or ignore that one. SIGKILL it can't: "
            "it is ended without being asked.",
            story_name(story, event->worker), lessons_between(story, i, killed));
        return;
    }
}

struct lessons lessons_find(const struct story *story)
{
    static void (*const finders[])(const struct story *, struct lessons *) = {
        lessons_find_only_sent, lessons_find_too_late,       lessons_find_caught,
        lessons_find_daemon,    lessons_find_sharing,        lessons_find_zombie,
        lessons_find_crash,     lessons_find_kill,           lessons_find_torn,
        lessons_find_stopped,   lessons_find_broken,         lessons_find_closed_pipe,
        lessons_find_orphan,    lessons_find_inherited_lock, lessons_find_last_words};
    struct lessons lessons = {0};
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++)
        finders[i](story, &lessons);
    return lessons;
}

void lessons_free(struct lessons *lessons)
{
    for (size_t i = 0; i < lessons->count; i++)
        free(lessons->all[i].text);
    free(lessons->all);
    *lessons = (struct lessons){0};
}
