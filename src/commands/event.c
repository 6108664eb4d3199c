// SPDX-License-Identifier: GPL-3.0-or-later
// event: workers that wait for an event, and one that sets it.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/crowd.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "sync/event.h"
#include "worker/workload.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct event_args {
    int64_t waiters, after, timeout;
    struct launch_args work;
};

static const char *const event_steps[] = {"wait", "set", "wake", NULL};

#define EVENT_WALK_WAIT (100 * NS_PER_MS)
#define EVENT_PATIENCE  (10 * NS_PER_S)

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct event_args, waiters),
     .min = 1,
     .max = 10000,
     .standard = -1,
     .help = "how many workers wait; without it, what an event answers"},
    {.name = "--after",
     .type = ARG_DURATION,
     .field = offsetof(struct event_args, after),
     .max = DURATION_MAX,
     .standard = 100 * NS_PER_MS,
     .help = "how long all have waited when it is set"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct event_args, timeout),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "how long each waits at most"},
    ARG_FOR(struct event_args),
    ARG_STAGGER(struct event_args, 0),
    ARG_DAEMON(struct event_args),
    ARG_AS(struct event_args),
    ARG_AT(struct event_args, event_steps),
    ARG_WHICH(struct event_args, 1),
    {0},
};

struct event_scene {
    const struct event_args *args;
    struct event_flag *flag;
    struct crowd *crowd;
    uint32_t waiters;
};

static const char *event_truth(bool so)
{
    return so ? "True" : "False";
}

// Waits, and says what came of it and how long it took. False when the system does not let it.
static bool event_try(const struct self *self, struct event_flag *flag, const char *how,
                      int64_t timeout)
{
    char took[32];
    int64_t before = clock_now();
    enum sync_result result = event_wait(flag, self, timeout);
    number_format_time(clock_now() - before, took, sizeof took);
    if (result == SYNC_FAILED)
        report_failure(self, "futex");
    report_output(self, "wait%s: %s, after %s", how, event_truth(result == SYNC_OK), took);
    return result != SYNC_FAILED;
}

static void event_tell_state(const struct self *self, const struct event_flag *flag)
{
    report_output(self, "is it set: %s", event_truth(event_is_set(flag)));
}

// p1 asks; p2 sets it, and p3 finds it set.
static int event_walk(const struct self *self, const void *argument)
{
    const struct event_scene *scene = argument;
    struct event_flag *flag = scene->flag;
    int woken;
    report_hello(self);
    if (self->number == 0) {
        event_tell_state(self, flag);
        if (!event_try(self, flag, ", not waiting", 0) ||
            !event_try(self, flag, ", 100 ms", EVENT_WALK_WAIT))
            return 1;
        event_set(flag, self, &woken);
        report_output(self, "set");
        event_tell_state(self, flag);
        event_try(self, flag, "", SYNC_FOREVER);
        event_try(self, flag, ", 100 ms", EVENT_WALK_WAIT);
        event_clear(flag, self);
        report_output(self, "cleared");
        event_tell_state(self, flag);
    } else if (self->number == 1) {
        event_set(flag, self, &woken);
        report_output(self, "p2 sets it");
    } else {
        report_output(self, "p3 waits for what p2 set:");
        event_try(self, flag, "", SYNC_FOREVER);
    }
    report_done(self, 0);
    return self->exit_status;
}

static int event_stand(const struct self *self, const void *argument)
{
    const struct event_scene *scene = argument;
    struct results results;
    report_hello(self);
    if (scene->args->work.for_ns > 0)
        workload_run(self, 0, &results);
    enum sync_result result = event_wait(scene->flag, self, scene->args->timeout);
    if (result == SYNC_FAILED) {
        report_failure(self, "futex");
        return 1;
    }
    crowd_note(scene->crowd, self->number, result == SYNC_OK ? 1 : CROWD_LATE);
    if (result == SYNC_TIMED_OUT)
        report_output(self, "p%u: timed out", self->number + 1);
    report_done(self, 0);
    return self->exit_status;
}

static uint32_t event_count_waiting(const void *flag)
{
    return event_waiting(flag);
}

// The last worker: sets it once all others wait, and have waited for a while.
static int event_release(const struct self *self, const void *argument)
{
    const struct event_scene *scene = argument;
    char within[32], waited[32];
    int64_t last = 0, began = clock_now();
    int woken;
    report_hello(self);
    crowd_await(scene->crowd, event_count_waiting, scene->flag, EVENT_PATIENCE);
    uint32_t waiting = event_waiting(scene->flag);
    clock_sleep(scene->args->after);
    number_format_time(clock_now() - began, waited, sizeof waited);
    int64_t before = clock_now();
    if (event_set(scene->flag, self, &woken) == SYNC_FAILED) {
        report_failure(self, "futex");
        return 1;
    }
    crowd_await_through(scene->crowd, scene->waiters, EVENT_PATIENCE);
    for (uint32_t i = 0; i < scene->waiters; i++) {
        int64_t when = atomic_load(&scene->crowd->each[i].when);
        last = when > last ? when : last;
    }
    number_format_time(last > before ? last - before : 0, within, sizeof within);
    report_output(self, "%u wait; set after %s: %u of %u woke, within %s", waiting, waited,
                  crowd_woken(scene->crowd), scene->waiters, within);
    event_try(self, scene->flag, " once more", SYNC_FOREVER);
    report_done(self, 0);
    return self->exit_status;
}

static void event_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct event_scene *scene = lab->data;
    *assignment = launch_assign(&scene->args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&scene->args->work, event_steps);
    assignment->self.tells = true;
    assignment->argument = scene;
    if (!scene->crowd)
        assignment->run = event_walk;
    else
        assignment->run = number < scene->waiters ? event_stand : event_release;
    lab_name(lab, number, assignment);
}

// Those that are ended here are no news.
static void event_tell_death(struct worker *worker, const struct sync *object,
                             struct sync_death death)
{
    if (!lab_of(worker)->stopped)
        launch_tell_death(worker, object, death);
}

// With the one that would set it gone, those that wait would do so for ever.
static void event_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    const struct event_scene *scene = lab->data;
    if (!scene->crowd)
        return;
    if (worker->number < scene->waiters) {
        bool through = atomic_load(&scene->crowd->each[worker->number].call) != CROWD_WAITS;
        atomic_fetch_add(&scene->crowd->gone, !through);
        return;
    }
    if (event_is_set(scene->flag) || scene->args->timeout >= 0 || lab->stopped)
        return;
    if (!launch_call(lab)->interrupted)
        call_fail(launch_call(lab), "p%u is gone, which was to set it; %u would wait for ever",
                  worker->number + 1, event_waiting(scene->flag));
    lab_end(lab);
}

static int event_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct event_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    struct text text = {0};
    int status = launch_conclude(lab);
    if (scene->crowd && lab->job->count > 0) {
        uint32_t woken = crowd_woken(scene->crowd);
        text_print(&text, "%u of %u woken", woken, scene->waiters);
        launch_add_waits(lab, &text);
        call_summary(call, "%s", text_string(&text));
        figures_begin(call);
        figures_add("woken", woken);
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    text_free(&text);
    return status;
}

static const struct lab_ops event_lab_ops = {.assign = event_assign,
                                             .not_started = launch_end_not_started,
                                             .frame = launch_print_lines,
                                             .ended = event_ended,
                                             .death = event_tell_death,
                                             .over = event_conclude};

static void event_free(struct call *call)
{
    struct event_scene *scene = ((struct lab *)call->state)->data;
    crowd_free(scene->crowd);
    launch_free(call);
}

static const struct call_ops event_call_ops = {.progress = launch_show_progress,
                                               .free = event_free};

static bool event_share(struct lab *lab)
{
    struct event_scene *scene = lab->data;
    scene->flag = launch_share(lab, &sync_event, NULL, (uint32_t)lab->plan.workers, 0);
    if (!scene->flag || scene->args->waiters < 0)
        return scene->flag;
    scene->crowd = crowd_new(lab->job, scene->waiters);
    if (!scene->crowd)
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
    return scene->crowd;
}

static int event_run(struct call *call)
{
    const struct event_args *event_args = call->args;
    bool walks = event_args->waiters < 0;
    int64_t workers = walks ? 3 : event_args->waiters + 1;
    int status = launch_check(call, &event_args->work, 1, workers);
    if (status == STATUS_OK)
        status = launch_check_at(call, &event_args->work);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = workers,
                            .start = walks ? LAB_ONE_BY_ONE : LAB_STAGGERED,
                            .stagger = event_args->work.stagger,
                            .timeout = -1};
    struct lab *lab =
        launch_lab(call, &plan, &event_lab_ops, &event_args->work, sizeof(struct event_scene));
    struct event_scene *scene = lab->data;
    *scene = (struct event_scene){.args = event_args, .waiters = (uint32_t)(workers - 1)};
    call->ops = &event_call_ops;
    if (event_share(lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_event = {
    .name = "event",
    .group = "Sharing",
    .summary = "asks an event what it answers, or lets N workers wait for one",
    .details = "The last worker sets it, once all others wait. An event stays set, so that one "
               "that comes late does not wait. A waiter that dies is skipped.",
    .example = "event 3 --after 100ms",
    .args = args,
    .args_size = sizeof(struct event_args),
    .background = true,
    .acts = true,
    .run = event_run,
};
