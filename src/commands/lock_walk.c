// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/lock_walk.h"

#include "base/clock.h"
#include "commands/summary.h"
#include "jobs/terminate.h"
#include "os/fork.h"
#include "sync/lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OWNER, STRANGER, WORKERS };

// What the owner has said when the stranger's turn comes.
enum { LINES_BEFORE_STRANGER = 3 };

#define LOCK_WALK_PATIENCE (100 * NS_PER_MS)

struct lock_walk {
    struct lock *lock;
    const struct launch_args *args;
    bool again;
    int64_t lines; // that the owner has said
};

// Adds which worker has the lock: ", p1 has it".
static const char *lock_walk_holder(const struct lock *lock)
{
    static char text[64];
    int64_t owner = lock_owner(lock);
    if (owner == LOCK_NOBODY)
        return ", no worker has it";
    snprintf(text, sizeof text, ", p%lld has it%s", (long long)owner + 1,
             lock_depth(lock) > 1 ? ", twice" : "");
    return text;
}

static void lock_walk_acquire(const struct self *self, struct lock *lock, int64_t timeout,
                              const char *how)
{
    char waited[32], after[48] = "";
    int64_t dead_owner, began = clock_now();
    enum sync_result result = lock_acquire(lock, self, timeout, &dead_owner);
    if (result == SYNC_FAILED) {
        report_failure(self, "futex");
        _exit(1);
    }
    number_format_time(clock_now() - began, waited, sizeof waited);
    if (timeout > 0)
        snprintf(after, sizeof after, " after %s", waited);
    report_output(self, "p%u acquire%s: %s%s%s", self->number + 1, how,
                  result == SYNC_OK ? "True" : "False", after, lock_walk_holder(lock));
}

static void lock_walk_release(const struct self *self, struct lock *lock)
{
    bool done = lock_drop(lock, self) == SYNC_OK;
    report_output(self, "p%u release: %s%s", self->number + 1, done ? "done" : "refused",
                  lock_walk_holder(lock));
}

// Until the parent says that the stranger is done.
static void lock_walk_await_stranger(void)
{
    struct frame frame;
    while (read(WORKER_DOWN_FD, &frame, sizeof frame) < 0 && errno == EINTR)
        continue;
}

static int lock_walk_be_owner(const struct self *self, const void *argument)
{
    const struct lock_walk *walk = argument;
    report_hello(self);
    lock_walk_acquire(self, walk->lock, SYNC_FOREVER, "");
    lock_walk_acquire(self, walk->lock, 0, " again, not waiting");
    if (walk->again)
        lock_walk_release(self, walk->lock);
    else
        lock_walk_acquire(self, walk->lock, LOCK_WALK_PATIENCE, " again, waiting 100 ms");
    lock_walk_await_stranger();
    lock_walk_release(self, walk->lock);
    lock_walk_release(self, walk->lock);
    lock_walk_acquire(self, walk->lock, 0, ", not waiting");
    lock_walk_release(self, walk->lock);
    report_done(self, 0);
    return 0;
}

static int lock_walk_be_stranger(const struct self *self, const void *argument)
{
    const struct lock_walk *walk = argument;
    report_hello(self);
    lock_walk_acquire(self, walk->lock, 0, ", not waiting");
    lock_walk_acquire(self, walk->lock, LOCK_WALK_PATIENCE, ", waiting 100 ms");
    lock_walk_release(self, walk->lock);
    report_done(self, 0);
    return 0;
}

static void lock_walk_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct lock_walk *walk = lab->data;
    *assignment = launch_assign(walk->args, (int64_t)number + 1);
    assignment->run = number == OWNER ? lock_walk_be_owner : lock_walk_be_stranger;
    assignment->argument = walk;
    assignment->down_pipe = number == OWNER;
    assignment->self.tells = true;
    lab_name(lab, number, assignment);
}

static void lock_walk_let_owner_go_on(struct lab *lab)
{
    struct worker *owner = lab->job->workers[OWNER];
    if (!worker_lives(owner) || job_tell(owner, FRAME_STOP, 0, 0) || errno == EPIPE)
        return;
    call_fail(launch_call(lab), "write: %s", strerror(errno));
    terminate_worker(owner);
}

static bool lock_walk_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct lab *lab = lab_of(worker);
    struct lock_walk *walk = lab->data;
    if (frame->type != FRAME_OUTPUT)
        return true;
    launch_print(frame, block);
    walk->lines += worker->number == OWNER;
    if (walk->lines == LINES_BEFORE_STRANGER && lab->job->count == 1 && !lab->job->cancelled)
        lab_start_next(lab);
    return true;
}

static void lock_walk_miss(struct lab *lab)
{
    launch_tell_not_started(lab);
    if (lab->job->count > 0)
        lock_walk_let_owner_go_on(lab);
}

static void lock_walk_part(struct worker *worker)
{
    if (worker->number == STRANGER)
        lock_walk_let_owner_go_on(lab_of(worker));
}

static int lock_walk_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct lock_walk *walk = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (status == STATUS_OK && !lab->job->cancelled)
        call_summary(call, walk->again
                               ? "its owner takes it as often as it lets it go; a stranger can't"
                               : "it has one owner, even against its owner's own second request");
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops lock_walk_lab_ops = {.assign = lock_walk_assign,
                                                 .not_started = lock_walk_miss,
                                                 .frame = lock_walk_hear,
                                                 .ended = lock_walk_part,
                                                 .over = lock_walk_conclude};

int lock_walk_run(struct call *call, const struct launch_args *args, bool again)
{
    struct lab_plan plan = {.workers = WORKERS, .start = LAB_ON_DEMAND, .timeout = args->timeout};
    struct lab *lab = launch_lab(call, &plan, &lock_walk_lab_ops, args, sizeof(struct lock_walk));
    struct lock_walk *walk = lab->data;
    *walk = (struct lock_walk){.args = args, .again = again};
    walk->lock = launch_share(lab, &sync_lock, NULL, WORKERS, again);
    if (walk->lock)
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}
