// SPDX-License-Identifier: GPL-3.0-or-later
// Who gets which tasks of a pool: deals chunks, takes the unfinished ones of a dead worker back, and
// accounts for every task as done or lost. It starts and tells nobody.
#ifndef FORKLAB_PROCESS_DEAL_H
#define FORKLAB_PROCESS_DEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deal;

struct deal_plan {
    int64_t tasks;
    uint32_t seats;  // workers at a time; a seat is taken by one worker after another
    int64_t chunk;   // tasks at a time, or 0: a share of what is left, so the last chunks are small
    int64_t retries; // how often a task may kill its worker and be tried again
};

// The caller frees what it returns with deal_free().
struct deal *deal_new(const struct deal_plan *plan);
void deal_free(struct deal *deal);

// Gives the next chunk, of at most `most` tasks, to `seat`. False when nothing is left to deal.
bool deal_next(struct deal *deal, uint32_t seat, int64_t most, int64_t *first, int64_t *count);

// Whether deal_next() would give something.
bool deal_has_next(const struct deal *deal);

// Notes that `seat` finished these tasks, the next ones that it holds. False when it does not hold
// them.
bool deal_done(struct deal *deal, uint32_t seat, int64_t first, int64_t count);

// Notes that the worker in `seat` died while it was at task `in_hand` (or -1): what it held will be
// dealt again, but for that task if it has had its tries.
void deal_died(struct deal *deal, uint32_t seat, int64_t in_hand);

// Returns the first task that `seat` holds and has not finished, or -1 when it holds none: the one to blame
// when its worker could not say any more what it was at.
int64_t deal_first_held(const struct deal *deal, uint32_t seat);

// Counts all that is not done as lost, and tells `each`, in order, which tasks that were: not those that
// were lost before.
typedef void deal_loss_fn(void *data, int64_t first, int64_t count);
void deal_give_up(struct deal *deal, deal_loss_fn *each, void *data);

// Chunks that `seat` holds.
size_t deal_held(const struct deal *deal, uint32_t seat);

// Whether every task is done or lost; how many are.
bool deal_is_over(const struct deal *deal);
int64_t deal_count_done(const struct deal *deal);
int64_t deal_count_lost(const struct deal *deal);

// Returns the first lost task that is not before `task`, or -1 when there is none.
int64_t deal_next_lost(const struct deal *deal, int64_t task);

// Whether `task` is lost. Cheap enough to be asked of every task, as is the one above.
bool deal_is_lost(const struct deal *deal, int64_t task);

// Returns how many bytes of memory it takes.
size_t deal_size(const struct deal *deal);

#endif
