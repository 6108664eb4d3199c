// SPDX-License-Identifier: GPL-3.0-or-later
// philosophers: N eat with N forks. The deadlock is found by search; a strategy is searched to the
// end, and then measured.
#include "commands/table.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/json.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/summary.h"
#include "jobs/search.h"
#include "os/loop.h"
#include "shell/call.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "sync/lock.h"
#include "sync/semaphore.h"
#include "sync/sync.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Every state of more would take too long to meet.
enum { PHILOSOPHERS_MOST = 9 };

// How long a strategy is searched at most.
#define PHILOSOPHERS_SEARCH (30 * NS_PER_S)

// How long a philosopher thinks and eats, computing.
#define PHILOSOPHERS_MEAL (100 * NS_PER_US)

enum strategy { STRATEGY_NONE, STRATEGY_ORDERED, STRATEGY_WAITER };

struct philosophers_args {
    int64_t count;
    bool ordered, waiter, daemon;
    int64_t for_ns;
    const char *replay;
};

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct philosophers_args, count),
     .min = 2,
     .max = PHILOSOPHERS_MOST,
     .standard = 5,
     .help = "how many eat with as many forks"},
    {.name = "--ordered",
     .type = ARG_FLAG,
     .field = offsetof(struct philosophers_args, ordered),
     .help = "each takes the fork with the lower number first"},
    {.name = "--waiter",
     .type = ARG_FLAG,
     .field = offsetof(struct philosophers_args, waiter),
     .help = "a waiter seats all but one at a time: a semaphore"},
    {.name = "--for",
     .type = ARG_DURATION,
     .field = offsetof(struct philosophers_args, for_ns),
     .min = NS_PER_MS,
     .max = 3600 * NS_PER_S,
     .standard = NS_PER_S,
     .help = "how long they eat freely after the search"},
    {.name = "--replay",
     .type = ARG_WORD,
     .field = offsetof(struct philosophers_args, replay),
     .help = "runs one order of their steps: a digit a step"},
    {.name = "--daemon",
     .type = ARG_FLAG,
     .field = offsetof(struct philosophers_args, daemon),
     .help = "marks the workers as daemons: quit terminates them"},
    {0},
};

struct seat {
    _Atomic int64_t meals, hunger; // the longest, ns
};

// Shared with the workers.
struct table_set {
    uint32_t count;
    enum strategy strategy;
    struct lock *forks[PHILOSOPHERS_MOST];
    struct semaphore *waiter;
    _Atomic uint32_t holders[PHILOSOPHERS_MOST]; // number + 1, or 0
    _Atomic uint32_t seated;                     // a bit for each
    _Atomic bool over;
    struct seat seats[PHILOSOPHERS_MOST];
};

struct philosophers {
    struct call *call;
    const struct philosophers_args *args;
    struct table_set *table;
    struct sync_set objects;
    struct search *search;
    struct search_options options;
    struct timer *timer;
    uint8_t replay[GATE_STEPS];
    int status;
};

static const char *const philosophers_forks[PHILOSOPHERS_MOST] = {
    "fork 1", "fork 2", "fork 3", "fork 4", "fork 5", "fork 6", "fork 7", "fork 8", "fork 9"};

static bool philosophers_fork_is_free(const void *object, uint32_t worker)
{
    (void)worker;
    return *(const _Atomic uint32_t *)object == 0;
}

static uint32_t philosophers_fork_holder(const void *object)
{
    uint32_t holder = *(const _Atomic uint32_t *)object;
    return holder ? UINT32_C(1) << (holder - 1) : 0;
}

static bool philosophers_seat_is_free(const void *object, uint32_t worker)
{
    const struct table_set *table = object;
    (void)worker;
    return (uint32_t)__builtin_popcount(table->seated) + 1 < table->count;
}

static uint32_t philosophers_seated(const void *object)
{
    return ((const struct table_set *)object)->seated;
}

static const struct gate_wait philosophers_fork_wait = {philosophers_fork_is_free,
                                                        philosophers_fork_holder};
static const struct gate_wait philosophers_seat_wait = {philosophers_seat_is_free,
                                                        philosophers_seated};

static void philosophers_take(struct table_set *table, uint32_t fork, uint32_t number)
{
    int64_t dead_owner;
    gate_before_wait("takes", philosophers_forks[fork], &philosophers_fork_wait,
                     &table->holders[fork]);
    if (gate_page)
        BUG_IF(!lock_try(table->forks[fork], number, &dead_owner));
    else
        lock_take(table->forks[fork], number, &dead_owner);
    table->holders[fork] = number + 1;
}

static void philosophers_lay_down(struct table_set *table, uint32_t fork)
{
    gate_before("lays down", philosophers_forks[fork]);
    table->holders[fork] = 0;
    lock_release(table->forks[fork]);
}

static void philosophers_sit_down(struct table_set *table, uint32_t number)
{
    struct self self = {.number = number};
    if (table->strategy != STRATEGY_WAITER)
        return;
    gate_before_wait("is seated by", "the waiter", &philosophers_seat_wait, table);
    if (!gate_page)
        semaphore_acquire(table->waiter, &self, SYNC_FOREVER);
    table->seated |= UINT32_C(1) << number;
}

static void philosophers_get_up(struct table_set *table, uint32_t number)
{
    struct self self = {.number = number};
    if (table->strategy != STRATEGY_WAITER)
        return;
    gate_before("gets up", NULL);
    table->seated &= ~(UINT32_C(1) << number);
    if (!gate_page)
        semaphore_release(table->waiter, &self);
}

static void philosophers_forks_of(const struct table_set *table, uint32_t number, uint32_t *first,
                                  uint32_t *second)
{
    uint32_t left = number, right = (number + 1) % table->count;
    bool swaps = table->strategy == STRATEGY_ORDERED && right < left;
    *first = swaps ? right : left;
    *second = swaps ? left : right;
}

static void philosophers_dine(void *data, uint32_t number)
{
    struct table_set *table = data;
    uint32_t first, second;
    philosophers_forks_of(table, number, &first, &second);
    philosophers_sit_down(table, number);
    philosophers_take(table, first, number);
    philosophers_take(table, second, number);
    philosophers_lay_down(table, second);
    philosophers_lay_down(table, first);
    philosophers_get_up(table, number);
}

static void philosophers_compute(int64_t ns)
{
    int64_t end = clock_now() + ns;
    while (clock_now() < end)
        continue;
}

static void philosophers_dine_freely(void *data, uint32_t number)
{
    struct table_set *table = data;
    uint32_t first, second;
    philosophers_forks_of(table, number, &first, &second);
    while (!table->over) {
        philosophers_compute(PHILOSOPHERS_MEAL);
        int64_t hungry = clock_now();
        philosophers_sit_down(table, number);
        philosophers_take(table, first, number);
        philosophers_take(table, second, number);
        int64_t hunger = clock_now() - hungry;
        if (hunger > table->seats[number].hunger)
            table->seats[number].hunger = hunger;
        table->seats[number].meals++;
        philosophers_compute(PHILOSOPHERS_MEAL);
        philosophers_lay_down(table, second);
        philosophers_lay_down(table, first);
        philosophers_get_up(table, number);
    }
}

static void philosophers_abandon(void *data, uint32_t number)
{
    struct table_set *table = data;
    for (uint32_t i = 0; i < table->count; i++) {
        if (table->holders[i] != number + 1)
            continue;
        table->holders[i] = 0;
        lock_release(table->forks[i]);
    }
    table->seated &= ~(UINT32_C(1) << number);
}

static void philosophers_reset(void *data)
{
    struct philosophers *philosophers = data;
    struct table_set *table = philosophers->table;
    for (uint32_t i = 0; i < table->count; i++)
        table->holders[i] = 0;
    table->seated = 0;
}

static uint64_t philosophers_fingerprint(const void *data)
{
    const struct philosophers *philosophers = data;
    uint64_t hash = philosophers->table->seated;
    for (uint32_t i = 0; i < philosophers->table->count; i++)
        hash = hash * 31 + philosophers->table->holders[i];
    return hash;
}

static bool philosophers_is_wrong(void *data, uint32_t dead, bool stuck)
{
    (void)data;
    (void)dead;
    return stuck;
}

static void philosophers_finish(void *data)
{
    struct philosophers *philosophers = data;
    struct call *call = philosophers->call;
    summary_report_times(call, summary_times(call->job), (int64_t)philosophers->table->count);
    job_finish(call->job, philosophers->status);
}

static void philosophers_end(struct philosophers *philosophers, int status)
{
    loop_stop(&philosophers->timer);
    philosophers->status = status;
    search_end(philosophers->search, philosophers_finish);
}

static bool philosophers_fails(struct philosophers *philosophers)
{
    const struct search_result *result = search_result(philosophers->search);
    struct call *call = philosophers->call;
    if (!result->failed)
        return false;
    bool dismissed = call->dismissed && call->job->cancelled;
    philosophers_end(philosophers, dismissed ? STATUS_OK : call_fail(call, "%s", result->failure));
    return true;
}

// Tells the order that the search has kept. Adds its digits to `order`.
static void philosophers_tell_order(const struct philosophers *philosophers, struct text *order)
{
    const struct search_result *result = search_result(philosophers->search);
    struct text line = {0};
    search_add_order(result->trace, result->length, &line);
    if (result->order_stuck)
        text_print(&line, ": %s", result->circle);
    for (size_t i = 0; i < result->length; i++)
        orders_format(&result->trace[i].step, 1, 1, order);
    out_print("  %s\n", text_string(&line));
    struct text *report = json_output_begin(philosophers->call, "order");
    if (report) {
        json_text(report, "order", text_string(order));
        json_bool(report, "deadlock", result->order_stuck);
        json_text(report, "steps", text_string(&line));
        json_output_end();
    }
    text_free(&line);
}

static double philosophers_fairness(const struct table_set *table)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        double meals = (double)table->seats[i].meals;
        sum += meals;
        squares += meals * meals;
    }
    return squares > 0 ? sum * sum / ((double)table->count * squares) : 0;
}

static void philosophers_add_freely(const struct philosophers *philosophers)
{
    const struct table_set *table = philosophers->table;
    int64_t meals = 0, hunger = 0, starved = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        meals += table->seats[i].meals;
        starved += table->seats[i].meals == 0;
        hunger = table->seats[i].hunger > hunger ? table->seats[i].hunger : hunger;
    }
    figures_begin(philosophers->call);
    figures_add("deadlocks", 0);
    figures_add("meals", meals);
    figures_add("starved", starved);
    figures_add_time("hunger", hunger);
    figures_add_real("jain", philosophers_fairness(table));
}

static void philosophers_tell_meals(void *data)
{
    struct philosophers *philosophers = data;
    const struct table_set *table = philosophers->table;
    uint32_t starved = 0;
    if (philosophers_fails(philosophers))
        return;
    for (uint32_t i = 0; i < table->count; i++) {
        char hunger[32];
        number_format_time(table->seats[i].hunger, hunger, sizeof hunger);
        out_print("p%u  %" PRId64 " meals, longest hunger %s\n", i + 1, table->seats[i].meals,
                  hunger);
        starved += table->seats[i].meals == 0;
    }
    philosophers_add_freely(philosophers);
    char fairness[32];
    snprintf(fairness, sizeof fairness, "%.2f", philosophers_fairness(table));
    if (starved > 0)
        call_summary(philosophers->call, "no deadlock; Jain's index %s, %u starved", fairness,
                     starved);
    else
        call_summary(philosophers->call, "no deadlock; Jain's index %s (1 is fair), none starved",
                     fairness);
    philosophers_end(philosophers, STATUS_OK);
}

static void philosophers_stop_eating(void *data)
{
    struct philosophers *philosophers = data;
    philosophers->timer = NULL;
    philosophers->table->over = true;
}

static void philosophers_eat(struct philosophers *philosophers)
{
    struct search_options *options = &philosophers->options;
    *options = (struct search_options){.mode = SEARCH_FREE,
                                       .runs = 1,
                                       .for_ns = philosophers->args->for_ns,
                                       .done = philosophers_tell_meals};
    philosophers->timer =
        loop_after(philosophers->args->for_ns, philosophers_stop_eating, philosophers);
    search_run(philosophers->search, philosophers->call->job, options);
}

static void philosophers_tell_deadlock(struct philosophers *philosophers)
{
    const struct search_result *result = search_result(philosophers->search);
    struct text order = {0};
    out_print("search: after %zu steps no worker can go on; %u switch%s, %" PRIu64
              " states met before\n",
              result->length, result->switches, result->switches == 1 ? "" : "es", result->states);
    philosophers_tell_order(philosophers, &order);
    figures_begin(philosophers->call);
    figures_add("deadlocks", 1);
    figures_add("states", (int64_t)result->states);
    figures_add("switches", result->switches);
    struct text words = {0};
    if (philosophers->table->count != 5)
        text_print(&words, " %u", philosophers->table->count);
    call_summary(philosophers->call,
                 "deadlock of %u in a circle; 'philosophers%s --replay %s' shows it again, "
                 "--ordered or --waiter prevents it",
                 philosophers->table->count, text_string(&words), text_string(&order));
    text_free(&words);
    text_free(&order);
}

static void philosophers_tell_search(void *data)
{
    struct philosophers *philosophers = data;
    const struct search_result *result = search_result(philosophers->search);
    if (philosophers_fails(philosophers))
        return;
    if (result->has_order) {
        philosophers_tell_deadlock(philosophers);
        philosophers_end(philosophers, STATUS_OK);
        return;
    }
    if (result->complete)
        out_print("search: all %" PRIu64 " states, no deadlock\n", result->states);
    else
        out_print("search: %" PRIu64 " states without a deadlock; there are more\n",
                  result->states);
    philosophers_eat(philosophers);
}

static void philosophers_tell_replay(void *data)
{
    struct philosophers *philosophers = data;
    const struct search_result *result = search_result(philosophers->search);
    struct text order = {0};
    if (philosophers_fails(philosophers))
        return;
    philosophers_tell_order(philosophers, &order);
    figures_begin(philosophers->call);
    figures_add("deadlocks", result->order_stuck);
    call_summary(philosophers->call, "order %s: %s; 'timeline' and 'explain' show it step by step",
                 text_string(&order), result->order_stuck ? "a deadlock" : "all have eaten");
    text_free(&order);
    philosophers_end(philosophers, STATUS_OK);
}

static void philosophers_free(struct call *call)
{
    struct philosophers *philosophers = call->state;
    loop_stop(&philosophers->timer);
    search_free(philosophers->search);
    sync_free(&philosophers->objects);
    if (philosophers->table)
        munmap(philosophers->table, sizeof *philosophers->table);
    free(philosophers);
}

static const struct call_ops philosophers_call_ops = {.free = philosophers_free};

// Makes what they share. False with errno.
static bool philosophers_set_table(struct philosophers *philosophers)
{
    const struct philosophers_args *philosophers_args = philosophers->args;
    struct table_set *table =
        mmap(NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED)
        return false;
    philosophers->table = table;
    table->count = (uint32_t)philosophers_args->count;
    table->strategy = philosophers_args->ordered  ? STRATEGY_ORDERED
                      : philosophers_args->waiter ? STRATEGY_WAITER
                                                  : STRATEGY_NONE;
    philosophers->objects.job = philosophers->call->job->id;
    for (uint32_t i = 0; i < table->count; i++) {
        table->forks[i] =
            sync_add(&philosophers->objects, &sync_lock, philosophers_forks[i], table->count, 0);
        if (!table->forks[i])
            return false;
    }
    if (table->strategy != STRATEGY_WAITER)
        return true;
    table->waiter =
        sync_add(&philosophers->objects, &sync_semaphore, "waiter", table->count, table->count - 1);
    return table->waiter != NULL;
}

static void philosophers_begin(struct philosophers *philosophers)
{
    struct search_options *options = &philosophers->options;
    options->mode = philosophers->args->replay ? SEARCH_REPLAY : SEARCH_STATES;
    options->done =
        philosophers->args->replay ? philosophers_tell_replay : philosophers_tell_search;
    options->first_only = true;
    options->any_switches = philosophers->table->strategy != STRATEGY_NONE;
    options->for_ns = PHILOSOPHERS_SEARCH;
    options->replay = philosophers->replay;
    out_print(
        "%u philosophers, %u forks: each takes %s%s, eats, and lays them down\n",
        philosophers->table->count, philosophers->table->count,
        philosophers->table->strategy == STRATEGY_ORDERED ? "the lower one first"
                                                          : "the left one, then the right one",
        philosophers->table->strategy == STRATEGY_WAITER ? " once the waiter has seated it" : "");
    search_run(philosophers->search, philosophers->call->job, options);
}

static int philosophers_run(struct call *call)
{
    const struct philosophers_args *philosophers_args = call->args;
    if (philosophers_args->ordered && philosophers_args->waiter)
        return call_misuse(call, "--ordered and --waiter are two strategies; give one");
    struct philosophers *philosophers = must_calloc(1, sizeof *philosophers);
    struct text error = {0};
    *philosophers = (struct philosophers){.call = call, .args = philosophers_args};
    call->state = philosophers;
    call->ops = &philosophers_call_ops;
    if (philosophers_args->replay &&
        !orders_parse(philosophers_args->replay, (uint32_t)philosophers_args->count,
                      philosophers->replay, &philosophers->options.replay_length, &error)) {
        int status = call_misuse(call, "%s", text_string(&error));
        text_free(&error);
        return status;
    }
    call_job(call, &search_job_ops, NULL)->daemon = philosophers_args->daemon;
    if (philosophers_set_table(philosophers)) {
        struct scenario scenario = {.workers = philosophers->table->count,
                                    .life = {philosophers_dine, philosophers_dine_freely,
                                             philosophers_abandon, philosophers->table},
                                    .reset = philosophers_reset,
                                    .is_wrong = philosophers_is_wrong,
                                    .fingerprint = philosophers_fingerprint,
                                    .data = philosophers};
        philosophers->search = search_new(&scenario, philosophers);
    }
    if (!philosophers->search) {
        call_fail(call, "mmap: %s", strerror(errno));
        job_finish(call->job, STATUS_FAILED);
        return STATUS_PENDING;
    }
    call->job->data = philosophers->search;
    call->job->objects = (uint16_t)philosophers->objects.count;
    philosophers_begin(philosophers);
    return STATUS_PENDING;
}

const struct command command_philosophers = {
    .name = "philosophers",
    .group = "Sharing",
    .summary = "N eat with N forks: the deadlock by search, its circle, and what prevents it",
    .details = "Without a strategy every state that the orders of their steps lead to is met, by "
               "the fewest "
               "switches, until no worker can go on. With --ordered or --waiter the search meets "
               "all states "
               "and finds no deadlock; then they eat freely, and it is measured how often each "
               "did, how long "
               "it went hungry, and how fair that was: Jain's index is 1 if all had the same, 1/N "
               "if one had "
               "all.",
    .example = "philosophers 5 --ordered",
    .args = args,
    .args_size = sizeof(struct philosophers_args),
    .background = true,
    .acts = true,
    .run = philosophers_run,
};
