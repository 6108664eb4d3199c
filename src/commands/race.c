// SPDX-License-Identifier: GPL-3.0-or-later
// race: workers that share something without care: freely, and in every order of their steps.
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/launch.h"
#include "commands/race_litmus.h"
#include "commands/race_sigchld.h"
#include "commands/race_state.h"
#include "commands/race_table.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "shell/json_output.h"
#include "shell/keypress.h"
#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const race_names[] = {"lost-update",
                                         "check-then-act",
                                         "lost-wakeup",
                                         "double-take",
                                         "wrong-lock",
                                         "lock-order",
                                         "missing-unlock",
                                         "barrier-misuse",
                                         "signal-before-wait",
                                         "half-written",
                                         "sigchld",
                                         "litmus",
                                         NULL};

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_WORD,
     .field = offsetof(struct race_args, what),
     .choices = race_names,
     .help = "how many workers, from 1 to 32, default 2; or the name of a classic fault"},
    {.name = "M",
     .type = ARG_COUNT,
     .field = offsetof(struct race_args, times),
     .min = 1,
     .max = 100000000,
     .standard = 1,
     .help = "how often each adds 1"},
    {.name = "--lock",
     .type = ARG_CHOICE,
     .field = offsetof(struct race_args, lock),
     .standard = -1,
     .choices = race_way_names,
     .help = "what guards the counter"},
    {.name = "--free",
     .type = ARG_COUNT,
     .field = offsetof(struct race_args, runs),
     .min = 0,
     .max = 1000000,
     .standard = 200,
     .help = "free runs before the orders"},
    {.name = "--replay",
     .type = ARG_WORD,
     .field = offsetof(struct race_args, replay),
     .help = "runs one order: a digit a step, an 'x' behind one kills that worker there"},
    {.name = "--array",
     .type = ARG_FLAG,
     .field = offsetof(struct race_args, array),
     .help = "a worker changes an array that is shared, and a copy that is not"},
    {.name = "--step",
     .type = ARG_FLAG,
     .field = offsetof(struct race_args, step),
     .help = "asks which worker takes the next step; 'b' takes one back"},
    {.name = "--seed",
     .type = ARG_COUNT,
     .field = offsetof(struct race_args, seed),
     .min = 0,
     .max = INT64_MAX,
     .standard = 1,
     .help = "of random orders, where there are too many to try all"},
    {.name = "--for",
     .type = ARG_DURATION,
     .field = offsetof(struct race_args, for_ns),
     .min = NS_PER_MS,
     .max = DURATION_MAX,
     .standard = -1,
     .help = "how long too many orders are tried; 2s if left out"},
    {.name = "--kill-anywhere",
     .type = ARG_FLAG,
     .field = offsetof(struct race_args, deaths),
     .help = "at each step of each order, kills the worker there instead, too"},
    {.name = "--bug",
     .type = ARG_WORD,
     .field = offsetof(struct race_args, bug),
     .choices = race_names,
     .help = "a classic fault, the same as its name in the place of N"},
    {.name = "--repaired",
     .type = ARG_FLAG,
     .field = offsetof(struct race_args, repaired),
     .help = "the fault's repair, in the same orders"},
    {.name = "--daemon",
     .type = ARG_FLAG,
     .field = offsetof(struct race_args, daemon),
     .help = "marks the workers as daemons: quit terminates them"},
    {0},
};

// Orders up to so many are all tried.
enum { RACE_MOST = 100000 };

static void race_reset(void *data)
{
    const struct race *race = data;
    struct race_shared *shared = race->shared;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        shared->locks[i].holder = shared->locks[i].dead = 0;
    shared->x = 0;
    for (uint32_t i = 0; i < RACE_CELLS; i++)
        shared->cells[i] = 0;
    for (uint32_t i = 0; i < race->workers; i++) {
        shared->own[i] = shared->done[i] = shared->saw[i] = 0;
        shared->through[i] = false;
    }
    shared->taken_over = 0;
    shared->hopeless = false;
}

static void race_note_death(void *data, uint32_t number)
{
    const struct race *race = data;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        race->shared->locks[i].dead |= UINT32_C(1) << number;
}

static bool race_is_wrong(void *data, uint32_t dead, bool stuck)
{
    struct race *race = data;
    bool held = false;
    for (uint32_t i = 0; i < RACE_LOCKS; i++)
        held = held || race->shared->locks[i].holder != 0;
    const char *fault = race->scene->fault(race->shared, race->workers);
    bool wrong = stuck || race->shared->hopeless || fault;
    if (!race->fault)
        race->fault = fault;
    if (!dead)
        return wrong;
    race->deaths++;
    race->deaths_wrong += wrong;
    race->left_held += held;
    race->left_taken += race->shared->taken_over > 0;
    return wrong;
}

static void race_body(void *data, uint32_t number)
{
    struct race_shared *shared = data;
    (shared->repaired ? shared->scene->repaired : shared->scene->body)(shared, number);
    race_is_through(shared, number);
}

static const char *race_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void race_finish(void *data)
{
    struct race *race = data;
    struct call *call = race->call;
    summary_report_times(call, summary_times(call->job), (int64_t)race->workers);
    job_finish(call->job, race->status);
}

void race_end(struct race *race, int status)
{
    race->status = status;
    search_end(race->search, race_finish);
}

// The workers whose step is lost, by the trace: another stored between their load and their store
// was.
static uint32_t race_losers(const struct gate_record *trace, size_t length)
{
    uint32_t losers = 0;
    size_t loaded[GATE_WORKERS] = {0};
    for (size_t i = 0; i < length; i++) {
        uint8_t worker = trace[i].step & (uint8_t)~GATE_DEATH;
        if (strcmp(trace[i].verb, "loads") == 0)
            loaded[worker] = i;
        if (strcmp(trace[i].verb, "stores") != 0)
            continue;
        for (size_t j = loaded[worker]; j < i; j++)
            if (strcmp(trace[j].verb, "stores") == 0)
                losers |= UINT32_C(1) << (trace[j].step & ~GATE_DEATH);
    }
    return losers;
}

static void race_add_losers(uint32_t losers, struct text *text)
{
    bool several = losers & (losers - 1);
    text_add_string(text, several ? "steps of " : "");
    for (uint32_t rest = losers; rest; rest &= rest - 1) {
        const char *before = rest == losers ? "" : rest & (rest - 1) ? ", " : " and ";
        text_print(text, "%sp%d", before, __builtin_ctz(rest) + 1);
    }
    text_add_string(text, several ? " are lost" : "'s step is lost");
}

// What is wrong with the order that the search has kept.
static void race_add_fault(const struct race *race, struct text *text)
{
    const struct search_result *result = search_result(race->search);
    uint32_t losers = race->scene->counts ? race_losers(result->trace, result->length) : 0;
    if (result->order_stuck)
        text_print(text, "no worker can go on: %s", result->circle);
    else if (result->order_wrong && losers)
        race_add_losers(losers, text);
    else if (result->order_wrong)
        text_add_string(text, race->fault ? race->fault : "it goes wrong");
    else
        text_add_string(text, "right");
}

void race_format_order(const struct race *race, struct text *text)
{
    const struct search_result *result = search_result(race->search);
    for (size_t i = 0; i < result->length; i++)
        orders_format(&result->trace[i].step, 1, 1, text),
            text_add_string(text, race->workers > 9 && i + 1 < result->length ? "," : "");
}

// Tells the order kept: a line for people, an object for programs.
void race_tell_order(const struct race *race)
{
    const struct search_result *result = search_result(race->search);
    struct text line = {0}, order = {0};
    search_add_order(result->trace, result->length, &line);
    text_add_string(&line, ": ");
    race_add_fault(race, &line);
    race_format_order(race, &order);
    out_print("  %s\n", text_string(&line));
    struct text *report = json_output_begin(race->call, "order");
    if (report) {
        json_text(report, "order", text_string(&order));
        json_number(report, "switches", result->switches);
        json_bool(report, "wrong", result->order_wrong);
        json_bool(report, "deadlock", result->order_stuck);
        json_text(report, "steps", text_string(&line));
        json_output_end();
    }
    text_free(&line);
    text_free(&order);
}

bool race_fails(struct race *race)
{
    const struct search_result *result = search_result(race->search);
    if (!result->failed)
        return false;
    if (race->call->interrupted || race->call->job->cancelled)
        race_end(race, race->call->dismissed
                           ? STATUS_OK
                           : call_fail(race->call, "interrupted after %" PRIu64 " orders",
                                       result->tried));
    else
        race_end(race, call_fail(race->call, "%s; %" PRIu64 " order%s tried", result->failure,
                                 result->tried, race_plural(result->tried)));
    return true;
}

void race_add_command(const struct race *race, struct text *text)
{
    const struct race_args *race_args = race->args;
    text_add_string(text, "race");
    if (!race->scene->workers && race->workers != 2)
        text_print(text, " %u", race->workers);
    if (race->scene->workers)
        text_print(text, " %s", race->scene->name);
    if (race->shared->times != 1)
        text_print(text, "%s %" PRId64, race->workers == 2 ? " 2" : "", race->shared->times);
    if (race_args->lock > 0)
        text_print(text, " --lock %s", race_way_names[race_args->lock]);
    if (race->shared->repaired)
        text_add_string(text, " --repaired");
}

static void race_add_mend(const struct race *race, struct text *text)
{
    text_add_string(text, ", '");
    race_add_command(race, text);
    text_add_string(text, " --lock mutex' mends it");
}

static void race_summarize(struct race *race)
{
    const struct search_result *result = search_result(race->search);
    struct text text = {0};
    if (race->free_runs > 0 && race->free_right == race->free_runs)
        text_print(&text, "it ran well %" PRIu64 " time%s and ", race->free_runs,
                   race_plural(race->free_runs));
    else
        text_add_string(&text, "it ");
    if (race->wrong + race->deaths_wrong == 0) {
        text_print(&text, "goes wrong in no %sorder%s",
                   race->all_tried ? ""
                                   : "order that was tried; there are more, so that proves nothing",
                   "");
    } else {
        text_add_string(&text, "is wrong; '");
        race_add_command(race, &text);
        text_add_string(&text, " --replay ");
        race_format_order(race, &text);
        text_add_string(&text, "' shows it again");
        if (race->scene->workers)
            text_print(&text, ", 'race %s --repaired' mends it", race->scene->name);
        else if (race->scene == &race_counters[RACE_NONE])
            race_add_mend(race, &text);
    }
    call_summary(race->call, "%s", text_string(&text));
    text_free(&text);
    (void)result;
}

void race_add_figures(const struct race *race)
{
    const struct search_result *result = search_result(race->search);
    figures_begin(race->call);
    figures_add("free_runs", (int64_t)race->free_runs);
    figures_add("free_right", (int64_t)race->free_right);
    figures_add("free_wrong", (int64_t)(race->free_runs - race->free_right));
    figures_add("orders", (int64_t)race->orders);
    figures_add("wrong", (int64_t)race->wrong);
    figures_add("lost", (int64_t)race->wrong);
    figures_add("deadlocks", (int64_t)result->stuck);
    if (result->has_order)
        figures_add("switches", result->switches);
    if (race->args->deaths) {
        figures_add("deaths", (int64_t)race->deaths);
        figures_add("deaths_wrong", (int64_t)race->deaths_wrong);
        figures_add("left_held", (int64_t)race->left_held);
        figures_add("taken_over", (int64_t)race->left_taken);
    }
}

static void race_tell_deaths(const struct race *race)
{
    if (!race->args->deaths)
        return;
    out_print("deaths: %" PRIu64 " orders in which one is killed at a step, %" PRIu64 " wrong\n",
              race->deaths, race->deaths_wrong);
    if (race->left_held + race->left_taken > 0)
        out_print("  of those it died %" PRIu64 " times with a lock: %" PRIu64
                  " times the next one took it over, %" PRIu64 " times none was left to\n",
                  race->left_held + race->left_taken, race->left_taken, race->left_held);
}

static void race_tell_orders(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_fails(race))
        return;
    race->orders = result->tried - result->deaths;
    race->wrong = result->wrong - race->deaths_wrong;
    race->all_tried = result->complete;
    struct text text = {0};
    if (result->complete)
        text_print(&text, "all: %" PRIu64 " order%s, %" PRIu64 " wrong", race->orders,
                   race_plural(race->orders), race->wrong);
    else
        text_print(&text,
                   "tried: %" PRIu64 " of %s%" PRIu64 " orders, fewest switches first, then at "
                   "random (seed %" PRId64 "): %" PRIu64 " wrong",
                   race->orders,
                   race->count == UINT64_MAX ? "over "
                   : race->scene->steps == 5 ? "at most "
                                             : "",
                   race->count, race->args->seed, race->wrong);
    if (result->stuck > 0)
        text_print(&text, " (%" PRIu64 " deadlock%s)", result->stuck, race_plural(result->stuck));
    if (result->has_order) {
        text_print(&text, "; the shortest way to go wrong needs %u switch%s: ", result->switches,
                   result->switches == 1 ? "" : "es");
        race_format_order(race, &text);
    }
    out_print("%s\n", text_string(&text));
    text_free(&text);
    race_add_figures(race);
    if (result->has_order)
        race_tell_order(race);
    race_tell_deaths(race);
    race_summarize(race);
    race_end(race, STATUS_OK);
}

static void race_tell_replay(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_fails(race))
        return;
    race->orders = 1;
    race->wrong = result->order_wrong;
    race_add_figures(race);
    race_tell_order(race);
    call_summary(race->call, "it went %s; 'timeline' and 'explain' show it step by step",
                 result->order_wrong ? "wrong" : "well");
    race_end(race, STATUS_OK);
}

static void race_begin_orders(struct race *race)
{
    race->options.mode = SEARCH_ORDERS;
    race->options.done = race_tell_orders;
    search_run(race->search, race->call->job, &race->options);
}

static void race_tell_free(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_fails(race))
        return;
    race->free_runs = result->tried;
    race->free_right = result->tried - result->wrong;
    race->fault = NULL;
    out_print("free: %" PRIu64 " run%s, %" PRIu64 " right\n", race->free_runs,
              race_plural(race->free_runs), race->free_right);
    race_begin_orders(race);
}

static void race_start(struct race *race)
{
    const struct race_args *race_args = race->args;
    struct search_options *options = &race->options;
    *options =
        (struct search_options){.deaths = race_args->deaths,
                                .count = race->count,
                                .most = RACE_MOST,
                                .for_ns = race_args->for_ns > 0 ? race_args->for_ns : 2 * NS_PER_S,
                                .seed = (uint64_t)race_args->seed,
                                .runs = race_args->runs,
                                .replay = race->replay,
                                .replay_length = options->replay_length};
    if (race_args->step) {
        race_step_begin(race);
        return;
    }
    if (race_args->replay) {
        options->mode = SEARCH_REPLAY;
        options->done = race_tell_replay;
    } else if (race_args->runs > 0) {
        options->mode = SEARCH_FREE;
        options->done = race_tell_free;
    } else {
        race_begin_orders(race);
        return;
    }
    search_run(race->search, race->call->job, options);
}

static void race_free(struct call *call)
{
    struct race *race = call->state;
    if (race->args->step && keypress_is_open())
        keypress_close();
    search_free(race->search);
    sync_free(&race->objects);
    if (race->shared)
        munmap(race->shared, sizeof *race->shared);
    free(race);
}

static const struct call_ops race_call_ops = {.free = race_free};

static bool race_map(struct race *race)
{
    static const char *const names[RACE_LOCKS] = {"lock A", "lock B", "lock C"};
    race->shared =
        mmap(NULL, sizeof *race->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (race->shared == MAP_FAILED) {
        race->shared = NULL;
        return false;
    }
    race->objects.job = race->call->job->id;
    for (uint32_t i = 0; i < RACE_LOCKS; i++) {
        race->shared->locks[i].lock =
            sync_add(&race->objects, &sync_lock, names[i], race->workers, 0);
        if (!race->shared->locks[i].lock)
            return false;
    }
    return true;
}

static const struct race_scene *race_find(struct call *call, int64_t *workers)
{
    const struct race_args *race_args = call->args;
    const char *name = race_args->bug ? race_args->bug : race_args->what;
    *workers = 2;
    if (!name || number_parse_count(name, 1, GATE_WORKERS, workers))
        return &race_counters[race_args->lock < 0 ? RACE_NONE : race_args->lock];
    const struct race_scene *bug = race_bug(name);
    if (bug)
        *workers = bug->workers;
    return bug;
}

static int race_check(struct call *call, const struct race_scene *scene)
{
    const struct race_args *race_args = call->args;
    if (!scene)
        return call_misuse(call, "N must be a count from 1 to %d or the name of a fault, not '%s'",
                           GATE_WORKERS,
                           text_visible(race_args->bug ? race_args->bug : race_args->what));
    if (race_args->repaired && !scene->repaired)
        return call_misuse(call,
                           "--repaired needs the name of a fault; the counter is mended by --lock");
    if (scene->repaired && (race_args->lock >= 0 || race_args->times != 1))
        return call_misuse(call, "%s takes neither M nor --lock", scene->name);
    return STATUS_OK;
}

static void race_tell_beginning(const struct race *race)
{
    const struct race_scene *scene = race->scene;
    int64_t times = race->shared->times;
    if (scene->repaired)
        out_print("%s: %s\n", scene->name, race->shared->repaired ? scene->repair : scene->what);
    else if (times == 1)
        out_print("%u worker%s add%s 1 to x, once%s: %s\n", race->workers,
                  race_plural(race->workers), race->workers == 1 ? "s" : "",
                  race->workers == 1 ? "" : " each", scene->what);
    else
        out_print("%u worker%s add%s 1 to x, %" PRId64 " times%s: %s\n", race->workers,
                  race_plural(race->workers), race->workers == 1 ? "s" : "", times,
                  race->workers == 1 ? "" : " each", scene->what);
}

static int race_begin(struct call *call, const struct race_scene *scene, uint32_t workers)
{
    const struct race_args *race_args = call->args;
    struct race *race = must_calloc(1, sizeof *race);
    struct text error = {0};
    *race = (struct race){.call = call, .args = race_args, .scene = scene, .workers = workers};
    call->state = race;
    call->ops = &race_call_ops;
    if (race_args->replay && !orders_parse(race_args->replay, workers, race->replay,
                                           &race->options.replay_length, &error)) {
        int status = call_misuse(call, "%s", text_string(&error));
        text_free(&error);
        return status;
    }
    call_job(call, &search_job_ops, NULL)->daemon = race_args->daemon;
    if (!race_map(race))
        goto err;
    race->shared->times = race_args->times;
    race->shared->scene = scene;
    race->shared->workers = workers;
    race->shared->repaired = race_args->repaired;
    uint32_t steps[GATE_WORKERS];
    for (uint32_t i = 0; i < workers; i++)
        steps[i] = scene->steps * (uint32_t)race_args->times;
    race->count = scene->steps ? orders_count(steps, workers) : 1;
    struct scenario scenario = {.workers = workers,
                                .life = {race_body, race_body, race_abandon, race->shared},
                                .reset = race_reset,
                                .died = race_note_death,
                                .is_wrong = race_is_wrong,
                                .data = race};
    race->search = search_new(&scenario, race);
    if (!race->search)
        goto err;
    call->job->data = race->search;
    call->job->objects = (uint16_t)race->objects.count;
    race_tell_beginning(race);
    race_start(race);
    return STATUS_PENDING;
err:
    call_fail(call, "mmap: %s", strerror(errno));
    job_finish(call->job, STATUS_FAILED);
    return STATUS_PENDING;
}

static int race_run(struct call *call)
{
    const struct race_args *race_args = call->args;
    int64_t workers;
    if (race_args->what && strcmp(race_args->what, "litmus") == 0)
        return race_litmus_run(call, race_args->for_ns, race_args->repaired, race_args->daemon);
    if (race_args->what && strcmp(race_args->what, "sigchld") == 0)
        return race_sigchld_run(call, race_args->daemon);
    if (race_args->array)
        return race_table_array(call);
    const struct race_scene *scene = race_find(call, &workers);
    int status = race_check(call, scene);
    if (status != STATUS_OK)
        return status;
    if (race_args->step && (call->background || !keypress_is_possible()))
        return call_misuse(call, "--step needs a terminal where keys can be pressed");
    if (race_args->times * workers * 5 > GATE_STEPS)
        return race_table_run(call, workers, race_args->times);
    return race_begin(call, scene, (uint32_t)workers);
}

const struct command command_race = {
    .name = "race",
    .group = "Sharing",
    .summary = "workers that share a counter: freely, and in every order of their steps",
    .details =
        "Free runs come first: how often it goes well by luck. Then the workers are held at a gate "
        "before each step, and every order of their steps is run, the one with the fewest switches "
        "first: a switch leaves a worker that could have gone on. An order is a digit a step; "
        "--replay runs it again. Orders are sequentially consistent ones: a processor may do more, "
        "as 'race litmus' shows. Faults by name: lost-update, check-then-act, lost-wakeup, "
        "double-take, wrong-lock, lock-order, missing-unlock, barrier-misuse, signal-before-wait, "
        "half-written; --repaired searches the same for their repairs.",
    .example = "race 2 --lock mutex",
    .args = args,
    .args_size = sizeof(struct race_args),
    .background = true,
    .run = race_run,
};
