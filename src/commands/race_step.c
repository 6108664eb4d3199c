// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_step.h"

#include "base/out.h"
#include "commands/race_report.h"
#include "commands/race_search.h"
#include "shell/keypress.h"
#include "shell/terminal.h"

#include <inttypes.h>
#include <stdio.h>

static void race_step_take_key(int key, void *data);

static void race_step_show_worker(const struct race *race, uint32_t worker)
{
    const struct gates *gates = search_gates(race->search);
    const struct gate_step *next = gate_next(gates, worker);
    struct text line = {0};
    if (!(gate_unfinished(gates) >> worker & 1)) {
        out_print("  p%u is through\n", worker + 1);
        return;
    }
    text_print(&line, "  p%u %s", worker + 1, next->verb);
    if (next->name)
        text_print(&line, " %s", next->name);
    if (next->has_value)
        text_print(&line, " %" PRId64, next->value);
    if (next->peek)
        text_print(&line, " %" PRId64, *next->peek);
    if (!(gate_enabled(gates) >> worker & 1))
        text_add_string(&line, ", but has to wait");
    out_print("%s\n", text_string(&line));
    text_free(&line);
}

static void race_step_ask(void *data)
{
    struct race *race = data;
    char question[80];
    struct text order = {0};
    orders_format(race->replay, race->chosen, race->workers, &order);
    out_print("%s next:\n", race->chosen > 0 ? text_string(&order) : "at the beginning,");
    for (uint32_t i = 0; i < race->workers; i++)
        race_step_show_worker(race, i);
    snprintf(question, sizeof question, "-- which goes? 1 to %u, b takes back, q ends",
             race->workers);
    if (!keypress_is_open())
        keypress_open(race_step_take_key, race);
    terminal_status(question);
    text_free(&order);
}

static void race_step_stop(void)
{
    if (keypress_is_open())
        keypress_close();
    terminal_status("");
}

static void race_step_tell(void *data)
{
    struct race *race = data;
    const struct search_result *result = search_result(race->search);
    struct text order = {0}, command = {0};
    race_step_stop();
    if (race_search_failed(race))
        return;
    race->orders = 1;
    race->wrong = result->order_wrong;
    race_report_figures(race);
    race_report_order(race);
    race_report_add_order(race, &order);
    race_report_add_command(race, &command);
    call_summary(race->call, "%s; '%s --replay %s' runs it again",
                 result->order_wrong ? "it went wrong" : "it went well", text_string(&command),
                 text_string(&order));
    text_free(&order);
    text_free(&command);
    race_search_end(race, STATUS_OK);
}

static void race_step_run(struct race *race)
{
    race->options.mode = SEARCH_STEP;
    race->options.ask = race_step_ask;
    race->options.done = race_step_tell;
    race->options.replay = race->replay;
    race->options.replay_length = race->chosen;
    search_run(race->search, race->call->job, &race->options);
}

static void race_step_choose(struct race *race, uint32_t worker)
{
    if (worker >= race->workers || !(gate_enabled(search_gates(race->search)) >> worker & 1)) {
        out_print("p%u can't go now\n", worker + 1);
        race_step_ask(race);
        return;
    }
    race_step_stop(); // keys typed ahead stay until the next question
    race->replay[race->chosen++] = (uint8_t)worker;
    search_step(race->search, (uint8_t)worker);
}

static void race_step_take_key(int key, void *data)
{
    struct race *race = data;
    if (key >= '1' && key <= '9') {
        race_step_choose(race, (uint32_t)(key - '1'));
    } else if ((key == 'b' || key == KEYPRESS_BACK) && race->chosen > 0) {
        race_step_stop();
        race->chosen--;
        race_step_run(race);
    } else if (key == 'q' || key == KEYPRESS_GONE) {
        race_step_stop();
        call_summary(race->call, "left before the end");
        race_search_end(race, STATUS_OK);
    }
}

void race_step_begin(struct race *race)
{
    race->chosen = race->args->replay ? race->options.replay_length : 0;
    race_step_run(race);
}
