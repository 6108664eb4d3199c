// SPDX-License-Identifier: GPL-3.0-or-later
// queue: producers and consumers, and which item is where when one of them dies.
#include "commands/search_sync.h"
#include "commands/table.h"

#include "base/clock.h"
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
    int64_t producers, consumers, items, most;
    bool join, undrained;
    struct launch_args work;
    struct search_sync_args search;
};

static const char *const queue_steps[] = {"put",   "fill", "wake", "get",
                                          "taken", "hand", "done", NULL};

enum {
    QUEUE_WALK_MOST = 6,
    QUEUE_WALK_OTHER = 20,
    QUEUE_PRINTED_MOST = 24,
    QUEUE_ITEMS = 6,
    QUEUE_TOO_MANY = 3 // more than fit, with --undrained
};

// How long producers have waited in vain when that is told.
#define QUEUE_LOOK_AFTER (300 * NS_PER_MS)

static const struct arg args[] = {
    {.name = "P",
     .type = ARG_COUNT,
     .field = offsetof(struct queue_args, producers),
     .min = 1,
     .max = 1000,
     .standard = -1,
     .standard_is = "a walk; with --items, --join or --undrained 1",
     .help = "how many workers put items"},
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
     .standard = -1,
     .standard_is = "6; with --undrained 3 more than fit",
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
    {.name = "--undrained",
     .type = ARG_FLAG,
     .field = offsetof(struct queue_args, undrained),
     .help = "consumers start only after the producers were joined: what such a join waits for"},
    ARG_TIMEOUT(struct queue_args),
    ARG_FOR(struct queue_args),
    ARG_STAGGER(struct queue_args, 0),
    ARG_DAEMON(struct queue_args),
    ARG_AS(struct queue_args),
    ARG_WHICH(struct queue_args, 1),
    {.name = "--at",
     .type = ARG_CHOICE,
     .field = offsetof(struct queue_args, work.at),
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
    bool walks, undrained, looked, hung;
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
    assignment->self.at =
        queue_args->work.at < 0 ? STEP_NONE : launch_step(&queue_args->work, queue_steps);
    assignment->self.tells = state->scene.prints || state->undrained;
    assignment->argument = &state->scene;
    if (state->walks)
        assignment->run = queue_party_walk;
    else
        assignment->run =
            number < state->scene.producers ? queue_party_produce : queue_party_consume;
    lab_name(lab, number, assignment);
}

// With --undrained, when all producers that live have waited for room for a while: says which join
// that is, and lets consumers start.
static void queue_drain(struct lab *lab)
{
    struct queue_state *state = lab->data;
    char waited[32];
    int64_t since = 0, waiting = 0;
    for (size_t i = 0; i < state->scene.producers; i++) {
        const struct worker *producer = lab->job->workers[i];
        if (!worker_lives(producer) || producer->waits_since == 0)
            continue;
        waiting++;
        since = producer->waits_since > since ? producer->waits_since : since;
    }
    if (lab->rest || lab->stopped || waiting == 0)
        return;
    state->hung = true;
    number_format_time(clock_now() - since, waited, sizeof waited);
    out_print("forklab joins its producers, and no item is taken before\n");
    out_print("%" PRId64 " of %" PRId64 " ha%s waited %s for room, with %" PRId64 " of %" PRId64
              " items in the queue: that join would never return\n",
              waiting, state->producers_left, waiting == 1 ? "s" : "ve", waited,
              queue_length(state->scene.queue), queue_most(state->scene.queue));
    out_print("consumers start after all: the queue is drained, and the join returns\n");
    lab_start_rest(lab);
}

// A producer waits, or has ended: do all that live wait?
static void queue_look(struct lab *lab)
{
    struct queue_state *state = lab->data;
    if (!state->undrained || state->looked || lab->job->count < state->scene.producers)
        return;
    for (size_t i = 0; i < state->scene.producers; i++)
        if (worker_lives(lab->job->workers[i]) && lab->job->workers[i]->waits_since == 0)
            return;
    state->looked = true;
    lab_after(lab, QUEUE_LOOK_AFTER, queue_drain);
}

static bool queue_frame(struct worker *worker, const struct frame *frame, const void *block)
{
    if (frame->type == FRAME_WAITS)
        queue_look(lab_of(worker));
    return launch_print_lines(worker, frame, block);
}

// All producers have ended.
static void queue_join_producers(struct lab *lab)
{
    struct queue_state *state = lab->data;
    queue_close(state->scene.queue);
    if (!state->undrained || lab->stopped)
        return;
    if (state->hung)
        out_print("the join returned: all producers have ended\n");
    else
        out_print("the join returned, with %" PRId64 " items in the queue: now they are taken\n",
                  queue_length(state->scene.queue));
    lab_start_rest(lab);
}

// Once all producers have ended the queue is closed; without a consumer they would wait for ever.
static void queue_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    struct queue_state *state = lab->data;
    if (state->walks)
        return;
    if (worker->number >= state->scene.producers)
        state->consumers_left--;
    else if (--state->producers_left == 0)
        queue_join_producers(lab);
    else
        queue_look(lab);
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
        if (state->undrained)
            figures_add("hung", state->hung);
        status = queue_judge(lab, count, status);
        if (state->hung && status == STATUS_OK)
            call_summary(
                call, "a producer waits until its items are in the queue: take them, then join it");
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops queue_lab_ops = {.assign = queue_assign,
                                             .not_started = launch_end_not_started,
                                             .frame = queue_frame,
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
    scene->prints = state->walks || scene->producers * scene->items <= QUEUE_PRINTED_MOST;
    scene->joins = queue_args->join;
    scene->queue = launch_share(lab, &sync_queue, NULL, workers, queue_args->most);
    if (!scene->queue)
        return false;
    if (state->walks) {
        scene->other = launch_share(lab, &sync_queue, "queue B", workers, QUEUE_WALK_OTHER);
        return scene->other;
    }
    size_t fates = (size_t)(scene->producers * scene->items) * sizeof(struct queue_fate);
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

// Without an option that is about the workers it walks.
static bool queue_walks(const struct queue_args *queue_args)
{
    return queue_args->producers < 0 && queue_args->items < 0 && !queue_args->join &&
           !queue_args->undrained;
}

static int64_t queue_items(const struct queue_args *queue_args)
{
    if (queue_args->items >= 0)
        return queue_args->items;
    return queue_args->undrained ? queue_args->most + QUEUE_TOO_MANY : QUEUE_ITEMS;
}

// Checks what the table can't. STATUS_OK, or STATUS_MISUSE after it said so.
static int queue_check(struct call *call, int64_t producers, int64_t workers)
{
    const struct queue_args *queue_args = call->args;
    int status = launch_check(call, &queue_args->work, 1, workers);
    if (status == STATUS_OK)
        status = launch_check_at(call, &queue_args->work);
    if (status != STATUS_OK)
        return status;
    if (queue_args->join && queue_args->undrained)
        return call_misuse(call, "--join and --undrained are apart: give one");
    if (producers * queue_items(queue_args) > INT64_C(10) * QUEUE_MOST)
        return call_misuse(call, "at most %d items in all", 10 * QUEUE_MOST);
    return STATUS_OK;
}

static int queue_search(struct call *call, int64_t producers)
{
    const struct queue_args *queue_args = call->args;
    if (queue_args->undrained)
        return call_misuse(call, "--undrained is no part of a search: not with --all or --replay");
    return search_sync_run(call, SEARCH_QUEUE, producers,
                           queue_args->producers < 0 ? 1 : queue_args->consumers,
                           &queue_args->search, queue_args->work.for_ns);
}

static int queue_run(struct call *call)
{
    const struct queue_args *queue_args = call->args;
    bool walks = queue_walks(queue_args);
    int64_t producers = queue_args->producers < 0 ? 1 : queue_args->producers;
    int64_t workers = walks ? 3 : producers + queue_args->consumers;
    if (search_sync_is_asked(&queue_args->search))
        return queue_search(call, producers);
    int status = queue_check(call, producers, workers);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = workers,
                            .first = queue_args->undrained ? producers : 0,
                            .start = walks ? LAB_ONE_BY_ONE : LAB_STAGGERED,
                            .stagger = queue_args->work.stagger,
                            .timeout = queue_args->work.timeout};
    struct lab *lab =
        launch_lab(call, &plan, &queue_lab_ops, &queue_args->work, sizeof(struct queue_state));
    struct queue_state *state = lab->data;
    state->walks = walks;
    state->undrained = queue_args->undrained;
    state->scene.items = queue_items(queue_args);
    state->scene.producers = walks ? 0 : (uint32_t)producers;
    state->producers_left = producers;
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
    .details =
        "Without P, one worker asks a queue all that can be asked, and others look at it "
        "across a fork.\nAn item is in the queue or in one worker's hand: when a consumer "
        "dies, what it had in its hand goes back to the front. A producer that dies leaves "
        "no hole.\nA producer that has more items than fit waits for "
        "room, and joining it before they are taken would never end: --undrained shows that.",
    .example = "queue 2 3 --items 6 --max 4",
    .args = args,
    .args_size = sizeof(struct queue_args),
    .background = true,
    .acts = true,
    .run = queue_run,
};
