// SPDX-License-Identifier: GPL-3.0-or-later
// Orders of the steps of several workers: counted, written, and enumerated with the fewest switches
// first. Pure computation: the caller runs an order, and tells which workers could have gone at
// each step.
#ifndef FORKLAB_JOBS_ORDERS_H
#define FORKLAB_JOBS_ORDERS_H

#include "base/text.h"
#include "worker/gate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Returns in how many orders workers can take `steps[i]` steps each, none of which ever waits:
// (sum of steps)! / product of steps!. UINT64_MAX stands for that many or more.
uint64_t orders_count(const uint32_t *steps, uint32_t workers);

// Reads an order as it is typed: a digit a step from 1 to 9, or numbers with commas; an 'x' behind
// one means that this worker is killed there. Returns false, and a message in `error`, for anything
// else, for a worker beyond `workers` and for more than GATE_STEPS steps.
bool orders_parse(const char *text, uint32_t workers, uint8_t *steps, size_t *length,
                  struct text *error);

// Adds the order in that form: with commas for more than 9 workers.
void orders_format(const uint8_t *steps, size_t length, uint32_t workers, struct text *text);

// An enumeration of all orders. Each is given as a plan, its beginning; behind that the worker that
// went last goes on as long as it can, then the lowest one that can.
struct orders;

// Begins one; with `deaths`, at each step each worker that could take it is killed instead, too,
// one in an order. `room` bounds the memory for what is still to be tried, in bytes. orders_free()
// ends it; NULL is fine.
struct orders *orders_new(bool deaths, size_t room);
void orders_free(struct orders *orders);

// Returns the next plan, and its length; NULL once all orders were tried. Valid until
// orders_tell().
const uint8_t *orders_next(struct orders *orders, size_t *length);

// Tells how that plan went: the steps taken, and before each the workers that could have gone.
void orders_tell(struct orders *orders, const struct gate_record *trace, size_t length);

// Returns the number of switches in the plan at hand: a worker that could have gone on was left for
// another.
uint32_t orders_switches(const struct orders *orders);

// Whether some orders were left out for want of room.
bool orders_left_out(const struct orders *orders);

// Draws priorities for one random order of about `length` steps (Burckhardt et al., "A randomized
// scheduler with probabilistic guarantees of finding bugs", 2010), and moves `seed` on.
void orders_draw(uint64_t *seed, uint32_t workers, size_t length,
                 struct gate_priorities *priorities);

#endif
