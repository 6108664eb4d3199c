// SPDX-License-Identifier: GPL-3.0-or-later
// barrier: workers that wait for each other, beside workers that do not; a lock keeps their lines apart.
#include "commands/table.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/out.h"
#include "commands/work.h"
#include "process/barrier.h"
#include "process/events.h"
#include "process/lock.h"
#include "process/loop.h"
#include "process/work.h"
#include "shell/objects.h"
#include "view/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum at { AT_ARRIVE, AT_WAIT, AT_LOCK };
static const char *const at_names[] = {"arrive", "wait", "lock", NULL};

struct barrier_args {
    int64_t parties;
    int64_t without;
    int64_t stagger;
    int64_t rounds;
    int64_t timeout;
    int64_t at;
    struct work_args work;
};

static const struct arg args[] = {
    {"N", ARG_COUNT, false, offsetof(struct barrier_args, parties), 1, 10000, 2, NULL,
     "how many workers meet at the barrier; 2 if left out"},
    {"--without", ARG_COUNT, false, offsetof(struct barrier_args, without), 0, 10000, -1, NULL,
     "how many do not meet; N if left out"},
    {"--stagger", ARG_DURATION, false, offsetof(struct barrier_args, stagger), 0, 60 * NS_PER_S,
     50 * NS_PER_MS, NULL, "the time between two starts; 50ms if left out"},
    {"--rounds", ARG_COUNT, false, offsetof(struct barrier_args, rounds), 1, 1000000, 1, NULL,
     "how often they meet; 1 if left out"},
    {"--timeout", ARG_DURATION, false, offsetof(struct barrier_args, timeout), 0, DURATION_MAX, -1,
     NULL, "the barrier breaks when a round takes longer, from its first arrival on"},
    ARG_FOR(struct barrier_args),
    ARG_SIZE(struct barrier_args, 2),
    ARG_DAEMON(struct barrier_args),
    ARG_AS(struct barrier_args),
    ARG_WHICH(struct barrier_args, 1),
    {"--at", ARG_CHOICE, false, offsetof(struct barrier_args, at), 0, 0, -1, at_names,
     "where it misbehaves: before it arrives (if left out), while it waits, or while it holds the "
     "lock"},
    ARG_EXIT(struct barrier_args),
    {0},
};

// The times at which one kind of worker went on in one round.
struct spread {
    int64_t first, last;
};

struct meeting {
    struct call *call;
    const struct barrier_args *args;
    struct barrier *barrier;
    struct lock *lock;
    struct timer *starting, *releasing, *timeout;
    int64_t without;
    struct spread *spreads[2]; // by round; those who met, those who did not
};

// In a worker. What it needs is in the REPL's memory as it was at the fork.

static void name_of(uint32_t number, char *name, size_t size)
{
    snprintf(name, size, "p%u", number + 1);
}

static void misbehave_at(const struct self *self, const struct meeting *meeting, enum at at)
{
    int64_t wanted = meeting->args->at < 0 ? AT_ARRIVE : meeting->args->at;
    if (wanted == (int64_t)at)
        misbehave_now(self);
}

static void report_broken(const struct self *self, enum barrier_break why, uint32_t culprit)
{
    char culprit_name[16];
    name_of(culprit, culprit_name, sizeof culprit_name);
    if (why == BARRIER_TIMED_OUT)
        report_output(self, "p%u - test_with_barrier: the barrier is broken: it took too long",
                      self->number + 1);
    else
        report_output(self, "p%u - test_with_barrier: the barrier is broken: %s is gone",
                      self->number + 1, culprit_name);
}

// Waits for the others. False when the barrier is broken.
static bool meet(const struct self *self, const struct meeting *meeting, int64_t round)
{
    uint32_t culprit = 0;
    if (round == 0)
        misbehave_at(self, meeting, AT_ARRIVE);
    report_arrived(self, round, meeting->args->parties);
    if (round == 0)
        misbehave_at(self, meeting, AT_WAIT);
    enum barrier_break why = barrier_wait(meeting->barrier, round, &culprit);
    if (why == BARRIER_WHOLE)
        return true;
    report_broken(self, why, culprit);
    return false;
}

static void print_locked(const struct self *self, const struct meeting *meeting, bool met,
                         int64_t now, const struct results *results)
{
    char when[64], list[1024];
    int64_t dead_owner;
    const char *test = met ? "test_with_barrier" : "test_without_barrier";
    if (!lock_try(meeting->lock, self->number, &dead_owner)) {
        report_claim(self, CLAIM_AT_LOCK, 0);
        lock_take(meeting->lock, self->number, &dead_owner);
    }
    report_locked(self, dead_owner);
    misbehave_at(self, meeting, AT_LOCK);
    if (dead_owner >= 0)
        report_output(self, "p%u - %s: p%lld died with the lock; it goes on to p%u",
                      self->number + 1, test, (long long)dead_owner + 1, self->number + 1);
    clock_format(now, when, sizeof when);
    work_format_results(results, list, sizeof list);
    report_output(self, "process p%u - %s ----> %s", self->number + 1, test, when);
    report_output(self, "p%u - %s results: %s", self->number + 1, test, list);
    lock_release(meeting->lock);
}

static int take_part(const struct self *self, const void *argument)
{
    const struct meeting *meeting = argument;
    struct self worker = *self;
    bool meets = self->number < meeting->args->parties;
    worker.as = AS_NORMAL; // do_something itself is done properly
    report_hello(self);
    for (int64_t round = 0; round < meeting->args->rounds; round++) {
        struct results results;
        work_do_something(&worker, meeting->args->work.size, &results);
        if (meets && !meet(self, meeting, round))
            return 1;
        int64_t now = clock_wall();
        report_passed(self, round, now);
        print_locked(self, meeting, meets, now, &results);
    }
    report_done(self, meeting->args->rounds * meeting->args->work.size);
    return self->exit_status;
}

// In the REPL.

static void stop_timer(struct timer **timer)
{
    if (*timer)
        loop_cancel(*timer);
    *timer = NULL;
}

static int64_t widest(const struct meeting *meeting, int kind)
{
    int64_t most = 0;
    for (int64_t round = 0; round < meeting->args->rounds; round++) {
        const struct spread *spread = &meeting->spreads[kind][round];
        most = spread->last - spread->first > most ? spread->last - spread->first : most;
    }
    return most;
}

static void summarize(const struct meeting *meeting)
{
    char with[32], without[32];
    struct text *report = objects_begin(meeting->call, "spread");
    if (report) {
        json_number(report, "with_ns", widest(meeting, 0));
        if (meeting->without > 1)
            json_number(report, "without_ns", widest(meeting, 1));
        objects_end();
    }
    number_format_time(widest(meeting, 0), with, sizeof with);
    number_format_time(widest(meeting, 1), without, sizeof without);
    const char *rounds = meeting->args->rounds > 1 ? " in the widest round" : "";
    if (meeting->without > 1)
        call_summary(meeting->call, "they went on within %s%s with the barrier, %s without", with,
                     rounds, without);
    else
        call_summary(meeting->call, "they went on within %s%s with the barrier", with, rounds);
}

static void finish(struct meeting *meeting)
{
    struct call *call = meeting->call;
    bool told = call->failed && !call->interrupted;
    stop_timer(&meeting->starting);
    stop_timer(&meeting->releasing);
    stop_timer(&meeting->timeout);
    int status = told ? STATUS_FAILED : work_conclude(call);
    if (status == STATUS_OK && call->dismissed)
        call_summary(call, "ended with the session");
    else if (status == STATUS_OK)
        summarize(meeting);
    work_report_times(call, work_times(call->job), meeting->args->parties + meeting->without);
    job_finish(call->job, status);
}

static void log_wake(const struct meeting *meeting)
{
    job_log_call(meeting->call->job, NO_WORKER,
                 (struct event){.call = CALL_FUTEX_WAKE, .a = barrier_woken(meeting->barrier)});
}

static void fail(struct meeting *meeting, enum barrier_break why, uint32_t culprit,
                 const char *reason)
{
    uint32_t waiting = barrier_waiting(meeting->barrier);
    int64_t round = barrier_round(meeting->barrier);
    stop_timer(&meeting->timeout);
    if (!barrier_break(meeting->barrier, why, culprit))
        return;
    log_wake(meeting);
    events_add(EVENT_BROKEN, meeting->call->job->id, NO_WORKER,
               why == BARRIER_PARTY_DIED ? (int64_t)culprit : -1, 0, NULL);
    if (!meeting->call->interrupted && !meeting->call->dismissed)
        call_fail(meeting->call,
                  "the barrier broke in round %" PRId64 ": %s; %u of %" PRId64 " were waiting",
                  round + 1, reason, waiting, meeting->args->parties);
}

static void time_out(void *data)
{
    struct meeting *meeting = data;
    char allowed[32], reason[64];
    meeting->timeout = NULL;
    number_format_duration(meeting->args->timeout, allowed, sizeof allowed);
    snprintf(reason, sizeof reason, "it took longer than %s", allowed);
    fail(meeting, BARRIER_TIMED_OUT, 0, reason);
}

// Whoever misbehaves while it waits is given time to, should all others be there already.
#define TIME_FOR_DEED (100 * NS_PER_MS)

static bool awaits_deed(const struct meeting *meeting)
{
    enum misbehaviour as = (enum misbehaviour)meeting->args->work.as;
    return meeting->args->at == AT_WAIT && barrier_round(meeting->barrier) == 0 &&
           as != AS_NORMAL && as != AS_STUBBORN && as != AS_FORK;
}

// Everyone has arrived. Nobody is released before the kernel was asked whether they all still live.
static void release(void *data)
{
    struct meeting *meeting = data;
    int64_t round = barrier_round(meeting->barrier);
    meeting->releasing = NULL;
    jobs_collect();
    if (meeting->call->job->done || !barrier_release(meeting->barrier))
        return;
    stop_timer(&meeting->timeout);
    events_add(EVENT_RELEASED, meeting->call->job->id, NO_WORKER, round, 0, NULL);
    log_wake(meeting);
}

static void note_arrival(struct meeting *meeting, const struct worker *worker, int64_t round)
{
    bool first = barrier_waiting(meeting->barrier) == 0;
    bool all = barrier_arrived(meeting->barrier, worker->number, round);
    if (all && !meeting->releasing)
        meeting->releasing = loop_after(awaits_deed(meeting) ? TIME_FOR_DEED : 0, release, meeting);
    if (first && meeting->args->timeout >= 0 && !meeting->call->failed && !meeting->timeout)
        meeting->timeout = loop_after(meeting->args->timeout, time_out, meeting);
}

static void note_time(struct meeting *meeting, const struct worker *worker, int64_t round,
                      int64_t when)
{
    if (round < 0 || round >= meeting->args->rounds)
        return;
    struct spread *spread = &meeting->spreads[worker->number >= meeting->args->parties][round];
    spread->first = spread->first == 0 || when < spread->first ? when : spread->first;
    spread->last = when > spread->last ? when : spread->last;
}

static bool hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct meeting *meeting = worker->job->data;
    if (frame->type == FRAME_OUTPUT)
        work_print(frame, block);
    else if (frame->type == FRAME_ARRIVED)
        note_arrival(meeting, worker, frame->a);
    else if (frame->type == FRAME_PASSED)
        note_time(meeting, worker, frame->a, frame->b);
    return true;
}

static void lose(struct worker *worker)
{
    struct meeting *meeting = worker->job->data;
    char reason[192], how[128];
    if (worker->number >= meeting->args->parties)
        return;
    worker_describe_end(worker, how, sizeof how);
    snprintf(reason, sizeof reason, "%s (%d) %s", worker->name, (int)worker->shown_pid, how);
    fail(meeting, BARRIER_PARTY_DIED, worker->number, reason);
}

static void part(struct worker *worker)
{
    struct meeting *meeting = worker->job->data;
    if (!worker_did_well(worker))
        lose(worker);
    if (worker->job->unfinished == 0 && !meeting->starting)
        finish(meeting);
}

static void cancel(struct job *job)
{
    struct meeting *meeting = job->data;
    stop_timer(&meeting->starting);
    if (job->unfinished == 0)
        finish(meeting);
}

static const struct job_ops barrier_job_ops = {
    .frame = hear, .lost = lose, .ended = part, .cancelled = cancel};

static void start_next(void *data)
{
    struct meeting *meeting = data;
    struct job *job = meeting->call->job;
    char name[16];
    meeting->starting = NULL;
    int64_t all = meeting->args->parties + meeting->without;
    struct assignment assignment = work_assign(&meeting->args->work, (int64_t)job->count + 1);
    name_of((uint32_t)job->count, name, sizeof name);
    assignment.name = name;
    assignment.run = take_part;
    assignment.argument = meeting;
    if (!work_start(meeting->call, &assignment, all)) {
        if (barrier_break(meeting->barrier, BARRIER_PARTY_DIED, (uint32_t)job->count))
            log_wake(meeting);
        if (job->unfinished == 0)
            finish(meeting);
        return;
    }
    if ((int64_t)job->count < all)
        meeting->starting = loop_after(meeting->args->stagger, start_next, meeting);
}

static void show_progress(const struct call *call, struct progress *progress)
{
    const struct meeting *meeting = call->state;
    double sum = 0;
    int64_t all = meeting->args->parties + meeting->without;
    for (size_t i = 0; i < call->job->count; i++)
        sum += (double)call->job->workers[i]->progress / PROGRESS_WHOLE;
    progress->part = meeting->args->rounds > 1
                         ? (double)barrier_round(meeting->barrier) / (double)meeting->args->rounds
                         : sum / (double)all;
    if (meeting->args->rounds > 1) {
        progress->unit = "rounds";
        progress->done = barrier_round(meeting->barrier);
        progress->total = meeting->args->rounds;
    }
}

static void free_meeting(struct call *call)
{
    struct meeting *meeting = call->state;
    barrier_free(meeting->barrier);
    lock_free(meeting->lock);
    free(meeting->spreads[0]);
    free(meeting->spreads[1]);
    free(meeting);
}

static const struct call_ops barrier_call_ops = {.progress = show_progress, .free = free_meeting};

// What all of its workers see. False with errno.
static bool share_memory(struct meeting *meeting)
{
    const struct barrier_args *barrier_args = meeting->args;
    const struct job *job = meeting->call->job;
    meeting->lock = lock_new();
    work_log_mmap(job, true, 0, "the lock", meeting->lock);
    if (!meeting->lock)
        return false;
    meeting->barrier = barrier_new((uint32_t)barrier_args->parties, barrier_args->rounds);
    work_log_mmap(job, true, 0, "the barrier", meeting->barrier);
    return meeting->barrier != NULL;
}

static int run(struct call *call)
{
    const struct barrier_args *barrier_args = call->args;
    int64_t without = barrier_args->without >= 0 ? barrier_args->without : barrier_args->parties;
    int status = work_check(call, &barrier_args->work, 1, barrier_args->parties + without);
    if (status != STATUS_OK)
        return status;
    if (barrier_args->at >= 0 && barrier_args->work.as == AS_NORMAL)
        return call_misuse(call, "--at needs --as: how the worker misbehaves there");
    bool everywhere = barrier_args->at == AT_LOCK || barrier_args->work.as == AS_STUBBORN;
    if (barrier_args->work.which > barrier_args->parties && !everywhere)
        return call_misuse(call, "p%" PRId64 " does not meet the others: only --at lock reaches it",
                           barrier_args->work.which);
    struct meeting *meeting = must_calloc(1, sizeof *meeting);
    *meeting = (struct meeting){.call = call, .args = barrier_args, .without = without};
    call->state = meeting;
    call->ops = &barrier_call_ops;
    for (int kind = 0; kind < 2; kind++)
        meeting->spreads[kind] = must_calloc((size_t)barrier_args->rounds, sizeof(struct spread));
    call_job(call, &barrier_job_ops, meeting)->daemon = barrier_args->work.daemon;
    if (share_memory(meeting))
        start_next(meeting);
    else
        job_finish(call->job, call_fail(call, "mmap: %s", strerror(errno)));
    return STATUS_PENDING;
}

const struct command command_barrier = {
    .name = "barrier",
    .group = "The six",
    .summary = "starts workers that meet at a barrier, and as many that do not",
    .details =
        "They are called p1, p2, ...: first those who meet. Whoever has passed prints the time "
        "and its results while it holds a lock. A party that dies before everyone has passed "
        "breaks the barrier: all are freed at once.",
    .example = "barrier 3 --rounds 2 --stagger 100ms",
    .args = args,
    .args_size = sizeof(struct barrier_args),
    .background = true,
    .run = run,
};
