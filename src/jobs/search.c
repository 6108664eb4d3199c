// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/search.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/signal.h"
#include "jobs/reaper.h"
#include "jobs/seen.h"
#include "jobs/terminate.h"
#include "log/events.h"
#include "os/loop.h"
#include "worker/report.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

// A slice of a search between two turns of the event loop.
#define SEARCH_SLICE (8 * NS_PER_MS)
// A free run that takes longer hangs.
#define SEARCH_PATIENCE (2 * NS_PER_S)

enum { SEARCH_ROOM = 64 << 20 };

enum search_state { SEARCH_IDLE, SEARCH_ASKING, SEARCH_PARKING, SEARCH_READY, SEARCH_IN_FLIGHT };

struct search {
    struct scenario scenario;
    struct search_options options;
    struct search_result result;
    void *owner;
    void (*ended)(void *owner);
    struct job *job;
    struct gates *gates;
    struct worker *workers[GATE_WORKERS];
    struct timer *timer;
    enum search_state state;
    struct orders *orders;
    struct seen seen;
    bool at_random, is_over;
    uint32_t killing; // the worker that is being killed, or GATE_WORKERS
    uint64_t seed;
    size_t usual_length;
    int64_t began, free_began;
};

struct search_birth {
    struct search *search;
    uint32_t number;
};

struct search *search_new(const struct scenario *scenario, void *owner)
{
    struct gates *gates = gate_new(scenario->workers);
    if (!gates)
        return NULL;
    struct search *search = must_calloc(1, sizeof *search);
    *search = (struct search){
        .scenario = *scenario, .owner = owner, .gates = gates, .killing = GATE_WORKERS};
    return search;
}

static void search_forget(struct search *search)
{
    orders_free(search->orders);
    search->orders = NULL;
    seen_free(&search->seen);
    free(search->result.trace);
    search->result = (struct search_result){0};
}

void search_free(struct search *search)
{
    if (!search)
        return;
    loop_stop(&search->timer);
    search_forget(search);
    gate_free(search->gates);
    free(search);
}

const struct search_result *search_result(const struct search *search)
{
    return &search->result;
}

const struct gates *search_gates(const struct search *search)
{
    return search->gates;
}

void search_add_step(const struct gate_record *record, struct text *text)
{
    text_add_string(text, record->verb);
    if (record->name)
        text_print(text, " %s", record->name);
    if (record->has_value)
        text_print(text, " %" PRId64, record->value);
}

// Steps of one worker in a row that are told, the first ones and the last; of more the others are
// counted.
enum { SEARCH_TOLD_FIRST = 6, SEARCH_TOLD_LAST = 2 };

// Adds steps from `first` to `end`, all of one worker.
static void search_add_run(const struct gate_record *trace, size_t first, size_t end,
                           struct text *text)
{
    bool whole = end - first <= SEARCH_TOLD_FIRST + SEARCH_TOLD_LAST + 1;
    text_print(text, "%sp%d ", first > 0 ? " | " : "", (trace[first].step & ~GATE_DEATH) + 1);
    for (size_t i = first; i < end; i++) {
        if (!whole && i == first + SEARCH_TOLD_FIRST) {
            i = end - SEARCH_TOLD_LAST;
            text_print(text, ", ... (%zu steps)", i - first - SEARCH_TOLD_FIRST);
        }
        text_add_string(text, i > first ? ", " : "");
        search_add_step(&trace[i], text);
    }
}

void search_add_order(const struct gate_record *trace, size_t length, struct text *text)
{
    for (size_t first = 0, end; first < length; first = end) {
        for (end = first + 1; end < length; end++)
            if ((trace[end].step & ~GATE_DEATH) != (trace[first].step & ~GATE_DEATH))
                break;
        search_add_run(trace, first, end, text);
    }
}

uint32_t search_count_switches(const struct gate_record *trace, size_t length)
{
    uint32_t switches = 0;
    int last = -1;
    for (size_t i = 0; i < length; i++) {
        if (trace[i].step & GATE_DEATH)
            continue;
        switches += last >= 0 && trace[i].step != last && trace[i].enabled >> last & 1;
        last = trace[i].step;
    }
    return switches;
}

static void search_finish_phase(struct search *search)
{
    search->state = SEARCH_IDLE;
    loop_stop(&search->timer);
    search->options.done(search->owner);
}

static void search_fail(struct search *search, const char *failure)
{
    search->result.failed = true;
    snprintf(search->result.failure, sizeof search->result.failure, "%s", failure);
    search_finish_phase(search);
}

static int search_be_gated(const struct self *self, const void *argument)
{
    const struct search_birth *birth = argument;
    report_hello(self);
    report_mute(true);
    gate_serve(birth->search->gates, birth->number, &birth->search->scenario.life);
    report_mute(false);
    report_done(self, 0);
    return 0;
}

// Forks the workers that are missing. False after it has failed.
static bool search_fork(struct search *search)
{
    for (uint32_t i = 0; i < search->scenario.workers; i++) {
        char name[16], failure[128];
        if (search->workers[i])
            continue;
        struct search_birth birth = {search, i};
        snprintf(name, sizeof name, "p%u", i + 1);
        gate_forget(search->gates, i);
        search->workers[i] =
            job_start(search->job, &(struct assignment){.name = name,
                                                        .daemon = search->job->daemon,
                                                        .run = search_be_gated,
                                                        .argument = &birth});
        if (search->workers[i])
            continue;
        snprintf(failure, sizeof failure, "%s: %s", search->job->failed_call, strerror(errno));
        search_fail(search, failure);
        return false;
    }
    return true;
}

static void search_add_wait(const struct search *search, uint32_t worker, struct text *text)
{
    const struct gate_step *next = gate_next(search->gates, worker);
    uint32_t owners = next->wait && next->wait->owners ? next->wait->owners(next->object) : 0;
    text_print(text, "%sp%u %s%s", text->length > 0 ? "; " : "", worker + 1,
               next->name ? "waits for " : "", next->name ? next->name : next->verb);
    for (uint32_t rest = owners; rest; rest &= rest - 1)
        text_print(text, "%s p%d", rest == owners ? ", which" : " and", __builtin_ctz(rest) + 1);
    if (owners)
        text_add_string(text, owners & (owners - 1) ? " have" : " has");
}

static void search_describe_circle(const struct search *search, struct text *text)
{
    for (uint32_t rest = gate_unfinished(search->gates); rest; rest &= rest - 1)
        search_add_wait(search, (uint32_t)__builtin_ctz(rest), text);
}

// Keeps the order at hand as the one to be told.
static void search_keep_order(struct search *search, bool wrong, bool stuck)
{
    struct search_result *result = &search->result;
    size_t length;
    const struct gate_record *trace = gate_trace(search->gates, &length);
    uint32_t switches = search_count_switches(trace, length);
    if (result->has_order && switches >= result->switches)
        return;
    free(result->trace);
    result->trace = must_calloc(length + 1, sizeof *trace);
    memcpy(result->trace, trace, length * sizeof *trace);
    result->length = length;
    result->switches = switches;
    result->has_order = true;
    result->order_wrong = wrong;
    result->order_stuck = stuck;
    struct text text = {0};
    if (stuck)
        search_describe_circle(search, &text);
    snprintf(result->circle, sizeof result->circle, "%s", text_string(&text));
    text_free(&text);
}

static uint64_t search_hash_order(const struct gate_record *trace, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint64_t)(trace[i].step + 1)) * UINT64_C(1099511628211);
    return hash;
}

static void search_await_death(struct worker *worker)
{
    siginfo_t info;
    pid_t pid = worker->pid;
    if (worker_end(worker, SIGKILL) != 0)
        return;
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        continue;
    reaper_child_changed(pid);
}

// Workers that can't let go what they hold are killed; search_fork() replaces them.
static void search_give_up(struct search *search)
{
    uint32_t unfinished = gate_unfinished(search->gates);
    if (search->scenario.life.abandon) {
        gate_give_up(search->gates);
        return;
    }
    for (; unfinished; unfinished &= unfinished - 1) {
        uint32_t number = (uint32_t)__builtin_ctz(unfinished);
        struct worker *worker = search->workers[number];
        search->workers[number] = NULL;
        if (worker)
            search_await_death(worker);
    }
}

static void search_count(struct search_result *result, bool wrong, bool stuck, bool died)
{
    result->tried++;
    result->wrong += wrong;
    result->stuck += stuck;
    result->deaths += died;
}

// Whether orders will be left for trying at random, which are not to be those tried in turn.
static bool search_leaves_some(const struct search *search)
{
    return search->options.mode == SEARCH_ORDERS && !search->at_random &&
           search->options.count > search->options.most;
}

// Whether an order was not tried before. In turn each comes once.
static bool search_is_new(struct search *search, const struct gate_record *trace, size_t length)
{
    if (!search->at_random && !search_leaves_some(search))
        return true;
    bool is_new = seen_add(&search->seen, search_hash_order(trace, length));
    return !search->at_random || is_new;
}

// An order has come to its end, or no worker can go on.
static void search_conclude_order(struct search *search, bool stuck)
{
    size_t length;
    const struct gate_record *trace = gate_trace(search->gates, &length);
    uint32_t dead = gate_dead(search->gates);
    bool is_new = search_is_new(search, trace, length);
    bool wrong = search->scenario.is_wrong(search->scenario.data, dead, stuck);
    bool is_single = search->options.mode == SEARCH_REPLAY || search->options.mode == SEARCH_STEP;
    search->usual_length = length;
    if (is_new)
        search_count(&search->result, wrong, stuck, dead != 0);
    if (wrong || is_single)
        search_keep_order(search, wrong, stuck);
    if (search->orders && !search->at_random)
        orders_tell(search->orders, trace, length);
    if (stuck)
        search_give_up(search);
    search->state = SEARCH_PARKING;
    search->is_over |= is_single || (wrong && search->options.first_only);
}

static bool search_is_too_long(const struct search *search, int64_t limit)
{
    return clock_now() - search->began >= limit;
}

// Whether the enumeration is given up for random orders.
static bool search_is_too_many(const struct search *search)
{
    const struct search_options *options = &search->options;
    if (options->mode != SEARCH_ORDERS || (options->count > 0 && options->count <= options->most))
        return false;
    return search->result.tried >= options->most || search_is_too_long(search, options->for_ns / 2);
}

static void search_begin_at_random(struct search *search)
{
    struct gate_priorities priorities = {0};
    if (search_is_too_long(search, search->options.for_ns)) {
        search_finish_phase(search);
        return;
    }
    orders_draw(&search->seed, search->scenario.workers, search->usual_length, &priorities);
    search->state = SEARCH_IN_FLIGHT;
    gate_begin(search->gates, (const uint8_t *)"", 0, GATE_PRIORITY, &priorities);
}

static void search_begin_planned(struct search *search)
{
    size_t length;
    if (search->options.mode == SEARCH_STATES &&
        search_is_too_long(search, search->options.for_ns)) {
        search_finish_phase(search);
        return;
    }
    const uint8_t *plan = orders_next(search->orders, &length);
    if (!plan) {
        search->result.complete = !orders_left_out(search->orders);
        search_finish_phase(search);
        return;
    }
    search->state = SEARCH_IN_FLIGHT;
    gate_begin(search->gates, plan, length,
               search->options.mode == SEARCH_STATES ? GATE_HOLD : GATE_STAY, NULL);
}

static void search_begin_free(struct search *search)
{
    if (search->result.tried == (uint64_t)search->options.runs) {
        search->result.complete = true;
        search_finish_phase(search);
        return;
    }
    search->free_began = clock_now();
    search->state = SEARCH_IN_FLIGHT;
    gate_free_run(search->gates);
}

static void search_begin_order(struct search *search)
{
    if (search->is_over) {
        search_finish_phase(search);
        return;
    }
    search->scenario.reset(search->scenario.data);
    switch (search->options.mode) {
    case SEARCH_ORDERS:
        search->at_random = search->at_random || search_is_too_many(search);
        if (search->at_random)
            search_begin_at_random(search);
        else
            search_begin_planned(search);
        break;
    case SEARCH_STATES:
        search_begin_planned(search);
        break;
    case SEARCH_FREE:
        search_begin_free(search);
        break;
    case SEARCH_REPLAY:
    case SEARCH_STEP:
        search->state = SEARCH_IN_FLIGHT;
        gate_begin(search->gates, (const uint8_t *)"", 0, GATE_HOLD, NULL);
        break;
    }
}

// Returns the worker that goes when the plan does not say.
static uint8_t search_usual_choice(const struct search *search)
{
    size_t length;
    const struct gate_record *trace = gate_trace(search->gates, &length);
    uint32_t enabled = gate_enabled(search->gates);
    while (length > 0 && trace[length - 1].step & GATE_DEATH)
        length--;
    if (length > 0 && enabled >> trace[length - 1].step & 1)
        return trace[length - 1].step;
    return (uint8_t)__builtin_ctz(enabled);
}

// Logs the step taken last.
static void search_log_step(const struct search *search)
{
    size_t length;
    const struct gate_record *trace = gate_trace(search->gates, &length);
    struct text text = {0};
    if (length == 0)
        return;
    const struct gate_record *record = &trace[length - 1];
    search_add_step(record, &text);
    // One that was killed by its step is no longer there: its place is its number in a replay.
    uint32_t number = record->step & ~(uint32_t)GATE_DEATH;
    const struct worker *worker = search->workers[number];
    events_add(EVENT_STEP, search->job->id, worker ? worker->number : number, (int64_t)length,
               record->value, text_string(&text));
    text_free(&text);
}

static void search_refuse_replay(struct search *search, uint8_t step)
{
    size_t length;
    struct text text = {0};
    uint32_t worker = step & ~(uint32_t)GATE_DEATH;
    gate_trace(search->gates, &length);
    if (!(gate_unfinished(search->gates) >> worker & 1))
        text_print(&text, "p%u has no step left", worker + 1);
    else
        search_add_wait(search, worker, &text);
    char failure[160];
    snprintf(failure, sizeof failure, "there is no such order: at step %zu %s", length + 1,
             text_string(&text));
    text_free(&text);
    gate_give_up(search->gates);
    search_fail(search, failure);
}

static bool search_go_on(struct search *search, uint8_t step)
{
    uint32_t worker = step & ~(uint32_t)GATE_DEATH;
    if (!(gate_enabled(search->gates) >> worker & 1)) {
        search_refuse_replay(search, step);
        return false;
    }
    gate_go_on(search->gates, step);
    return true;
}

static bool search_replay_step(struct search *search)
{
    size_t length;
    gate_trace(search->gates, &length);
    search_log_step(search);
    return search_go_on(search, length < search->options.replay_length
                                    ? search->options.replay[length]
                                    : search_usual_choice(search));
}

static uint64_t search_fingerprint(const struct search *search)
{
    uint64_t hash = gate_fingerprint(search->gates);
    hash ^= search->scenario.fingerprint(search->scenario.data) * UINT64_C(0xff51afd7ed558ccd);
    return search->options.any_switches ? hash : hash * 31 + search_usual_choice(search);
}

// A state is met: goes on from there, or leaves it if it is known.
static void search_meet_state(struct search *search)
{
    if (seen_add(&search->seen, search_fingerprint(search))) {
        search->result.states++;
        gate_go_on(search->gates, search_usual_choice(search));
        return;
    }
    size_t length;
    const struct gate_record *trace = gate_trace(search->gates, &length);
    orders_tell(search->orders, trace, length);
    gate_give_up(search->gates);
    search->state = SEARCH_PARKING;
}

// Returns whether there is more to do at once.
static bool search_answer(struct search *search)
{
    size_t length;
    gate_trace(search->gates, &length);
    switch (search->options.mode) {
    case SEARCH_STATES:
        search_meet_state(search);
        return true;
    case SEARCH_REPLAY:
        return search_replay_step(search);
    case SEARCH_STEP:
        if (length < search->options.replay_length)
            return search_go_on(search, search->options.replay[length]);
        search->state = SEARCH_ASKING;
        search->options.ask(search->owner);
        return false;
    case SEARCH_ORDERS:
    case SEARCH_FREE:
        break;
    }
    return false;
}

// Kills the worker whose death is planned, and waits for that: SIGKILL can't be put off.
static bool search_kill(struct search *search)
{
    uint32_t number = gate_current(search->gates);
    struct worker *worker = search->workers[number];
    if (!worker)
        return false;
    search->killing = number;
    search_await_death(worker);
    return search->killing == GATE_WORKERS;
}

// The order has ended, for one reason or another: there are no more steps than that.
static bool search_conclude_replay(struct search *search)
{
    size_t length;
    search_log_step(search);
    gate_trace(search->gates, &length);
    if (length < search->options.replay_length) {
        search_refuse_replay(search, search->options.replay[length]);
        return false;
    }
    search_conclude_order(search, gate_unfinished(search->gates) != 0);
    return true;
}

static bool search_look(struct search *search, int64_t left)
{
    switch (gate_await(search->gates, left)) {
    case GATE_RUNNING:
        return true;
    case GATE_OVER:
    case GATE_STUCK:
        if (search->options.mode == SEARCH_REPLAY)
            return search_conclude_replay(search);
        search_conclude_order(search, gate_unfinished(search->gates) != 0);
        return true;
    case GATE_ASKS:
        return search_answer(search);
    case GATE_KILLS:
        return search_kill(search);
    case GATE_IMPOSSIBLE:
        search_fail(search, "the workers did not do again what they did before");
        return false;
    case GATE_FULL:
        search_fail(search, "an order is longer than can be kept");
        return false;
    }
    return false;
}

static bool search_look_free(struct search *search, int64_t left)
{
    if (!gate_await_parked(search->gates, left)) {
        if (clock_now() - search->free_began > SEARCH_PATIENCE + search->options.for_ns) {
            search_fail(search, "a free run hangs");
            return false;
        }
        return true;
    }
    search->result.tried++;
    search->result.wrong += search->scenario.is_wrong(search->scenario.data, 0, false);
    search->state = SEARCH_READY;
    return true;
}

// Does the next thing, waiting up to `left` ns. Returns whether there is more to do at once.
static bool search_advance(struct search *search, int64_t left)
{
    switch (search->state) {
    case SEARCH_IDLE:
    case SEARCH_ASKING:
        break;
    case SEARCH_PARKING:
        if (!search_fork(search))
            return false;
        if (gate_await_parked(search->gates, left))
            search->state = SEARCH_READY;
        return true;
    case SEARCH_READY:
        search_begin_order(search);
        return true;
    case SEARCH_IN_FLIGHT:
        return search->options.mode == SEARCH_FREE ? search_look_free(search, left)
                                                   : search_look(search, left);
    }
    return false;
}

static void search_turn(void *data)
{
    struct search *search = data;
    search->timer = NULL;
    int64_t end = clock_now() + SEARCH_SLICE, left = SEARCH_SLICE;
    bool more = true;
    while (more && left > 0) {
        more = search_advance(search, left);
        left = end - clock_now();
    }
    if (search->state > SEARCH_ASKING && !search->timer)
        search->timer = loop_after(0, search_turn, search);
}

void search_run(struct search *search, struct job *job, const struct search_options *options)
{
    search_forget(search);
    if (search->state == SEARCH_ASKING)
        gate_give_up(search->gates);
    search->job = job;
    search->options = *options;
    search->at_random = search->is_over = false;
    search->seed = options->seed;
    search->usual_length = 0;
    search->began = clock_now();
    if (options->mode == SEARCH_ORDERS || options->mode == SEARCH_STATES)
        search->orders = orders_new(options->deaths, SEARCH_ROOM);
    search->state = SEARCH_PARKING;
    if (!search->timer)
        search->timer = loop_after(0, search_turn, search);
}

void search_step(struct search *search, uint8_t step)
{
    search->state = SEARCH_IN_FLIGHT;
    if (search_go_on(search, step) && !search->timer)
        search->timer = loop_after(0, search_turn, search);
}

static void search_insist(void *data)
{
    struct search *search = data;
    search->timer = NULL;
    terminate_job(search->job);
}

void search_end(struct search *search, void (*ended)(void *owner))
{
    search->ended = ended;
    search->state = SEARCH_IDLE;
    loop_stop(&search->timer);
    if (search->job->unfinished == 0) {
        ended(search->owner);
        return;
    }
    gate_dismiss(search->gates);
    search->timer = loop_after(GRACE_NS / 4, search_insist, search);
}

static void search_note_death(struct search *search, const struct worker *worker, uint32_t number)
{
    char how[128], failure[160];
    if (search->killing == number) {
        search->killing = GATE_WORKERS;
        if (search->scenario.died)
            search->scenario.died(search->scenario.data, number);
        gate_died(search->gates, number);
        return;
    }
    if (search->state == SEARCH_IDLE)
        return;
    worker_describe_end(worker, how, sizeof how);
    snprintf(failure, sizeof failure, "%.16s (%d) %.100s at its gate", worker->name,
             (int)worker->shown_pid, how);
    search_fail(search, failure);
}

static void search_ended(struct worker *worker)
{
    struct search *search = worker->job->data;
    uint32_t number = 0;
    while (number < GATE_WORKERS && search->workers[number] != worker)
        number++;
    if (number < GATE_WORKERS)
        search->workers[number] = NULL;
    if (search->ended) {
        if (worker->job->unfinished == 0) {
            loop_stop(&search->timer);
            search->ended(search->owner);
        }
        return;
    }
    if (worker->job->cancelled) {
        if (worker->job->unfinished == 0)
            search_fail(search, "interrupted");
        return;
    }
    if (number < GATE_WORKERS)
        search_note_death(search, worker, number);
}

static void search_cancelled(struct job *job)
{
    struct search *search = job->data;
    if (search->ended)
        return;
    search->state = SEARCH_IDLE;
    loop_stop(&search->timer);
    if (job->unfinished == 0)
        search_fail(search, "interrupted");
}

const struct job_ops search_job_ops = {.ended = search_ended, .cancelled = search_cancelled};
