// SPDX-License-Identifier: GPL-3.0-or-later
// barrier: workers that wait for each other, beside workers that do not; a lock keeps their lines
// apart.
#include "commands/search_sync.h"
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "commands/barrier_party.h"
#include "log/events.h"
#include "os/loop.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "base/json.h"
#include "jobs/reaper.h"
#include "commands/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const barrier_steps[] = {"arrive", "wait", "lock", NULL};
static const char *const at_meanings[] = {"before it arrives", "while it waits",
                                          "while it holds the lock", NULL};

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct barrier_args, parties),
     .min = 1,
     .max = 10000,
     .standard = 2,
     .help = "how many workers meet at the barrier"},
    {.name = "--without",
     .type = ARG_COUNT,
     .field = offsetof(struct barrier_args, without),
     .max = 10000,
     .standard = -1,
     .standard_is = "N",
     .help = "how many do not meet"},
    {.name = "--stagger",
     .type = ARG_DURATION,
     .field = offsetof(struct barrier_args, stagger),
     .max = 60 * NS_PER_S,
     .standard = 50 * NS_PER_MS,
     .help = "the time between two starts"},
    {.name = "--rounds",
     .type = ARG_COUNT,
     .field = offsetof(struct barrier_args, rounds),
     .min = 1,
     .max = 1000000,
     .standard = 1,
     .help = "how often they meet"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct barrier_args, timeout),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "the barrier breaks when a round takes longer, from its first arrival on"},
    {.name = "--action",
     .type = ARG_FLAG,
     .field = offsetof(struct barrier_args, action),
     .help = "the last to arrive acts, once, before all are released"},
    {.name = "--order",
     .type = ARG_FLAG,
     .field = offsetof(struct barrier_args, order),
     .help = "tells in which order they arrived"},
    {.name = "--abort",
     .type = ARG_COUNT,
     .field = offsetof(struct barrier_args, abort),
     .min = 1,
     .max = 10000,
     .standard = -1,
     .help = "this party breaks the barrier while all others wait"},
    {.name = "--reset",
     .type = ARG_COUNT,
     .field = offsetof(struct barrier_args, reset),
     .min = 1,
     .max = 10000,
     .standard = -1,
     .help = "this party resets the barrier while all others wait; then they meet again"},
    ARG_FOR(struct barrier_args),
    ARG_SIZE(struct barrier_args, 2),
    ARG_DAEMON(struct barrier_args),
    ARG_AS(struct barrier_args),
    ARG_WHICH(struct barrier_args, 1),
    {.name = "--at",
     .type = ARG_CHOICE,
     .field = offsetof(struct barrier_args, work.at),
     .standard = -1,
     .choices = barrier_steps,
     .meanings = at_meanings,
     .standard_is = "arrive",
     .help = "where it misbehaves"},
    ARG_EXIT(struct barrier_args),
    ARG_SEARCH(struct barrier_args),
    {0},
};

// The times at which one kind of worker went on in one round.
struct spread {
    int64_t first, last;
    int64_t passed; // how many did
};

struct meeting {
    struct call *call;
    const struct barrier_args *args;
    struct party party; // what all workers see
    struct timer *releasing, *timeout;
    int64_t without;
    struct spread *spreads[2]; // by round; of those that met, of those that did not
    struct worker *last;       // that arrived
    struct worker *ends;       // that wants to end the first round
    bool acted;                // in this round
    int64_t resets;            // rounds of the barrier that count for none
    struct text order;         // of arrival in the first round
};

static int64_t barrier_widest(const struct meeting *meeting, int kind)
{
    int64_t most = 0;
    for (int64_t round = 0; round < meeting->args->rounds; round++) {
        const struct spread *spread = &meeting->spreads[kind][round];
        most = spread->last - spread->first > most ? spread->last - spread->first : most;
    }
    return most;
}

static void barrier_summarize(const struct meeting *meeting)
{
    char with[32], without[32];
    struct text *report = json_output_begin(meeting->call, "spread");
    if (report) {
        json_number(report, "with_ns", barrier_widest(meeting, 0));
        if (meeting->without > 1)
            json_number(report, "without_ns", barrier_widest(meeting, 1));
        json_output_end();
    }
    figures_begin(meeting->call);
    figures_add_time("with", barrier_widest(meeting, 0));
    if (meeting->without > 1)
        figures_add_time("without", barrier_widest(meeting, 1));
    number_format_time(barrier_widest(meeting, 0), with, sizeof with);
    number_format_time(barrier_widest(meeting, 1), without, sizeof without);
    const char *rounds = meeting->args->rounds > 1 ? " in the widest round" : "";
    if (meeting->without > 1)
        call_summary(meeting->call, "they went on within %s%s with the barrier, %s without", with,
                     rounds, without);
    else
        call_summary(meeting->call, "they went on within %s%s with the barrier", with, rounds);
}

static void barrier_add_passes(const struct meeting *meeting, struct text *text)
{
    int64_t opened = barrier_round(meeting->party.barrier) - meeting->resets;
    int64_t rounds = meeting->args->rounds;
    if (opened == 0) {
        text_add_string(text, "no party passed the barrier");
        return;
    }
    if (rounds > 1)
        text_print(text, "the barrier opened %" PRId64 " of %" PRId64 " times; the last time ",
                   opened, rounds);
    text_print(text, "%" PRId64 " of %" PRId64 " passed %s", meeting->spreads[0][opened - 1].passed,
               meeting->args->parties, rounds > 1 ? "it" : "the barrier");
}

// Of one that did not go as it was meant to: what is sure.
static void barrier_summarize_rest(const struct meeting *meeting, struct times times)
{
    char wall[32];
    size_t count = meeting->call->job->count;
    if (count == 0) {
        summary_of_none(meeting->call);
        return;
    }
    struct text text = {0};
    number_format_time(times.wall, wall, sizeof wall);
    text_print(&text, "%zu worker%s, wall %s: ", count, count == 1 ? "" : "s", wall);
    barrier_add_passes(meeting, &text);
    call_summary(meeting->call, "%s", text_string(&text));
    text_free(&text);
}

static int barrier_conclude(struct lab *lab)
{
    struct meeting *meeting = lab->data;
    struct call *call = meeting->call;
    struct times times = summary_times(call->job);
    bool told = call->failed && !call->interrupted;
    loop_stop(&meeting->releasing);
    loop_stop(&meeting->timeout);
    int status = told ? STATUS_FAILED : summary_conclude(call);
    if (status == STATUS_OK && call->dismissed)
        call_summary(call, "%s", call->dismissed);
    else if (status == STATUS_OK)
        barrier_summarize(meeting);
    else
        barrier_summarize_rest(meeting, times);
    summary_report_times(call, times, (int64_t)call->job->count);
    return status;
}

static void barrier_log_wake(const struct meeting *meeting)
{
    events_call(
        meeting->call->job->id, NO_WORKER,
        (struct event){.call = CALL_FUTEX_WAKE, .a = barrier_woken(meeting->party.barrier)});
}

static void barrier_log(const struct meeting *meeting, enum event_kind kind, int64_t a)
{
    events_log(&(struct event){.kind = kind,
                               .job = meeting->call->job->id,
                               .worker = NO_WORKER,
                               .object = barrier_object(meeting->party.barrier),
                               .a = a});
}

// Breaks the barrier, and logs that. False when it is broken already, or not needed any more.
static bool barrier_break_one(struct meeting *meeting, enum barrier_break why, uint32_t culprit)
{
    loop_stop(&meeting->timeout);
    if (!barrier_break(meeting->party.barrier, why, culprit))
        return false;
    barrier_log_wake(meeting);
    if (why == BARRIER_ABORTED)
        barrier_log(meeting, EVENT_ABORTED, culprit);
    else
        barrier_log(meeting, EVENT_BROKEN,
                    why != BARRIER_TIMED_OUT ? (int64_t)culprit : OWNER_NONE);
    return true;
}

static void barrier_fail(struct meeting *meeting, enum barrier_break why, uint32_t culprit,
                         const char *reason)
{
    uint32_t waiting = barrier_waiting(meeting->party.barrier);
    int64_t round = barrier_round(meeting->party.barrier);
    bool broke = barrier_break_one(meeting, why, culprit);
    if (broke && !meeting->call->interrupted && !meeting->call->dismissed)
        call_fail(meeting->call,
                  "the barrier broke in round %" PRId64 ": %s; %u of %" PRId64 " were waiting",
                  round + 1, reason, waiting, meeting->args->parties);
}

static void barrier_time_out(void *data)
{
    struct meeting *meeting = data;
    char allowed[32], reason[64];
    meeting->timeout = NULL;
    number_format_duration(meeting->args->timeout, allowed, sizeof allowed);
    snprintf(reason, sizeof reason, "it took longer than %s", allowed);
    barrier_fail(meeting, BARRIER_TIMED_OUT, 0, reason);
}

// How long a party that misbehaves while it waits gets for that, when all others have arrived.
#define TIME_FOR_DEED (100 * NS_PER_MS)

static bool barrier_awaits_deed(const struct meeting *meeting)
{
    enum fault as = (enum fault)meeting->args->work.as;
    return launch_step(&meeting->args->work, barrier_steps) == STEP_WAIT &&
           barrier_round(meeting->party.barrier) == 0 && as != AS_NORMAL && as != AS_STUBBORN &&
           as != AS_FORK;
}

// Whether the last to arrive is to act first, and now does.
static bool barrier_lets_act(struct meeting *meeting)
{
    if (!meeting->args->action || meeting->acted || !worker_lives(meeting->last))
        return false;
    barrier_let_act(meeting->party.barrier, meeting->last->number);
    barrier_log_wake(meeting);
    return true;
}

// All parties have arrived. None is released before the kernel was asked whether all still live.
static void barrier_release_one(void *data)
{
    struct meeting *meeting = data;
    int64_t round = barrier_round(meeting->party.barrier);
    meeting->releasing = NULL;
    reaper_collect();
    if (meeting->call->job->done)
        return;
    if (barrier_lets_act(meeting) || !barrier_release(meeting->party.barrier))
        return;
    meeting->acted = false;
    loop_stop(&meeting->timeout);
    barrier_log(meeting, EVENT_RELEASED, round);
    barrier_log_wake(meeting);
}

// Aborts or resets the barrier, once all but the one that wants it wait.
static void barrier_end_round(struct meeting *meeting)
{
    struct barrier *barrier = meeting->party.barrier;
    uint32_t waiting = barrier_waiting(barrier);
    if (!meeting->ends || (int64_t)waiting + 1 < meeting->args->parties)
        return;
    const struct worker *worker = meeting->ends;
    char reason[64];
    meeting->ends = NULL;
    snprintf(reason, sizeof reason, "p%u aborted it", worker->number + 1);
    if (meeting->args->abort > 0) {
        barrier_fail(meeting, BARRIER_ABORTED, worker->number, reason);
    } else if (barrier_reset(barrier, worker->number)) {
        loop_stop(&meeting->timeout);
        meeting->resets++;
        barrier_log(meeting, EVENT_RESET, worker->number);
        barrier_log_wake(meeting);
        out_print("p%u reset the barrier: %u of %" PRId64 " were waiting, and are freed\n",
                  worker->number + 1, waiting, meeting->args->parties);
    }
}

// Tells the order of arrival at the first round that counts.
static void barrier_note_order(struct meeting *meeting, const struct worker *worker, bool all)
{
    if (!meeting->args->order || barrier_round(meeting->party.barrier) != meeting->resets)
        return;
    text_print(&meeting->order, "%sp%u", meeting->order.length > 0 ? ", " : "", worker->number + 1);
    if (all)
        out_print("arrived: %s; p%u is the last\n", text_string(&meeting->order),
                  worker->number + 1);
}

static void barrier_note_arrival(struct meeting *meeting, struct worker *worker, int64_t round)
{
    uint32_t before = barrier_waiting(meeting->party.barrier);
    bool first = before == 0;
    bool all = barrier_arrived(meeting->party.barrier, worker->number, round);
    if (barrier_waiting(meeting->party.barrier) == before)
        return;
    meeting->last = worker;
    barrier_note_order(meeting, worker, all);
    barrier_end_round(meeting);
    if (all && !meeting->releasing)
        meeting->releasing = loop_after(barrier_awaits_deed(meeting) ? TIME_FOR_DEED : 0,
                                        barrier_release_one, meeting);
    if (first && meeting->args->timeout >= 0 && !meeting->call->failed && !meeting->timeout)
        meeting->timeout = loop_after(meeting->args->timeout, barrier_time_out, meeting);
}

static void barrier_note_time(struct meeting *meeting, const struct worker *worker, int64_t round,
                              int64_t when)
{
    if (round < 0 || round >= meeting->args->rounds)
        return;
    struct spread *spread = &meeting->spreads[worker->number >= meeting->args->parties][round];
    spread->first = spread->first == 0 || when < spread->first ? when : spread->first;
    spread->last = when > spread->last ? when : spread->last;
    spread->passed++;
}

static void barrier_note_end(struct meeting *meeting, struct worker *worker)
{
    int64_t number = (int64_t)worker->number + 1;
    if (number != meeting->args->abort && number != meeting->args->reset)
        return;
    meeting->ends = worker;
    barrier_end_round(meeting);
}

static void barrier_note_act(struct meeting *meeting)
{
    meeting->acted = true;
    if (!meeting->releasing)
        meeting->releasing = loop_after(0, barrier_release_one, meeting);
}

static bool barrier_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct meeting *meeting = lab_of(worker)->data;
    if (frame->type == FRAME_OUTPUT)
        launch_print(frame, block);
    else if (frame->type == FRAME_ARRIVED)
        barrier_note_arrival(meeting, worker, frame->a);
    else if (frame->type == FRAME_PASSED)
        barrier_note_time(meeting, worker, frame->a, frame->b);
    else if (frame->type == FRAME_WAITS)
        barrier_note_end(meeting, worker);
    else if (frame->type == FRAME_LETS_GO && worker == meeting->last)
        barrier_note_act(meeting);
    return true;
}

static void barrier_lose(struct worker *worker)
{
    struct meeting *meeting = lab_of(worker)->data;
    char reason[256], how[128];
    if (worker->number >= meeting->args->parties)
        return;
    worker_describe_end(worker, how, sizeof how);
    snprintf(reason, sizeof reason, "%s (%d) %s", worker->name, (int)worker->shown_pid, how);
    barrier_fail(meeting, BARRIER_PARTY_DIED, worker->number, reason);
}

static void barrier_part(struct worker *worker)
{
    if (!worker_did_well(worker))
        barrier_lose(worker);
}

static void barrier_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct meeting *meeting = lab->data;
    *assignment = launch_assign(&meeting->args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&meeting->args->work, barrier_steps);
    lab_name(lab, number, assignment);
}

// Only those that are to meet are waited for.
static void barrier_miss(struct lab *lab)
{
    struct meeting *meeting = lab->data;
    launch_tell_not_started(lab);
    if ((int64_t)lab->job->count < meeting->args->parties)
        barrier_break_one(meeting, BARRIER_PARTY_MISSING, (uint32_t)lab->job->count);
}

static const struct lab_ops barrier_lab_ops = {.assign = barrier_assign,
                                               .not_started = barrier_miss,
                                               .frame = barrier_hear,
                                               .lost = barrier_lose,
                                               .ended = barrier_part,
                                               .over = barrier_conclude};

static void barrier_show_progress(const struct call *call, struct progress *progress)
{
    const struct lab *lab = call->state;
    const struct meeting *meeting = lab->data;
    int64_t rounds = meeting->args->rounds;
    progress->part = lab_progress(lab);
    if (rounds == 1)
        return;
    progress->unit = "rounds";
    progress->done = barrier_round(meeting->party.barrier);
    progress->total = rounds;
    progress->part = (double)progress->done / (double)rounds;
}

static void barrier_free(struct call *call)
{
    const struct lab *lab = call->state;
    struct meeting *meeting = lab->data;
    text_free(&meeting->order);
    free(meeting->spreads[0]);
    free(meeting->spreads[1]);
    launch_free(call);
}

static const struct call_ops barrier_call_ops = {.progress = barrier_show_progress,
                                                 .free = barrier_free};

// Makes what all of its workers see. False after it told why not.
static bool barrier_share(struct lab *lab)
{
    struct meeting *meeting = lab->data;
    uint32_t parties = (uint32_t)meeting->args->parties, all = (uint32_t)lab->plan.workers;
    meeting->party.lock = launch_share(lab, &sync_lock, NULL, all, 0);
    int64_t rounds = meeting->args->rounds + (meeting->args->reset > 0);
    if (meeting->party.lock)
        meeting->party.barrier = launch_share(lab, &sync_barrier, NULL, parties, rounds);
    return meeting->party.barrier != NULL;
}

// A worker without the barrier misbehaves only at steps that it takes.
static int barrier_check_which(struct call *call, const struct barrier_args *barrier_args)
{
    bool everywhere = launch_step(&barrier_args->work, barrier_steps) == STEP_LOCK ||
                      barrier_args->work.as == AS_STUBBORN;
    if (barrier_args->work.which <= barrier_args->parties || everywhere)
        return STATUS_OK;
    return call_misuse(call, "p%" PRId64 " does not meet the others: only --at lock reaches it",
                       barrier_args->work.which);
}

static int barrier_check_end(struct call *call, const struct barrier_args *barrier_args)
{
    if (barrier_args->abort > 0 && barrier_args->reset > 0)
        return call_misuse(call, "--abort and --reset both end the first round; give one of them");
    int64_t party = barrier_args->abort > 0 ? barrier_args->abort : barrier_args->reset;
    if (party <= barrier_args->parties)
        return STATUS_OK;
    return call_misuse(call, "p%" PRId64 " does not meet the others: they are p1 to p%" PRId64,
                       party, barrier_args->parties);
}

static int barrier_run(struct call *call)
{
    const struct barrier_args *barrier_args = call->args;
    int64_t without = barrier_args->without >= 0 ? barrier_args->without : barrier_args->parties;
    if (search_sync_is_asked(&barrier_args->search))
        return search_sync_run(call, SEARCH_BARRIER, barrier_args->parties, 0,
                               &barrier_args->search, barrier_args->work.for_ns);
    int status = launch_check(call, &barrier_args->work, 1, barrier_args->parties + without);
    if (status == STATUS_OK)
        status = launch_check_at(call, &barrier_args->work);
    if (status == STATUS_OK)
        status = barrier_check_which(call, barrier_args);
    if (status == STATUS_OK)
        status = barrier_check_end(call, barrier_args);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = barrier_args->parties + without,
                            .start = LAB_STAGGERED,
                            .stagger = barrier_args->stagger,
                            .timeout = -1,
                            .body = barrier_party_take_part};
    struct lab *lab =
        launch_lab(call, &plan, &barrier_lab_ops, &barrier_args->work, sizeof(struct meeting));
    struct meeting *meeting = lab->data;
    *meeting = (struct meeting){.call = call, .args = barrier_args, .without = without};
    meeting->party.args = barrier_args;
    lab->plan.argument = &meeting->party;
    call->ops = &barrier_call_ops;
    for (int kind = 0; kind < 2; kind++)
        meeting->spreads[kind] = must_calloc((size_t)barrier_args->rounds, sizeof(struct spread));
    if (barrier_share(lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_barrier = {
    .name = "barrier",
    .group = "The six",
    .summary = "starts workers that meet at a barrier, and as many that do not",
    .details = "They are called p1, p2, ...: first those that meet. Then each prints the time "
               "and its results while it holds a lock. A party that dies before all have passed "
               "breaks the barrier: all are freed at once.",
    .example = "barrier 3 --rounds 2 --stagger 100ms",
    .args = args,
    .args_size = sizeof(struct barrier_args),
    .background = true,
    .acts = true,
    .run = barrier_run,
};
