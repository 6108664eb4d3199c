// SPDX-License-Identifier: GPL-3.0-or-later
// queue: producers and consumers, and which item is where when one of them dies.
#include "commands/search_sync.h"
#include "commands/table.h"

#include "base/out.h"
#include "commands/launch.h"
#include "commands/queue_party.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "worker/steps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct queue_args {
    int64_t producers, consumers, items, most, timeout;
    bool join;
    struct launch_args work;
    int64_t at;
    struct search_sync_args search;
};

static const char *const queue_steps[] = {"put",   "fill", "wake", "get",
                                          "taken", "hand", "done", NULL};

enum { QUEUE_WALK_MOST = 6, QUEUE_WALK_OTHER = 20, QUEUE_PRINTED_MOST = 24 };

static const struct arg args[] = {
    {.name = "P",
     .type = ARG_COUNT,
     .field = offsetof(struct queue_args, producers),
     .min = 1,
     .max = 1000,
     .standard = -1,
     .help = "how many workers put items; without it, a walk"},
    {.name = "C",
     .type = ARG_COUNT,
     .field = offsetof(struct queue_args, consumers),
     .min = 1,
     .max = 1000,
     .standard = 1,
     .help = "how many workers take them"},
    {.name = "--items",
     .type = ARG_COUNT,
     .field = offsetof(struct queue_args, items),
     .min = 0,
     .max = 1000000,
     .standard = 6,
     .help = "how many items each producer puts"},
    {.name = "--max",
     .type = ARG_COUNT,
     .field = offsetof(struct queue_args, most),
     .min = 1,
     .max = QUEUE_MOST,
     .standard = QUEUE_WALK_MOST,
     .help = "how many items fit into the queue"},
    {.name = "--join",
     .type = ARG_FLAG,
     .field = offsetof(struct queue_args, join),
     .help = "producers wait until every item is done with"},
    {.name = "--timeout",
     .type = ARG_DURATION,
     .field = offsetof(struct queue_args, timeout),
     .max = DURATION_MAX,
     .standard = -1,
     .help = "ends all of it after T"},
    ARG_FOR(struct queue_args),
    ARG_DAEMON(struct queue_args),
    ARG_AS(struct queue_args),
    ARG_WHICH(struct queue_args, 1),
    {.name = "--at",
     .type = ARG_CHOICE,
     .field = offsetof(struct queue_args, at),
     .standard = -1,
     .choices = queue_steps,
     .help = "where it misbehaves: before it puts, with the place filled and not counted, before "
             "it wakes the next; before it gets, with an item noted and not taken, with it in its "
             "hand, or before it says that it is done"},
    ARG_SEARCH(struct queue_args),
    {0},
};

struct queue_state {
    struct queue_scene scene; // what the workers see
    void *shared;             // of its own: fates and waits
    size_t size;
    int64_t producers_left, consumers_left, returned;
};

static const struct queue_args *queue_args_of(const struct lab *lab)
{
    return launch_call(lab)->args;
}

static void queue_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct queue_args *queue_args = queue_args_of(lab);
    struct queue_state *state = lab->data;
    *assignment = launch_assign(&queue_args->work, number + 1);
    assignment->self.at = queue_args->at < 0 ? STEP_NONE : steps_named(queue_steps[queue_args->at]);
    assignment->self.tells = state->scene.prints;
    assignment->argument = &state->scene;
    if (queue_args->producers < 0)
        assignment->run = queue_party_walk;
    else
        assignment->run =
            (int64_t)number < queue_args->producers ? queue_party_produce : queue_party_consume;
    lab_name(lab, number, assignment);
}

// Once all producers have ended the queue is closed; without a consumer they would wait for ever.
static void queue_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    struct queue_state *state = lab->data;
    const struct queue_args *queue_args = queue_args_of(lab);
    if (queue_args->producers < 0)
        return;
    if ((int64_t)worker->number < queue_args->producers)
        state->producers_left--;
    else
        state->consumers_left--;
    if (state->producers_left == 0)
        queue_close(state->scene.queue);
    if (state->consumers_left > 0 || state->producers_left == 0 || lab->stopped)
        return;
    queue_close(state->scene.queue);
    if (!launch_call(lab)->interrupted)
        call_fail(launch_call(lab),
                  "no consumer is left; %" PRId64 " of %" PRId64 " items are in "
                  "the queue",
                  queue_length(state->scene.queue), queue_most(state->scene.queue));
    lab_end(lab);
}

static void queue_tell_death(struct worker *worker, const struct sync *object,
                             struct sync_death death)
{
    struct queue_state *state = lab_of(worker)->data;
    if (death.fate != SYNC_RETURNED) {
        launch_tell_death(worker, object, death);
        return;
    }
    state->returned++;
    out_print("%s died with item %" PRId64 " of p%" PRId64 " in hand: it goes back to the queue\n",
              text_visible(worker->name), death.item % state->scene.items,
              death.item / state->scene.items + 1);
}

// What came of all items.
struct queue_count {
    int64_t taken, twice, unordered;
};

static struct queue_count queue_count_items(const struct queue_scene *scene)
{
    struct queue_count count = {0};
    for (uint32_t producer = 0; producer < scene->producers; producer++) {
        int64_t last = 0;
        for (int64_t i = 0; i < scene->items; i++) {
            const struct queue_fate *fate = &scene->fates[producer * scene->items + i];
            uint32_t times = atomic_load(&fate->times);
            if (times == 0)
                continue;
            count.taken++;
            count.twice += times > 1;
            count.unordered += atomic_load(&fate->place) <= last;
            last = atomic_load(&fate->place);
        }
    }
    return count;
}

static void queue_add_waits(const struct lab *lab, struct text *text)
{
    const struct queue_state *state = lab->data;
    struct queue_waits sums[2] = {0};
    char first[32], second[32];
    for (size_t i = 0; i < lab->job->count; i++) {
        sums[i >= state->scene.producers].times += state->scene.waits[i].times;
        sums[i >= state->scene.producers].ns += state->scene.waits[i].ns;
    }
    number_format_time(sums[0].ns, first, sizeof first);
    number_format_time(sums[1].ns, second, sizeof second);
    text_print(text,
               "producers waited %" PRId64 " time%s for room (%s), consumers %" PRId64
               " time%s for items (%s)",
               sums[0].times, sums[0].times == 1 ? "" : "s", first, sums[1].times,
               sums[1].times == 1 ? "" : "s", second);
}

// Returns the job's status: an item that is neither taken nor in the queue would be lost.
static int queue_judge(struct lab *lab, struct queue_count count, int status)
{
    const struct queue_state *state = lab->data;
    int64_t put = queue_put_count(state->scene.queue), left = queue_length(state->scene.queue);
    struct text text = {0};
    text_print(&text, "%" PRId64 " items put by %u, %" PRId64 " taken", put, state->scene.producers,
               count.taken);
    if (count.taken == put && count.twice == 0 && count.unordered == 0)
        text_add_string(&text, ", each once and each producer's in order; ");
    else
        text_print(&text, ", %" PRId64 " of them twice, %" PRId64 " left in the queue; ",
                   count.twice, left);
    queue_add_waits(lab, &text);
    call_summary(launch_call(lab), "%s", text_string(&text));
    text_free(&text);
    bool whole = count.taken + left >= put && count.unordered == 0;
    if (status == STATUS_OK && !whole)
        return call_fail(launch_call(lab), "%" PRId64 " items are lost, %" PRId64 " out of order",
                         put - left - count.taken, count.unordered);
    if (status == STATUS_OK && left > 0)
        return call_fail(launch_call(lab), "%" PRId64 " items are left in the queue", left);
    return status;
}

static int queue_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    struct queue_state *state = lab->data;
    struct times times = summary_times(lab->job);
    int status = call->failed && !call->interrupted ? STATUS_FAILED : summary_conclude(call);
    if (state->scene.fates) {
        struct queue_count count = queue_count_items(&state->scene);
        figures_begin(call);
        figures_add("items", queue_put_count(state->scene.queue));
        figures_add("put", queue_put_count(state->scene.queue));
        figures_add("taken", count.taken);
        figures_add("twice", count.twice);
        figures_add("returned", state->returned);
        figures_add("left", queue_length(state->scene.queue));
        figures_add("lost", queue_put_count(state->scene.queue) - queue_length(state->scene.queue) -
                                count.taken);
        status = queue_judge(lab, count, status);
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops queue_lab_ops = {.assign = queue_assign,
                                             .not_started = launch_tell_not_started,
                                             .frame = launch_print_lines,
                                             .ended = queue_ended,
                                             .death = queue_tell_death,
                                             .timed_out = launch_tell_timeout,
                                             .over = queue_conclude};

static void queue_free(struct call *call)
{
    struct queue_state *state = ((struct lab *)call->state)->data;
    if (state->shared)
        munmap(state->shared, state->size);
    launch_free(call);
}

static const struct call_ops queue_call_ops = {.progress = launch_show_progress,
                                               .free = queue_free};

// Makes what all workers see. False after it told why not.
static bool queue_share(struct lab *lab)
{
    const struct queue_args *queue_args = queue_args_of(lab);
    struct queue_state *state = lab->data;
    struct queue_scene *scene = &state->scene;
    uint32_t workers = (uint32_t)lab->plan.workers;
    bool walks = queue_args->producers < 0;
    scene->prints = walks || queue_args->producers * queue_args->items <= QUEUE_PRINTED_MOST;
    scene->items = queue_args->items;
    scene->joins = queue_args->join;
    scene->producers = walks ? 0 : (uint32_t)queue_args->producers;
    scene->queue = launch_share(lab, &sync_queue, NULL, workers, queue_args->most);
    if (!scene->queue)
        return false;
    if (walks) {
        scene->other = launch_share(lab, &sync_queue, "queue B", workers, QUEUE_WALK_OTHER);
        return scene->other;
    }
    size_t fates = (size_t)(queue_args->producers * queue_args->items) * sizeof(struct queue_fate);
    state->size = fates + workers * sizeof(struct queue_waits);
    void *shared =
        mmap(NULL, state->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    state->shared = shared == MAP_FAILED ? NULL : shared;
    launch_log_mmap(lab->job, true, state->size, "what became of each item", state->shared);
    if (!state->shared) {
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
        return false;
    }
    scene->fates = state->shared;
    scene->waits = (struct queue_waits *)((char *)state->shared + fates);
    return true;
}

static int queue_run(struct call *call)
{
    const struct queue_args *queue_args = call->args;
    bool walks = queue_args->producers < 0;
    int64_t workers = walks ? 3 : queue_args->producers + queue_args->consumers;
    if (search_sync_is_asked(&queue_args->search))
        return search_sync_run(call, SEARCH_QUEUE,
                               queue_args->producers < 0 ? 1 : queue_args->producers,
                               queue_args->producers < 0 ? 1 : queue_args->consumers,
                               &queue_args->search, queue_args->work.for_ns);
    int status = launch_check(call, &queue_args->work, 1, workers);
    if (status != STATUS_OK)
        return status;
    if (queue_args->at >= 0 && queue_args->work.as == AS_NORMAL)
        return call_misuse(call, "--at needs --as: how the worker misbehaves there");
    if (queue_args->producers * queue_args->items > INT64_C(10) * QUEUE_MOST)
        return call_misuse(call, "at most %d items in all", 10 * QUEUE_MOST);
    struct lab_plan plan = {.workers = workers,
                            .start = walks ? LAB_ONE_BY_ONE : LAB_TOGETHER,
                            .timeout = queue_args->timeout};
    struct lab *lab =
        launch_lab(call, &plan, &queue_lab_ops, &queue_args->work, sizeof(struct queue_state));
    struct queue_state *state = lab->data;
    state->producers_left = queue_args->producers;
    state->consumers_left = queue_args->consumers;
    call->ops = &queue_call_ops;
    if (queue_share(lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_queue = {
    .name = "queue",
    .group = "Sharing",
    .summary = "carries items from producers to consumers, each once and in order",
    .details = "Without P, one worker asks a queue all that can be asked, and others look at it "
               "across a fork.\nAn item is in the queue or in one worker's hand: when a consumer "
               "dies, what it had in its hand goes back to the front. A producer that dies leaves "
               "no hole.",
    .example = "queue 2 3 --items 6 --max 4",
    .args = args,
    .args_size = sizeof(struct queue_args),
    .background = true,
    .acts = true,
    .run = queue_run,
};
