// SPDX-License-Identifier: GPL-3.0-or-later
// race: workers that share something without care: freely, and in every order of their steps.
#include "commands/table.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/number.h"
#include "base/out.h"
#include "commands/race_litmus.h"
#include "commands/race_report.h"
#include "commands/race_search.h"
#include "commands/race_sigchld.h"
#include "commands/race_step.h"
#include "commands/race_table.h"
#include "shell/keypress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
     .standard_is = "2s",
     .help = "how long too many orders are tried"},
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

static void race_tell_orders(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_search_failed(race))
        return;
    race->orders = result->tried - result->deaths;
    race->wrong = result->wrong - race->deaths_wrong;
    race->all_tried = result->complete;
    race_report_orders(race);
    race_search_end(race, STATUS_OK);
}

static void race_tell_replay(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    if (race_search_failed(race))
        return;
    race->orders = 1;
    race->wrong = result->order_wrong;
    race_report_figures(race);
    race_report_order(race);
    call_summary(race->call, "it went %s; 'timeline' and 'explain' show it step by step",
                 result->order_wrong ? "wrong" : "well");
    race_search_end(race, STATUS_OK);
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
    if (race_search_failed(race))
        return;
    race->free_runs = result->tried;
    race->free_right = result->tried - result->wrong;
    race->fault = NULL;
    out_print("free: %" PRIu64 " run%s, %" PRIu64 " right\n", race->free_runs,
              race_report_plural(race->free_runs), race->free_right);
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
    race_search_free(race);
    free(race);
}

static const struct call_ops race_call_ops = {.free = race_free};

static const struct race_scene *race_find(struct call *call, int64_t *workers)
{
    const struct race_args *race_args = call->args;
    const char *name = race_args->bug ? race_args->bug : race_args->what;
    *workers = 2;
    if (!name || number_parse_count(name, 1, GATE_WORKERS, workers))
        return &race_counters[race_args->lock < 0 ? RACE_NONE : race_args->lock];
    const struct race_scene *bug = race_bugs_find(name);
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
    if (!race_search_new(race)) {
        call_fail(call, "mmap: %s", strerror(errno));
        job_finish(call->job, STATUS_FAILED);
        return STATUS_PENDING;
    }
    race_report_beginning(race);
    race_start(race);
    return STATUS_PENDING;
}

static int race_run(struct call *call)
{
    const struct race_args *race_args = call->args;
    int64_t workers;
    const char *what = race_args->what ? race_args->what : "";
    if (strcmp(what, "litmus") == 0)
        return race_litmus_run(call, race_args->for_ns, race_args->repaired, race_args->daemon);
    if (strcmp(what, "sigchld") == 0)
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
    .acts = true,
    .run = race_run,
};
