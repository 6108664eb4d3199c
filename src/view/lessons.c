// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/lessons.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/number.h"
#include "base/signame.h"
#include "process/lock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

// What is shorter says more about forking than about sharing a processor.
#define SHORTEST_SHARING (50 * NS_PER_MS)

// Who gets less CPU than this part of the time did not want more: it waited or slept.
#define LEAST_SHARE 0.05

static void add(struct lessons *lessons, size_t event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct lessons *lessons, size_t event, const char *format, ...)
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
static const char *between(const struct story *story, size_t from, size_t to)
{
    static char texts[2][32];
    static unsigned turn;
    char *text = texts[turn++ % 2];
    number_format_time(story->events[to]->time - story->events[from]->time, text, sizeof texts[0]);
    return text;
}

// When the worker that `event` is about died, or NEVER.
static size_t death_of(const struct story *story, const struct event *event)
{
    return event->worker == NO_WORKER ? NEVER : story->people[event->worker].died;
}

static bool is_sent(const struct event *event, int64_t number)
{
    return event->kind == EVENT_SIGNALLED && event->a == number && event->b == 0;
}

// Finds when `worker` was asked about and still lived, from index `from` to `end`; `end` if never.
static size_t find_alive(const struct story *story, size_t from, size_t end, uint32_t worker)
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
static void find_only_sent(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        size_t death = death_of(story, event);
        if (event->kind != EVENT_SIGNALLED || event->b != 0 || death == NEVER || death < i ||
            story->events[death]->b != event->a)
            continue;
        size_t alive = find_alive(story, i, death, event->worker);
        if (alive < death)
            add(lessons, alive,
                "%s was still alive after %s: a signal is only sent, and acts later. The kernel "
                "reported the death %s after the kill.",
                story_name(story, event->worker), signal_name((int)event->a),
                between(story, i, death));
        else
            add(lessons, death,
                "%s was only sent: the kernel reported the death of %s %s after the kill.",
                signal_name((int)event->a), story_name(story, event->worker),
                between(story, i, death));
        return;
    }
}

// Nobody was left to get the signal, so the exit code is the worker's own.
static void find_too_late(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_SIGNALLED || event->b != ESRCH)
            continue;
        size_t death = death_of(story, event);
        if (death > i || story->events[death]->a < 0)
            continue;
        add(lessons, i,
            "Exit code %d, not -%d: %s had finished %s before the %s, so the code is its own.",
            (int)story->events[death]->a, (int)event->a, story_name(story, event->worker),
            between(story, death, i), signal_name((int)event->a));
        return;
    }
}

// The signal came, and the worker exited all the same: it caught it, or was on its way out.
static void find_caught(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!is_sent(event, SIGTERM))
            continue;
        size_t death = death_of(story, event);
        if (death == NEVER || story->events[death]->b != 0)
            continue;
        bool leaving = story->people[event->worker].done < i;
        add(lessons, death,
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
static void find_daemon(const struct story *story, struct lessons *lessons)
{
    size_t ended = story_find(story, EVENT_MAIN_ENDED);
    for (size_t i = ended; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_DIED || event->b == 0)
            continue;
        const struct person *person = &story->people[event->worker];
        if (!person->daemon || person->done != NEVER)
            continue;
        add(lessons, i,
            "%s never printed its last line: it is a daemon, and its main program had ended %s "
            "before. A daemon is terminated then, wherever it is.",
            story_name(story, event->worker), between(story, ended, i));
        return;
    }
}

// Where the most workers were at work at a time, and how many.
struct crowd {
    size_t now, most;
    int64_t cpu;
    size_t first, last; // indices of the first hello and the last death
};

static struct crowd count_crowd(const struct story *story)
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
static void find_sharing(const struct story *story, struct lessons *lessons)
{
    struct crowd crowd = count_crowd(story);
    if (story->cores <= 0 || crowd.most <= (size_t)story->cores || crowd.last <= crowd.first)
        return;
    int64_t wall = story->events[crowd.last]->time - story->events[crowd.first]->time;
    double used = (double)crowd.cpu / (double)wall;
    if (wall < SHORTEST_SHARING || used < LEAST_SHARE * (double)crowd.most)
        return;
    char cpu[32];
    number_format_time(crowd.cpu, cpu, sizeof cpu);
    add(lessons, crowd.last,
        "%zu workers were at work at a time, on %d core%s: in %s they got %s of CPU, %.1f times "
        "as much and not %zu times. More workers than cores only take turns.",
        crowd.most, (int)story->cores, story->cores == 1 ? "" : "s",
        between(story, crowd.first, crowd.last), cpu, used, crowd.most);
}

// A zombie stays after its job's end, or until now; who is reaped at once never was one for long.
static void find_zombie(const struct story *story, struct lessons *lessons)
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
            add(lessons, i,
                "%s was a zombie for %s: dead, so that no signal can kill it. Only its parent's "
                "waitid() takes it away.",
                name, between(story, i, reaped));
        else
            add(lessons, i,
                "%s is a zombie: dead, so that no signal can kill it. Only its parent's waitid() "
                "takes it away.",
                name);
        return;
    }
}

static bool is_crash(int64_t number)
{
    return number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE ||
           number == SIGABRT;
}

// Whether forklab itself sent the signal that this death is from.
static bool was_sent(const struct story *story, const struct event *death)
{
    for (size_t i = 0; story->events[i] != death; i++)
        if (is_sent(story->events[i], death->b) && story->events[i]->worker == death->worker)
            return true;
    return false;
}

// A crash is a signal of the kernel's, not an exit.
static void find_crash(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_DIED || !is_crash(event->b) || was_sent(story, event))
            continue;
        add(lessons, i,
            "%s did not exit: it crashed, and the kernel ended it with %s. forklab sent no "
            "such signal; there is no exit code, and -%d only stands for the signal.",
            story_name(story, event->worker), signal_name((int)event->b), (int)event->b);
        return;
    }
}

static bool is_said(const struct event *event)
{
    return event->kind == EVENT_HELLO || event->kind == EVENT_CLAIMED ||
           event->kind == EVENT_ARRIVED || event->kind == EVENT_OUTPUT ||
           event->kind == EVENT_RESULTS || event->kind == EVENT_WORK_DONE;
}

// What a worker wrote before it died is read after its death.
static void find_last_words(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!is_said(event) || death_of(story, event) > i)
            continue;
        add(lessons, i,
            "%s speaks after its death: it wrote this before, and what is in a pipe stays there "
            "until it is read.",
            story_name(story, event->worker));
        return;
    }
}

static void find_stopped(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_STOPPED);
    if (i != NEVER)
        add(lessons, i,
            "%s is stopped, and alive: it keeps its pid, its memory and its pipes, and gets no "
            "CPU until SIGCONT.",
            story_name(story, story->events[i]->worker));
}

static void find_closed_pipe(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_PIPE_CLOSED);
    if (i != NEVER)
        add(lessons, i,
            "%s closed its pipe and lived on: the end of a pipe says nothing about life. Only "
            "waitid() does.",
            story_name(story, story->events[i]->worker));
}

static void find_orphan(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_ORPHAN);
    if (i != NEVER)
        add(lessons, i,
            "%s is dead, but its pipe did not end: a process that it left behind still held it. "
            "The end of a pipe comes when the last who holds it lets go.",
            story_name(story, story->events[i]->worker));
}

static void find_torn(const struct story *story, struct lessons *lessons)
{
    size_t i = story_find(story, EVENT_TORN);
    if (i != NEVER)
        add(lessons, i,
            "%s died in the middle of a message: what it said before is whole, the torn rest "
            "must not be believed.",
            story_name(story, story->events[i]->worker));
}

static void find_broken(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_BROKEN || event->a < 0)
            continue;
        struct text why = {0};
        lessons_say_broken(story, i, &why);
        add(lessons, i, "%s", text_string(&why));
        text_free(&why);
        return;
    }
}

static void find_inherited_lock(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (event->kind != EVENT_LOCKED || event->a == LOCK_NOBODY)
            continue;
        add(lessons, i,
            "%s died while it held the lock. It is a robust mutex, so the kernel handed it on to "
            "%s and said so; any other lock would be lost for ever.",
            event->a >= 0 ? story_name(story, event->a) : "Somebody",
            story_name(story, event->worker));
        return;
    }
}

// SIGTERM was ignored; SIGKILL can't be.
static void find_kill(const struct story *story, struct lessons *lessons)
{
    for (size_t i = 0; i < story->count; i++) {
        const struct event *event = story->events[i];
        if (!is_sent(event, SIGTERM))
            continue;
        size_t death = death_of(story, event), killed = i;
        if (death == NEVER || story->events[death]->b != SIGKILL)
            continue;
        while (killed < death && (!is_sent(story->events[killed], SIGKILL) ||
                                  story->events[killed]->worker != event->worker))
            killed++;
        if (killed >= death)
            continue;
        add(lessons, death,
            "%s outlived SIGTERM by %s: a process may catch or ignore that one. SIGKILL it can't: "
            "it is ended without being asked.",
            story_name(story, event->worker), between(story, i, killed));
        return;
    }
}

struct lessons lessons_find(const struct story *story)
{
    static void (*const finders[])(const struct story *, struct lessons *) = {
        find_only_sent, find_too_late,    find_caught, find_daemon,         find_sharing,
        find_zombie,    find_crash,       find_kill,   find_torn,           find_stopped,
        find_broken,    find_closed_pipe, find_orphan, find_inherited_lock, find_last_words};
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
