// SPDX-License-Identifier: GPL-3.0-or-later
// Deals a pool's tasks to its workers in chunks, takes the unfinished ones of a dead worker back,
// and accounts for every task as done, failed or lost. It starts no worker and sends nothing.
#ifndef FORKLAB_JOBS_SCHEDULER_H
#define FORKLAB_JOBS_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scheduler;

struct scheduler_plan {
    int64_t tasks;
    uint32_t seats; // workers at a time; a seat is taken by one worker after another
    int64_t chunk;  // tasks at a time, or 0: a share of what is left, so the last chunks are small
    int64_t chunk_most; // the largest of those shares
    int64_t retries;    // how often a task may kill its worker and be tried again
    bool in_order;      // scheduler_settled() is asked for
};

// The caller frees what it returns with scheduler_free().
struct scheduler *scheduler_new(const struct scheduler_plan *plan);
void scheduler_free(struct scheduler *deal);

// Gives the next chunk, of at most `most` tasks, to `seat`. False when nothing is left to deal.
bool scheduler_next(struct scheduler *deal, uint32_t seat, int64_t most, int64_t *first,
                    int64_t *count);

// Whether scheduler_next() would give something.
bool scheduler_has_next(const struct scheduler *deal);

// Notes that `seat` finished these tasks, the next ones that it holds. False when it does not hold
// them.
bool scheduler_done(struct scheduler *deal, uint32_t seat, int64_t first, int64_t count);

// Notes that `seat` tried this task, the next one that it holds, and that the task failed. False
// when it does not hold it.
bool scheduler_failed(struct scheduler *deal, uint32_t seat, int64_t task);

// Notes that the worker in `seat` died while it was at task `in_hand` (or -1): what it held will be
// dealt again, but for that task if it has had its tries.
void scheduler_died(struct scheduler *deal, uint32_t seat, int64_t in_hand);

// Returns the first task that `seat` holds and has not finished, or -1 when it holds none: the one
// to blame when its worker could not say any more what it was at.
int64_t scheduler_first_held(const struct scheduler *deal, uint32_t seat);

// Counts all that is not done as lost, and tells `each`, in order, which tasks that were: not those
// that were lost before.
typedef void scheduler_loss_fn(void *data, int64_t first, int64_t count);
void scheduler_give_up(struct scheduler *deal, scheduler_loss_fn *each, void *data);

// Ends the dealing: what is neither done nor lost nor failed will not be done.
void scheduler_close(struct scheduler *deal);

// Chunks that `seat` holds.
size_t scheduler_held(const struct scheduler *deal, uint32_t seat);

// Whether every task is done, failed or lost; how many are.
bool scheduler_is_over(const struct scheduler *deal);
int64_t scheduler_count_done(const struct scheduler *deal);
int64_t scheduler_count_lost(const struct scheduler *deal);
int64_t scheduler_count_failed(const struct scheduler *deal);

// Why a task has no result.
enum gap { GAP_NONE, GAP_LOST, GAP_FAILED, GAP_NOT_DONE };

// Returns why `task` has no result. Only those that scheduler_close() met are GAP_NOT_DONE. Cheap
// enough to be asked of every task.
enum gap scheduler_gap(const struct scheduler *deal, int64_t task);

// Returns "lost", "failed" or "not done", and NULL for GAP_NONE.
const char *scheduler_gap_word(enum gap gap);

// Returns how many tasks are done, failed or lost with none before them that is not.
int64_t scheduler_settled(const struct scheduler *deal);

// Returns the first lost task that is not before `task`, or -1 when there is none.
int64_t scheduler_next_lost(const struct scheduler *deal, int64_t task);

// The same for a task that failed.
int64_t scheduler_next_failed(const struct scheduler *deal, int64_t task);

// Returns how many bytes of memory it takes.
size_t scheduler_size(const struct scheduler *deal);

#endif
