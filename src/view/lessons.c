// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/lessons.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "base/signal.h"
#include "log/describe.h"
#include "log/schema.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

// What is shorter says more about forking than about sharing a processor.
#define SHORTEST_SHARING (50 * NS_PER_MS)

// Below this share of CPU time a worker was blocked, not competing for a core.
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
static const char *lessons_between(const struct past *past, size_t from, size_t to)
{
    static char texts[2][32];
    static unsigned turn;
    char *text = texts[turn++ % 2];
    number_format_time(past->events[to]->time - past->events[from]->time, text, sizeof texts[0]);
    return text;
}

// When the worker that `event` is about died, or NEVER.
static size_t lessons_death_of(const struct past *past, const struct event *event)
{
    return event->worker == NO_WORKER ? NEVER : past_lane(past, event->worker)->died;
}

static bool lessons_is_sent(const struct event *event, int64_t number)
{
    return event->kind == EVENT_SIGNALLED && event->a == number && event->b == 0;
}

// Finds when `worker` was asked about and still lived, from index `from` to `end`; `end` if never.
static size_t lessons_find_alive(const struct past *past, size_t from, size_t end, uint32_t worker)
{
    for (size_t i = from; i < end; i++) {
        const struct event *event = past->events[i];
        if (event->kind == EVENT_CALL && event->call == CALL_LOOK && event->worker == worker &&
            event->b == 0 && event->error == 0)
            return i;
    }
    return end;
}

// A signal is only sent: the death comes later.
static void lessons_find_only_sent(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        size_t death = lessons_death_of(past, event);
        if (event->kind != EVENT_SIGNALLED || event->b != 0 || death == NEVER || death < i ||
            past->events[death]->b != event->a)
            continue;
        size_t alive = lessons_find_alive(past, i, death, event->worker);
        if (alive < death)
            lessons_add(
                lessons, alive,
                "%s was still alive after %s: a signal is only sent, and acts later. The kernel "
                "reported the death %s after the kill.",
                describe_worker(past->job, event->worker), signal_name((int)event->a),
                lessons_between(past, i, death));
        else
            lessons_add(lessons, death,
                        "%s was only sent: the kernel reported the death of %s %s after the kill.",
                        signal_name((int)event->a), describe_worker(past->job, event->worker),
                        lessons_between(past, i, death));
        return;
    }
}

// The worker had ended before the signal was sent, so the exit code is its own.
static void lessons_find_too_late(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_SIGNALLED || event->b != ESRCH)
            continue;
        size_t death = lessons_death_of(past, event);
        if (death > i || past->events[death]->a < 0)
            continue;
        lessons_add(
            lessons, i,
            "Exit code %d, not -%d: %s had finished %s before the %s, so the code is its own.",
            (int)past->events[death]->a, (int)event->a, describe_worker(past->job, event->worker),
            lessons_between(past, death, i), signal_name((int)event->a));
        return;
    }
}

// The signal came, and the worker exited all the same: it caught it, or was on its way out.
static void lessons_find_caught(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (!lessons_is_sent(event, SIGTERM))
            continue;
        size_t death = lessons_death_of(past, event);
        if (death == NEVER || past->events[death]->b != 0)
            continue;
        bool leaving = past_lane(past, event->worker)->done < i;
        lessons_add(
            lessons, death,
            leaving
                ? "%s exited with %d in spite of %s: it had done its work and was on its way out."
                : "%s exited with %d in spite of %s: a process that catches or ignores a signal "
                  "chooses its own exit code.",
            describe_worker(past->job, event->worker), (int)past->events[death]->a,
            signal_name((int)event->a));
        return;
    }
}

// A daemon ends with its main program, wherever it is.
static void lessons_find_daemon(const struct past *past, struct lessons *lessons)
{
    size_t ended = past_find(past, EVENT_MAIN_ENDED);
    for (size_t i = ended; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_DIED || event->b == 0)
            continue;
        const struct lane *lane = past_lane(past, event->worker);
        if (!lane->worker->daemon || lane->done != NEVER)
            continue;
        lessons_add(
            lessons, i,
            "%s never printed its last line: it is a daemon, and its main program had ended %s "
            "before. A daemon is terminated then, wherever it is.",
            describe_worker(past->job, event->worker), lessons_between(past, ended, i));
        return;
    }
}

// Where the most workers were at work at a time, and how many.
struct crowd {
    size_t now, most;
    int64_t cpu;
    size_t first, last; // indices of the first hello and the last death
};

// Tells whether a worker wants a core from this event on: 1, no more: -1, or 0 for all other
// events.
static int lessons_wish(const struct event *event)
{
    static const signed char wishes[] = {
        [EFFECT_GREET] = 1, [EFFECT_GO_ON] = 1, [EFFECT_HOLD] = 1,    [EFFECT_SIGN] = 1,
        [EFFECT_WAIT] = -1, [EFFECT_MEET] = -1, [EFFECT_FINISH] = -1, [EFFECT_DIE] = -1,
    };
    size_t effect = schema_of(event->kind)->effect;
    if (effect == EFFECT_CLAIM)
        return event->object != NO_OBJECT ? -1 : 0;
    return effect < sizeof wishes ? wishes[effect] : 0;
}

// Counts a worker in or out.
static void lessons_count(struct crowd *crowd, bool *is_busy, int wish, size_t at)
{
    if (wish > 0 && !*is_busy) {
        crowd->first = crowd->first < at ? crowd->first : at;
        crowd->most = ++crowd->now > crowd->most ? crowd->now : crowd->most;
    }
    crowd->now -= wish < 0 && *is_busy;
    *is_busy = wish > 0 || (wish == 0 && *is_busy);
}

static struct crowd lessons_count_crowd(const struct past *past)
{
    struct crowd crowd = {.first = past->event_count};
    bool *busy = must_calloc(past->job->count + 1, sizeof *busy);
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->worker == NO_WORKER)
            continue;
        lessons_count(&crowd, &busy[event->worker], lessons_wish(event), i);
        if (event->kind == EVENT_DIED) {
            crowd.cpu += event->c;
            crowd.last = i;
        }
    }
    free(busy);
    return crowd;
}

// More workers than cores take turns. Told only when they were computing, not waiting.
static void lessons_find_sharing(const struct past *past, struct lessons *lessons)
{
    struct crowd crowd = lessons_count_crowd(past);
    if (past->job->cores <= 0 || crowd.most <= (size_t)past->job->cores ||
        crowd.last <= crowd.first)
        return;
    int64_t wall = past->events[crowd.last]->time - past->events[crowd.first]->time;
    double used = (double)crowd.cpu / (double)wall;
    if (wall < SHORTEST_SHARING || used < LEAST_SHARE * (double)crowd.most)
        return;
    char cpu[32];
    number_format_time(crowd.cpu, cpu, sizeof cpu);
    lessons_add(
        lessons, crowd.last,
        "%zu workers were at work at a time, on %d core%s: in %s they got %s of CPU, %.1f times "
        "as much and not %zu times. More workers than cores only take turns.",
        crowd.most, (int)past->job->cores, past->job->cores == 1 ? "" : "s",
        lessons_between(past, crowd.first, crowd.last), cpu, used, crowd.most);
}

// A zombie stays after its job's end, or until now; a worker that is reaped at once never was one
// for long.
static void lessons_find_zombie(const struct past *past, struct lessons *lessons)
{
    size_t over = past_find(past, EVENT_JOB_DONE);
    for (size_t i = 0; i < past->event_count; i++) {
        if (past->events[i]->kind != EVENT_DIED)
            continue;
        size_t reaped = past_lane(past, past->events[i]->worker)->reaped;
        if (reaped != NEVER && reaped < over)
            continue;
        const char *name = describe_worker(past->job, past->events[i]->worker);
        if (reaped != NEVER)
            lessons_add(
                lessons, i,
                "%s was a zombie for %s: dead, so that no signal can kill it. Only its parent's "
                "waitid() takes it away.",
                name, lessons_between(past, i, reaped));
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
static bool lessons_was_sent(const struct past *past, const struct event *death)
{
    for (size_t i = 0; past->events[i] != death; i++)
        if (lessons_is_sent(past->events[i], death->b) && past->events[i]->worker == death->worker)
            return true;
    return false;
}

// A crash is a signal of the kernel's, not an exit.
static void lessons_find_crash(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_DIED || !lessons_is_crash(event->b) ||
            lessons_was_sent(past, event))
            continue;
        lessons_add(lessons, i,
                    "%s did not exit: it crashed, and the kernel ended it with %s. forklab sent no "
                    "such signal; there is no exit code, and -%d only stands for the signal.",
                    describe_worker(past->job, event->worker), signal_name((int)event->b),
                    (int)event->b);
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
static void lessons_find_last_words(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (!lessons_is_said(event) || lessons_death_of(past, event) > i)
            continue;
        lessons_add(
            lessons, i,
            "%s speaks after its death: it wrote this before, and what is in a pipe stays there "
            "until it is read.",
            describe_worker(past->job, event->worker));
        return;
    }
}

static void lessons_find_stopped(const struct past *past, struct lessons *lessons)
{
    size_t i = past_find(past, EVENT_STOPPED);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s is stopped, and alive: it keeps its pid, its memory and its pipes, and gets no "
            "CPU until SIGCONT.",
            describe_worker(past->job, past->events[i]->worker));
}

static void lessons_find_closed_pipe(const struct past *past, struct lessons *lessons)
{
    size_t i = past_find(past, EVENT_PIPE_CLOSED);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s closed its pipe and lived on: the end of a pipe says nothing about life. Only "
            "waitid() does.",
            describe_worker(past->job, past->events[i]->worker));
}

static void lessons_find_orphan(const struct past *past, struct lessons *lessons)
{
    size_t i = past_find(past, EVENT_ORPHAN);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s is dead, but its pipe did not end: a process that it left behind still held it. "
            "A pipe ends when the last process that can write to it closes it.",
            describe_worker(past->job, past->events[i]->worker));
}

static void lessons_find_torn(const struct past *past, struct lessons *lessons)
{
    size_t i = past_find(past, EVENT_TORN);
    if (i != NEVER)
        lessons_add(
            lessons, i,
            "%s died in the middle of a message: what it said before is whole, the torn rest "
            "must not be believed.",
            describe_worker(past->job, past->events[i]->worker));
}

static bool lessons_died_before(const struct past *past, int64_t worker, size_t end)
{
    const struct lane *lane = past_lane(past, worker);
    return lane && lane->died < end;
}

// Whether it was ever forked, as far as the log reaches back.
static bool lessons_was_forked(const struct past *past, int64_t worker, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (past->events[i]->kind == EVENT_FORKED && past->events[i]->worker == worker)
            return true;
    return !past->job->is_whole;
}

// Whether it had arrived for a round that was not released.
static bool lessons_was_there(const struct past *past, int64_t worker, size_t end)
{
    bool there = false;
    for (size_t i = 0; i < end; i++) {
        const struct event *event = past->events[i];
        if (event->kind == EVENT_ARRIVED && event->worker == worker)
            there = true;
        else if (event->kind == EVENT_RELEASED)
            there = false;
    }
    return there;
}

static void lessons_add_broken(const struct past *past, size_t at, struct text *text)
{
    int64_t worker = past->events[at]->a;
    const char *end = lessons_died_before(past, worker, at) ? "died" : "fell silent";
    text_add_string(text, "The barrier broke because ");
    if (lessons_was_there(past, worker, at)) {
        text_print(
            text,
            "%s %s while it waited there. It had arrived, but all go on together or none "
            "does: a barrier that only counts arrivals would let the others go on without it.",
            describe_worker(past->job, worker), end);
        return;
    }
    if (lessons_was_forked(past, worker, at))
        text_print(text, "%s %s", describe_worker(past->job, worker), end);
    else
        text_print(text, "party %" PRId64 " could not be started", worker + 1);
    text_add_string(text, ": it waits for all, and that one would never arrive. Unbroken, it would "
                          "keep the others for ever.");
}

static void lessons_find_broken(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_BROKEN || event->a < 0)
            continue;
        struct text why = {0};
        lessons_add_broken(past, i, &why);
        lessons_add(lessons, i, "%s", text_string(&why));
        text_free(&why);
        return;
    }
}

static void lessons_find_inherited_lock(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_LOCKED || event->a == OWNER_NONE)
            continue;
        lessons_add(
            lessons, i,
            "%s died while it held the lock. It is a robust mutex, so the kernel handed it on to "
            "%s and said so; any other lock would be lost for ever.",
            event->a >= 0 ? describe_worker(past->job, event->a) : "A worker",
            describe_worker(past->job, event->worker));
        return;
    }
}

// SIGTERM was ignored; SIGKILL can't be.
static void lessons_find_kill(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (!lessons_is_sent(event, SIGTERM))
            continue;
        size_t death = lessons_death_of(past, event), killed = i;
        if (death == NEVER || past->events[death]->b != SIGKILL)
            continue;
        while (killed < death && (!lessons_is_sent(past->events[killed], SIGKILL) ||
                                  past->events[killed]->worker != event->worker))
            killed++;
        if (killed >= death)
            continue;
        lessons_add(
            lessons, death,
            "%s outlived SIGTERM by %s: a process may catch or ignore that one. SIGKILL it can't: "
            "it is ended without being asked.",
            describe_worker(past->job, event->worker), lessons_between(past, i, killed));
        return;
    }
}

static void lessons_find_deadlock(const struct past *past, struct lessons *lessons)
{
    size_t i = past_find(past, EVENT_DEADLOCK);
    if (i != NEVER)
        lessons_add(lessons, i,
                    "Each of them waits for what another one has, so none lets go: nothing from "
                    "within ends that. If all take what they need in the same order, no circle can "
                    "close.");
}

static void lessons_find_dead_holder(const struct past *past, struct lessons *lessons)
{
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        if (event->kind != EVENT_HOLDS || event->a == OWNER_NONE)
            continue;
        lessons_add(lessons, i,
                    "%s died with %s in its hands. That came to %s only because the death was "
                    "noticed; else it would be lost for ever.",
                    event->a >= 0 ? describe_worker(past->job, event->a) : "A worker",
                    describe_object(past->job, event->object),
                    describe_worker(past->job, event->worker));
        return;
    }
}

struct lessons lessons_find(const struct past *past)
{
    static void (*const finders[])(const struct past *, struct lessons *) = {
        lessons_find_only_sent, lessons_find_too_late,       lessons_find_caught,
        lessons_find_daemon,    lessons_find_sharing,        lessons_find_zombie,
        lessons_find_crash,     lessons_find_kill,           lessons_find_torn,
        lessons_find_stopped,   lessons_find_broken,         lessons_find_closed_pipe,
        lessons_find_orphan,    lessons_find_inherited_lock, lessons_find_last_words,
        lessons_find_deadlock,  lessons_find_dead_holder};
    struct lessons lessons = {0};
    for (size_t i = 0; i < sizeof finders / sizeof *finders; i++)
        finders[i](past, &lessons);
    return lessons;
}

void lessons_free(struct lessons *lessons)
{
    for (size_t i = 0; i < lessons->count; i++)
        free(lessons->all[i].text);
    free(lessons->all);
    *lessons = (struct lessons){0};
}
