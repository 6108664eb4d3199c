// SPDX-License-Identifier: GPL-3.0-or-later
// semaphore: what a semaphore answers; with N, workers that want one of its K permits.
#include "commands/search_sync.h"
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "sync/semaphore.h"
#include "worker/workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const char *const semaphore_steps[] = {"hold", "acquire", "release", "wake", NULL};

#define SEMAPHORE_PATIENCE (100 * NS_PER_MS)

struct semaphore_args {
    int64_t permits;
    int64_t workers; // -1 for the walk
    bool bounded;
    struct launch_args work;
    struct search_sync_args search;
};

static const struct arg args[] = {
    {.name = "K",
     .type = ARG_COUNT,
     .field = offsetof(struct semaphore_args, permits),
     .max = SEMAPHORE_MOST,
     .min = 1,
     .standard = 2,
     .help = "how many permits it has"},
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct semaphore_args, workers),
     .min = 1,
     .max = 10000,
     .standard = -1,
     .help = "how many workers want a permit; without it, what a semaphore answers to one"},
    {.name = "--bounded",
     .type = ARG_FLAG,
     .field = offsetof(struct semaphore_args, bounded),
     .help = "refuses a release of what was not acquired"},
    ARG_FOR(struct semaphore_args),
    ARG_STAGGER(struct semaphore_args, 0),
    ARG_TIMEOUT(struct semaphore_args),
    ARG_DAEMON(struct semaphore_args),
    ARG_AS(struct semaphore_args),
    ARG_AT(struct semaphore_args, semaphore_steps),
    ARG_WHICH(struct semaphore_args, 1),
    ARG_SEARCH(struct semaphore_args),
    {0},
};

struct semaphore_scene {
    const struct semaphore_args *args;
    struct semaphore *semaphore;
    uint16_t object;
    int64_t entered, most_inside, returned;
};

static enum sync_result semaphore_must(const struct self *self, enum sync_result result)
{
    if (result != SYNC_FAILED)
        return result;
    report_failure(self, "futex");
    _exit(1);
}

// Says what the semaphore answered, and its value now.
static void semaphore_answer(const struct self *self, const struct semaphore_scene *scene,
                             const char *question, const char *answer)
{
    int64_t value = semaphore_value(scene->semaphore);
    report_value(self, scene->object, value);
    report_output(self, "%s: %s, value %" PRId64, question, answer, value);
}

static void semaphore_try(const struct self *self, const struct semaphore_scene *scene,
                          int64_t timeout, const char *question)
{
    char waited[32], answer[64];
    int64_t began = clock_now();
    bool got = semaphore_must(self, semaphore_acquire(scene->semaphore, self, timeout)) == SYNC_OK;
    number_format_time(clock_now() - began, waited, sizeof waited);
    snprintf(answer, sizeof answer, "%s%s%s", got ? "True" : "False", timeout > 0 ? " after " : "",
             timeout > 0 ? waited : "");
    semaphore_answer(self, scene, question, answer);
}

// One worker asks: all permits, one too many, and one release too many.
static int semaphore_walk(const struct self *self, const void *argument)
{
    const struct semaphore_scene *scene = argument;
    report_hello(self);
    report_output(self, "value: %" PRId64, semaphore_value(scene->semaphore));
    for (int64_t i = 0; i < scene->args->permits; i++)
        semaphore_try(self, scene, SYNC_FOREVER, "acquire");
    semaphore_try(self, scene, 0, "acquire, not waiting");
    semaphore_try(self, scene, SEMAPHORE_PATIENCE, "acquire, waiting 100 ms");
    for (int64_t i = 0; i <= scene->args->permits; i++) {
        bool done = semaphore_must(self, semaphore_release(scene->semaphore, self)) == SYNC_OK;
        semaphore_answer(self, scene, i < scene->args->permits ? "release" : "release once more",
                         done ? "done" : "refused");
    }
    report_done(self, 0);
    return 0;
}

static int semaphore_work(const struct self *self, const void *argument)
{
    const struct semaphore_scene *scene = argument;
    struct results results;
    char waited[32];
    report_hello(self);
    int64_t began = clock_now();
    semaphore_must(self, semaphore_acquire(scene->semaphore, self, SYNC_FOREVER));
    number_format_time(clock_now() - began, waited, sizeof waited);
    int64_t value = semaphore_value(scene->semaphore);
    report_value(self, scene->object, value);
    report_output(self, "p%u is inside after %s, value %" PRId64, self->number + 1, waited, value);
    workload_run(self, 1000, &results);
    semaphore_must(self, semaphore_release(scene->semaphore, self));
    report_value(self, scene->object, semaphore_value(scene->semaphore));
    report_done(self, results.count);
    return self->exit_status;
}

static void semaphore_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct semaphore_scene *scene = lab->data;
    const struct launch_args *work = &scene->args->work;
    *assignment = launch_assign(work, (int64_t)number + 1);
    assignment->self.at = launch_step(work, semaphore_steps);
    assignment->self.for_ns = launch_for(work, 50 * NS_PER_MS);
    assignment->self.tells = true;
    lab_name(lab, number, assignment);
}

// How many are inside is what all processes see: the permits that the semaphore itself misses.
static bool semaphore_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    struct semaphore_scene *scene = lab_of(worker)->data;
    int64_t inside = scene->args->permits - frame->a;
    scene->entered += frame->type == FRAME_HOLDS;
    if (frame->type == FRAME_VALUE && inside > scene->most_inside)
        scene->most_inside = inside;
    return launch_print_lines(worker, frame, block);
}

static void semaphore_tell_death(struct worker *worker, const struct sync *object,
                                 struct sync_death death)
{
    struct semaphore_scene *scene = lab_of(worker)->data;
    scene->returned += death.amount;
    if (death.amount == 1)
        out_print("%s died with a permit of the %s: it goes back\n", text_visible(worker->name),
                  object->name);
    else if (death.amount > 1)
        out_print("%s died with %" PRId64 " permits of the %s: they go back\n",
                  text_visible(worker->name), death.amount, object->name);
}

static int semaphore_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct semaphore_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    struct text text = {0};
    int status = launch_conclude(lab);
    if (scene->args->workers < 0)
        text_print(&text, "%" PRId64 " permits: the next to acquire one waits for a release",
                   scene->args->permits);
    else
        text_print(&text, "at most %" PRId64 " of %zu were inside at once", scene->most_inside,
                   lab->job->count);
    launch_add_waits(lab, &text);
    if (lab->job->count > 0)
        call_summary(call, "%s", text_string(&text));
    else
        summary_of_none(call);
    figures_add("most", scene->most_inside);
    figures_add("permits", scene->args->permits);
    figures_add("entered", scene->entered);
    figures_add("returned", scene->returned);
    if (scene->semaphore)
        figures_add("value", semaphore_value(scene->semaphore));
    summary_report_times(call, times, (int64_t)lab->job->count);
    text_free(&text);
    return status;
}

static const struct lab_ops semaphore_lab_ops = {.assign = semaphore_assign,
                                                 .not_started = launch_tell_not_started,
                                                 .frame = semaphore_hear,
                                                 .death = semaphore_tell_death,
                                                 .stuck = launch_tell_stuck,
                                                 .timed_out = launch_tell_timeout,
                                                 .over = semaphore_conclude};

static int semaphore_check(struct call *call, const struct semaphore_args *semaphore_args)
{
    if (semaphore_args->workers < 0 && semaphore_args->work.as != AS_NORMAL)
        return call_misuse(call, "--as needs N: how many workers want a permit");
    int status = launch_check(call, &semaphore_args->work, 1, semaphore_args->workers);
    return status == STATUS_OK ? launch_check_at(call, &semaphore_args->work) : status;
}

static int semaphore_run(struct call *call)
{
    const struct semaphore_args *semaphore_args = call->args;
    bool walks = semaphore_args->workers < 0;
    if (search_sync_is_asked(&semaphore_args->search))
        return search_sync_run(call, SEARCH_SEMAPHORE, walks ? 1 : semaphore_args->permits,
                               walks ? 2 : semaphore_args->workers, &semaphore_args->search,
                               semaphore_args->work.for_ns);
    int status = semaphore_check(call, semaphore_args);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = walks ? 1 : semaphore_args->workers,
                            .start = LAB_STAGGERED,
                            .stagger = semaphore_args->work.stagger,
                            .timeout = semaphore_args->work.timeout,
                            .body = walks ? semaphore_walk : semaphore_work};
    struct lab *lab = launch_lab(call, &plan, &semaphore_lab_ops, &semaphore_args->work,
                                 sizeof(struct semaphore_scene));
    struct semaphore_scene *scene = lab->data;
    scene->args = semaphore_args;
    lab->plan.argument = scene;
    scene->semaphore =
        launch_share(lab, &sync_semaphore, NULL, (uint32_t)plan.workers, semaphore_args->permits);
    scene->object = lab->job->objects;
    if (scene->semaphore && !semaphore_args->bounded)
        semaphore_unbind(scene->semaphore);
    if (scene->semaphore)
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_semaphore = {
    .name = "semaphore",
    .group = "Sharing",
    .summary = "asks a semaphore what it answers, or lets N workers want one of K permits",
    .details = "Each worker keeps its permit for --for T (50ms). A permit knows which worker has "
               "it: that of a dead one goes back.",
    .example = "semaphore 2 5 --for 100ms",
    .args = args,
    .args_size = sizeof(struct semaphore_args),
    .background = true,
    .acts = true,
    .run = semaphore_run,
};
