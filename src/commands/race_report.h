// SPDX-License-Identifier: GPL-3.0-or-later
// What `race` prints: the beginning, an order, the orders that were tried, and the figures.
#ifndef FORKLAB_COMMANDS_RACE_REPORT_H
#define FORKLAB_COMMANDS_RACE_REPORT_H

#include "commands/race_state.h"

// Prints what the workers are going to do.
void race_report_beginning(const struct race *race);

// Prints the order that the search has kept: a line, and with --json an object.
void race_report_order(const struct race *race);

// Prints how many orders were tried and went wrong, the shortest of these, the figures and the
// summary; race->orders, wrong and all_tried are set before.
void race_report_orders(const struct race *race);

// Sets the call's figures.
void race_report_figures(const struct race *race);

// Adds the kept order, one digit a step, or with commas over 9 workers.
void race_report_add_order(const struct race *race, struct text *text);

// Adds the command that was typed, without its --replay.
void race_report_add_command(const struct race *race, struct text *text);

// Returns the "s" of a plural, or "".
const char *race_report_plural(uint64_t count);

#endif
