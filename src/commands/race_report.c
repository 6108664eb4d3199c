// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_report.h"

#include "base/json.h"
#include "base/out.h"
#include "shell/figures.h"
#include "shell/json_output.h"

#include <inttypes.h>
#include <string.h>

const char *race_report_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

// The workers whose step is lost, by the trace: another stored between their load and their store
// was.
static uint32_t race_report_losers(const struct gate_record *trace, size_t length)
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

static void race_report_add_losers(uint32_t losers, struct text *text)
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
static void race_report_add_fault(const struct race *race, struct text *text)
{
    const struct search_result *result = search_result(race->search);
    uint32_t losers = race->scene->counts ? race_report_losers(result->trace, result->length) : 0;
    if (result->order_stuck)
        text_print(text, "no worker can go on: %s", result->circle);
    else if (result->order_wrong && losers)
        race_report_add_losers(losers, text);
    else if (result->order_wrong)
        text_add_string(text, race->fault ? race->fault : "it goes wrong");
    else
        text_add_string(text, "right");
}

void race_report_add_order(const struct race *race, struct text *text)
{
    const struct search_result *result = search_result(race->search);
    for (size_t i = 0; i < result->length; i++)
        orders_format(&result->trace[i].step, 1, 1, text),
            text_add_string(text, race->workers > 9 && i + 1 < result->length ? "," : "");
}

// Tells the order kept: a line for people, an object for programs.
void race_report_order(const struct race *race)
{
    const struct search_result *result = search_result(race->search);
    struct text line = {0}, order = {0};
    search_add_order(result->trace, result->length, &line);
    text_add_string(&line, ": ");
    race_report_add_fault(race, &line);
    race_report_add_order(race, &order);
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

void race_report_add_command(const struct race *race, struct text *text)
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

static void race_report_add_mend(const struct race *race, struct text *text)
{
    text_add_string(text, ", '");
    race_report_add_command(race, text);
    text_add_string(text, " --lock mutex' mends it");
}

// "is wrong; 'race ... --replay 122211' shows it again, ... mends it"
static void race_report_add_wrong(const struct race *race, struct text *text)
{
    text_add_string(text, "is wrong; '");
    race_report_add_command(race, text);
    text_add_string(text, " --replay ");
    race_report_add_order(race, text);
    text_add_string(text, "' shows it again");
    if (race->scene->workers)
        text_print(text, ", 'race %s --repaired' mends it", race->scene->name);
    else if (race->scene == &race_counters[RACE_NONE])
        race_report_add_mend(race, text);
}

static void race_report_summarize(const struct race *race)
{
    struct text text = {0};
    if (race->free_runs > 0 && race->free_right == race->free_runs)
        text_print(&text, "it ran well %" PRIu64 " time%s and ", race->free_runs,
                   race_report_plural(race->free_runs));
    else
        text_add_string(&text, "it ");
    if (race->wrong + race->deaths_wrong > 0)
        race_report_add_wrong(race, &text);
    else if (race->all_tried)
        text_add_string(&text, "goes wrong in no order");
    else
        text_add_string(&text, "goes wrong in no order that was tried; there are more, so that "
                               "proves nothing");
    call_summary(race->call, "%s", text_string(&text));
    text_free(&text);
}

void race_report_figures(const struct race *race)
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

static void race_report_deaths(const struct race *race)
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

void race_report_beginning(const struct race *race)
{
    const struct race_scene *scene = race->scene;
    int64_t times = race->shared->times;
    if (scene->repaired)
        out_print("%s: %s\n", scene->name, race->shared->repaired ? scene->repair : scene->what);
    else if (times == 1)
        out_print("%u worker%s add%s 1 to x, once%s: %s\n", race->workers,
                  race_report_plural(race->workers), race->workers == 1 ? "s" : "",
                  race->workers == 1 ? "" : " each", scene->what);
    else
        out_print("%u worker%s add%s 1 to x, %" PRId64 " times%s: %s\n", race->workers,
                  race_report_plural(race->workers), race->workers == 1 ? "s" : "", times,
                  race->workers == 1 ? "" : " each", scene->what);
}

// "all: 20 orders, 18 wrong", or how many of how many were tried.
static void race_report_add_tried(const struct race *race, struct text *text)
{
    const char *bound = race->scene->steps == 5 ? "at most " : "";
    if (race->all_tried)
        text_print(text, "all: %" PRIu64 " order%s, %" PRIu64 " wrong", race->orders,
                   race_report_plural(race->orders), race->wrong);
    else
        text_print(text,
                   "tried: %" PRIu64 " of %s%" PRIu64 " orders, fewest switches first, then at "
                   "random (seed %" PRId64 "): %" PRIu64 " wrong",
                   race->orders, race->count == UINT64_MAX ? "over " : bound, race->count,
                   race->args->seed, race->wrong);
}

void race_report_orders(const struct race *race)
{
    const struct search_result *result = search_result(race->search);
    struct text text = {0};
    race_report_add_tried(race, &text);
    if (result->stuck > 0)
        text_print(&text, " (%" PRIu64 " deadlock%s)", result->stuck,
                   race_report_plural(result->stuck));
    if (result->has_order) {
        text_print(&text, "; the shortest way to go wrong needs %u switch%s: ", result->switches,
                   result->switches == 1 ? "" : "es");
        race_report_add_order(race, &text);
    }
    out_print("%s\n", text_string(&text));
    text_free(&text);
    race_report_figures(race);
    if (result->has_order)
        race_report_order(race);
    race_report_deaths(race);
    race_report_summarize(race);
}
