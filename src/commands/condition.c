// SPDX-License-Identifier: GPL-3.0-or-later
// condition: workers that wait to be notified, and one that notifies so many of them at a time.
#include "commands/search_sync.h"
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/condition_party.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct condition_args {
    int64_t waiters, until, timeout;
    const char *notify;
    bool early;
    struct launch_args work;
    struct search_sync_args search;
};

static const char *const condition_steps[] = {"wait", "sleep", "notify",  "wake",
                                              "take", "hold",  "release", NULL};

#define CONDITION_EARLY_TIMEOUT NS_PER_S

static const struct arg args[] = {
    {.name = "N",
     .type = ARG_COUNT,
     .field = offsetof(struct condition_args, waiters),
     .min = 1,
     .max = 1000,
     .standard = -1,
     .help = "how many workers wait; without it, what a condition answers"},
    {.name = "--notify",
     .type = ARG_WORD,
     .field = offsetof(struct condition_args, notify),
     .standard_is = "1,all",
     .help = "how many each call notifies, with commas between calls, or 'all'"},
    {.name = "--early",
     .type = ARG_FLAG,
     .field = offsetof(struct condition_args, early),
     .help = "notifies before any of them waits: that is lost"},
    {.name = "--until",
     .type = ARG_COUNT,
     .field = offsetof(struct condition_args, until),
     .min = 1,
     .max = 1000,
     .standard = -1,
     .help = "they wait for a value, which is counted up to that"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct condition_args, timeout),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "how long each waits at most; 1s with --early"},
    ARG_FOR(struct condition_args),
    ARG_STAGGER(struct condition_args, 0),
    ARG_DAEMON(struct condition_args),
    ARG_AS(struct condition_args),
    ARG_AT(struct condition_args, condition_steps),
    ARG_WHICH(struct condition_args, 1),
    ARG_SEARCH(struct condition_args),
    {0},
};

// Reads one number or "all"; returns what is behind it, or NULL.
static const char *condition_read_count(const char *text, uint32_t *count)
{
    char *end;
    if (strncmp(text, "all", 3) == 0) {
        *count = CONDITION_ALL;
        return text + 3;
    }
    if (*text < '0' || *text > '9')
        return NULL;
    unsigned long read = strtoul(text, &end, 10);
    *count = (uint32_t)read;
    return read >= 1 && read <= 1000 ? end : NULL;
}

// Reads "2,4,all" into the scene. Returns a status, and prints the error.
static int condition_parse(struct call *call, const char *text, struct condition_scene *scene)
{
    const char *at = text;
    while (scene->calls < CONDITION_CALLS_MOST) {
        at = condition_read_count(at, &scene->counts[scene->calls]);
        if (!at || (*at && *at != ','))
            break;
        scene->calls++;
        if (!*at++)
            return STATUS_OK;
    }
    return call_misuse(call,
                       "--notify takes up to %d numbers from 1 to 1000, or 'all', with commas "
                       "between them: 2,4,all; not '%s'",
                       CONDITION_CALLS_MOST, text_visible(text));
}

static const struct condition_args *condition_args_of(const struct lab *lab)
{
    return launch_call(lab)->args;
}

static void condition_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct condition_args *condition_args = condition_args_of(lab);
    const struct condition_scene *scene = lab->data;
    *assignment = launch_assign(&condition_args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&condition_args->work, condition_steps);
    assignment->self.tells = true;
    assignment->argument = scene;
    if (!scene->crowd)
        assignment->run = condition_party_walk;
    else
        assignment->run = number < scene->waiters ? condition_party_wait : condition_party_notify;
    lab_name(lab, number, assignment);
}

// With the one that notifies gone, those that wait would do so for ever.
static void condition_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    const struct condition_scene *scene = lab->data;
    if (!scene->crowd)
        return;
    if (worker->number < scene->waiters) {
        bool through = atomic_load(&scene->crowd->each[worker->number].call) != CROWD_WAITS;
        atomic_fetch_add(&scene->crowd->gone, !through);
    }
    size_t last = lab->job->count - 1;
    if (lab->job->count <= scene->waiters || !lab->job->workers[last]->finished || lab->stopped ||
        scene->timeout >= 0)
        return;
    // A notified one is on its way; the others never will be.
    uint32_t waiting = condition_waiting(scene->condition);
    if (waiting == 0 || lab->job->unfinished > waiting)
        return;
    if (!launch_call(lab)->interrupted)
        call_fail(launch_call(lab), "%u of %u wait for a notification that will not come", waiting,
                  scene->waiters);
    lab_end(lab);
}

static void condition_tell_death(struct worker *worker, const struct sync *object,
                                 struct sync_death death)
{
    // Which worker has the lock next, that one says; and those that are ended here are no news.
    if (object->kind == &sync_lock || lab_of(worker)->stopped)
        return;
    if (death.fate == SYNC_UNTOUCHED) {
        launch_tell_death(worker, object, death);
        return;
    }
    if (death.item >= 0)
        out_print("%s died with a notification: it goes on to p%" PRId64 "\n",
                  text_visible(worker->name), death.item + 1);
    else if (death.fate == SYNC_LOST)
        out_print("%s died with a notification, and no other waits: it is lost\n",
                  text_visible(worker->name));
    else
        out_print("%s died while it notified: %" PRId64 " more were notified for it\n",
                  text_visible(worker->name), death.amount);
}

static bool condition_hear(struct worker *worker, const struct frame *frame, const void *block)
{
    if (frame->type == FRAME_HOLDS)
        launch_tell_heir(worker, frame);
    return launch_print_lines(worker, frame, block);
}

static int condition_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct condition_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (scene->crowd && lab->job->count > 0) {
        uint32_t woken = crowd_woken(scene->crowd), late = 0;
        char list[32];
        late = crowd_list(scene->crowd, CROWD_LATE, list, sizeof list);
        int64_t calls = scene->until > 0 ? scene->until : scene->calls;
        call_summary(call, "%u of %u woken by %" PRId64 " call%s, %u timed out", woken,
                     scene->waiters, calls, calls == 1 ? "" : "s", late);
        figures_begin(call);
        figures_add("woken", woken);
        figures_add("timed_out", late);
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops condition_lab_ops = {.assign = condition_assign,
                                                 .not_started = launch_end_not_started,
                                                 .frame = condition_hear,
                                                 .ended = condition_ended,
                                                 .death = condition_tell_death,
                                                 .over = condition_conclude};

static void condition_free(struct call *call)
{
    struct condition_scene *scene = ((struct lab *)call->state)->data;
    crowd_free(scene->crowd);
    launch_free(call);
}

static const struct call_ops condition_call_ops = {.progress = launch_show_progress,
                                                   .free = condition_free};

static bool condition_share(struct lab *lab, bool walks)
{
    struct condition_scene *scene = lab->data;
    uint32_t workers = (uint32_t)lab->plan.workers;
    scene->lock = launch_share(lab, &sync_lock, NULL, workers, 0);
    scene->condition = scene->lock ? launch_share(lab, &sync_condition, NULL, workers, 0) : NULL;
    scene->value =
        scene->condition ? launch_share(lab, &sync_value, NULL, workers, walks ? -1 : 0) : NULL;
    if (!scene->value || walks)
        return scene->value;
    scene->crowd = crowd_new(lab->job, scene->waiters);
    if (!scene->crowd)
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
    return scene->crowd;
}

static int condition_check(struct call *call, const struct condition_args *condition_args,
                           int64_t workers)
{
    int status = launch_check(call, &condition_args->work, 1, workers);
    if (status == STATUS_OK)
        status = launch_check_at(call, &condition_args->work);
    if (status == STATUS_OK && condition_args->waiters < 0 &&
        (condition_args->early || condition_args->notify || condition_args->until > 0))
        status = call_misuse(call, "--notify, --early and --until need N: how many workers wait");
    if (status == STATUS_OK && condition_args->until > 0 && condition_args->notify)
        status = call_misuse(call, "--until notifies all at each step: leave --notify out");
    return status;
}

// Fills in the scene by the arguments. Returns a status, and prints the error.
static int condition_plan(struct call *call, uint32_t waiters, struct condition_scene *scene)
{
    const struct condition_args *condition_args = call->args;
    const char *notify = condition_args->notify ? condition_args->notify : "1,all";
    *scene = (struct condition_scene){.waiters = waiters,
                                      .until = condition_args->until,
                                      .early = condition_args->early,
                                      .timeout = condition_args->timeout};
    if (scene->early && scene->timeout < 0)
        scene->timeout = CONDITION_EARLY_TIMEOUT;
    return condition_args->until < 0 ? condition_parse(call, notify, scene) : STATUS_OK;
}

static int condition_run(struct call *call)
{
    const struct condition_args *condition_args = call->args;
    bool walks = condition_args->waiters < 0;
    int64_t workers = walks ? 2 : condition_args->waiters + 1;
    if (search_sync_is_asked(&condition_args->search))
        return search_sync_run(call, SEARCH_CONDITION,
                               condition_args->waiters < 0 ? 1 : condition_args->waiters, 1,
                               &condition_args->search, condition_args->work.for_ns);
    struct condition_scene parsed;
    int status = condition_check(call, condition_args, workers);
    if (status == STATUS_OK)
        status = condition_plan(call, (uint32_t)(workers - 1), &parsed);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = workers,
                            .start = LAB_STAGGERED,
                            .stagger = condition_args->work.stagger,
                            .timeout = -1};
    struct lab *lab = launch_lab(call, &plan, &condition_lab_ops, &condition_args->work,
                                 sizeof(struct condition_scene));
    memcpy(lab->data, &parsed, sizeof parsed);
    call->ops = &condition_call_ops;
    if (condition_share(lab, walks))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_condition = {
    .name = "condition",
    .group = "Sharing",
    .summary = "lets N workers wait to be notified, and shows which call woke which",
    .details =
        "Without N, two workers show what a condition answers. A notification is not kept: given "
        "before any waits, it is lost; so look at the value under the lock, then wait. One that "
        "is given to a waiter that dies goes on to the next.",
    .example = "condition 6 --notify 2,3,all",
    .args = args,
    .args_size = sizeof(struct condition_args),
    .background = true,
    .acts = true,
    .run = condition_run,
};
