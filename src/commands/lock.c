// SPDX-License-Identifier: GPL-3.0-or-later
// lock: what a lock answers; with N, workers that want one or several.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/lock_walk.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "sync/lock.h"
#include "worker/workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const lock_steps[] = {"hold", "take", "release", NULL};

struct lock_args {
    int64_t workers; // -1 for the walk
    bool again;
    const char *order;
    struct launch_args work;
};

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct lock_args, workers),
     .min = 1,
     .max = 10000,
     .standard = -1,
     .help = "how many workers want the lock; without it, what a lock answers to two"},
    {.name = "--again",
     .type = ARG_FLAG,
     .field = offsetof(struct lock_args, again),
     .help = "a lock that its owner may take again"},
    {.name = "--order",
     .type = ARG_WORD,
     .field = offsetof(struct lock_args, order),
     .help = "the locks A to Z that each worker takes, in turn: AB,BA"},
    ARG_FOR(struct lock_args),
    ARG_STAGGER(struct lock_args, 0),
    ARG_TIMEOUT(struct lock_args),
    ARG_DAEMON(struct lock_args),
    ARG_AS(struct lock_args),
    ARG_AT(struct lock_args, lock_steps),
    ARG_WHICH(struct lock_args, 1),
    {0},
};

enum { LOCKS_MOST = 26 };

struct lock_scene {
    const struct lock_args *args;
    struct lock *locks[LOCKS_MOST]; // by letter; without --order only the first
    int64_t had, inherited;         // how often a lock was taken, and after its owner's death
};

// Returns the letters of the locks that worker `number` takes: up to a comma.
static const char *lock_letters(const struct lock_args *lock_args, uint32_t number, size_t *count)
{
    const char *order = lock_args->order ? lock_args->order : "A";
    size_t orders = 1;
    for (const char *c = order; *c; c++)
        orders += *c == ',';
    for (size_t skip = number % orders; skip > 0; skip--)
        order = strchr(order, ',') + 1;
    *count = strcspn(order, ",");
    return order;
}

static void lock_name(const struct lock_args *lock_args, char letter, char *name, size_t size)
{
    if (lock_args->order)
        snprintf(name, size, "lock %c", letter);
    else
        snprintf(name, size, "lock");
}

// Takes one lock, says so, and works with it in hand.
static void lock_take_one(const struct self *self, const struct lock_scene *scene, char letter)
{
    char name[SYNC_NAME_ROOM], waited[32];
    int64_t dead_owner, began = clock_now();
    struct results results;
    lock_name(scene->args, letter, name, sizeof name);
    enum sync_result result =
        lock_acquire(scene->locks[letter - 'A'], self, SYNC_FOREVER, &dead_owner);
    if (result != SYNC_OK) {
        report_failure(self, "futex");
        _exit(1);
    }
    number_format_time(clock_now() - began, waited, sizeof waited);
    report_output(self, "p%u has %s after %s", self->number + 1, name, waited);
    workload_run(self, 1000, &results);
}

static int lock_work(const struct self *self, const void *argument)
{
    const struct lock_scene *scene = argument;
    size_t count;
    const char *letters = lock_letters(scene->args, self->number, &count);
    report_hello(self);
    for (size_t i = 0; i < count; i++)
        lock_take_one(self, scene, letters[i]);
    for (size_t i = count; i > 0; i--)
        lock_drop(scene->locks[letters[i - 1] - 'A'], self);
    report_done(self, (int64_t)count);
    return self->exit_status;
}

static void lock_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct lock_scene *scene = lab->data;
    const struct launch_args *work = &scene->args->work;
    *assignment = launch_assign(work, (int64_t)number + 1);
    assignment->self.at = launch_step(work, lock_steps);
    assignment->self.for_ns = launch_for(work, 20 * NS_PER_MS);
    assignment->self.tells = true;
    lab_name(lab, number, assignment);
}

static bool lock_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct lab *lab = lab_of(worker);
    struct lock_scene *scene = lab->data;
    if (frame->type == FRAME_HOLDS) {
        scene->had++;
        scene->inherited += frame->a != LOCK_NOBODY;
        launch_tell_heir(worker, frame);
    }
    return launch_print_lines(worker, frame, block);
}

static int lock_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct lock_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    struct text text = {0};
    int status = launch_conclude(lab);
    text_print(&text, "%zu worker%s, %s taken %" PRId64 " time%s", lab->job->count,
               lab->job->count == 1 ? "" : "s", scene->args->order ? "locks" : "one lock",
               scene->had, scene->had == 1 ? "" : "s");
    launch_add_waits(lab, &text);
    if (lab->job->count > 0)
        call_summary(call, "%s", text_string(&text));
    else
        summary_of_none(call);
    figures_add("taken", scene->had);
    figures_add("inherited", scene->inherited);
    summary_report_times(call, times, (int64_t)lab->job->count);
    text_free(&text);
    return status;
}

static const struct lab_ops lock_lab_ops = {.assign = lock_assign,
                                            .not_started = launch_tell_not_started,
                                            .frame = lock_hear,
                                            .stuck = launch_tell_stuck,
                                            .timed_out = launch_tell_timeout,
                                            .over = lock_conclude};

// A worker that takes a lock twice would wait for itself, unless it may.
static int lock_check_order(struct call *call, const struct lock_args *lock_args)
{
    const char *order = lock_args->order ? lock_args->order : "A";
    for (const char *c = order; *c; c++) {
        bool separates = *c == ',' && c > order && c[-1] != ',' && c[1];
        if (!separates && (*c < 'A' || *c > 'Z'))
            return call_misuse(call,
                               "--order takes letters A to Z with commas between workers, "
                               "AB,BA, not '%s'",
                               text_visible(order));
    }
    return *order ? STATUS_OK : call_misuse(call, "--order needs a lock: AB,BA");
}

// Makes the locks that are named. False after it told why not.
static bool lock_share(struct lab *lab)
{
    struct lock_scene *scene = lab->data;
    const char *order = scene->args->order ? scene->args->order : "A";
    char name[SYNC_NAME_ROOM];
    for (int letter = 'A'; letter <= 'Z'; letter++) {
        lock_name(scene->args, (char)letter, name, sizeof name);
        if (!strchr(order, letter))
            continue;
        struct lock *lock =
            launch_share(lab, &sync_lock, name, (uint32_t)lab->plan.workers, scene->args->again);
        if (!lock)
            return false;
        scene->locks[letter - 'A'] = lock;
    }
    return true;
}

static int lock_run(struct call *call)
{
    const struct lock_args *lock_args = call->args;
    if (lock_args->workers < 0 && (lock_args->order || lock_args->work.as != AS_NORMAL))
        return call_misuse(call, "--order and --as need N: how many workers want the lock");
    if (lock_args->workers < 0)
        return lock_walk_run(call, &lock_args->work, lock_args->again);
    int status = launch_check(call, &lock_args->work, 1, lock_args->workers);
    if (status == STATUS_OK)
        status = launch_check_at(call, &lock_args->work);
    if (status == STATUS_OK)
        status = lock_check_order(call, lock_args);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = lock_args->workers,
                            .start = LAB_STAGGERED,
                            .stagger = lock_args->work.stagger,
                            .timeout = lock_args->work.timeout,
                            .body = lock_work};
    struct lab *lab =
        launch_lab(call, &plan, &lock_lab_ops, &lock_args->work, sizeof(struct lock_scene));
    struct lock_scene *scene = lab->data;
    scene->args = lock_args;
    lab->plan.argument = scene;
    if (lock_share(lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_lock = {
    .name = "lock",
    .group = "Sharing",
    .summary = "asks a lock what it answers, or lets N workers want one",
    .details =
        "Each worker holds what it takes for --for T (20ms). A worker that dies with a lock is "
        "named, and the lock goes on to the next. With --order each worker takes several, one "
        "after another: AB,BA makes a circle of two, each of which waits for the other.",
    .example = "lock 2 --order AB,BA --timeout 2s",
    .args = args,
    .args_size = sizeof(struct lock_args),
    .background = true,
    .acts = true,
    .run = lock_run,
};
