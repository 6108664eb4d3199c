// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that every task of a pool is done or lost exactly once, whoever dies, against a plain
// model.
#include "help.h"

#include "jobs/scheduler.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS_MOST = 400, SEATS_MOST = 6, HELD_MOST = 8 };

enum fate { FREE, HELD, DONE, LOST };

struct chunk {
    int64_t first, count;
};

// What should be so.
struct oracle {
    struct scheduler_plan plan;
    enum fate fate[TASKS_MOST];
    int64_t kills[TASKS_MOST];
    struct chunk held[SEATS_MOST][HELD_MOST];
    size_t held_count[SEATS_MOST];
};

static void a_task_that_failed_is_settled_and_has_no_result(void **state)
{
    (void)state;
    struct scheduler *deal = scheduler_new(
        &(struct scheduler_plan){.tasks = 6, .seats = 2, .chunk = 2, .in_order = true});
    int64_t first, count;
    assert_true(scheduler_next(deal, 0, INT64_MAX, &first, &count));
    assert_true(scheduler_next(deal, 1, INT64_MAX, &first, &count));
    assert_false(scheduler_failed(deal, 0, 1)); // 0 comes first
    assert_true(scheduler_done(deal, 1, 2, 2));
    assert_int_equal(scheduler_settled(deal), 0);
    assert_true(scheduler_failed(deal, 0, 0));
    assert_int_equal(scheduler_settled(deal), 1);
    assert_true(scheduler_done(deal, 0, 1, 1));
    assert_int_equal(scheduler_settled(deal), 4);
    assert_int_equal(scheduler_count_done(deal), 3);
    assert_int_equal(scheduler_count_failed(deal), 1);
    assert_int_equal(scheduler_next_failed(deal, 0), 0);
    assert_int_equal(scheduler_next_failed(deal, 1), -1);
    assert_false(scheduler_is_over(deal));
    scheduler_close(deal);
    static const enum gap gaps[] = {GAP_FAILED, GAP_NONE,     GAP_NONE,
                                    GAP_NONE,   GAP_NOT_DONE, GAP_NOT_DONE};
    for (int64_t task = 0; task < 6; task++)
        assert_int_equal(scheduler_gap(deal, task), gaps[task]);
    scheduler_free(deal);
}

static int64_t count_fate(const struct oracle *model, enum fate fate)
{
    int64_t count = 0;
    for (int64_t task = 0; task < model->plan.tasks; task++)
        count += model->fate[task] == fate;
    return count;
}

static void set_fate(struct oracle *model, struct chunk chunk, enum fate before, enum fate after)
{
    assert_true(chunk.first >= 0 && chunk.count > 0);
    assert_true(chunk.first + chunk.count <= model->plan.tasks);
    for (int64_t task = chunk.first; task < chunk.first + chunk.count; task++) {
        assert_int_equal(model->fate[task], before);
        model->fate[task] = after;
    }
}

// Returns false when nothing is free, for both.
static bool deal_one(struct oracle *model, struct scheduler *deal, uint32_t seat, int64_t most)
{
    struct chunk chunk;
    bool free_left = count_fate(model, FREE) > 0;
    assert_int_equal(scheduler_has_next(deal), free_left);
    bool dealt = scheduler_next(deal, seat, most, &chunk.first, &chunk.count);
    assert_int_equal(dealt, free_left);
    if (!dealt)
        return false;
    assert_true(chunk.count <= most);
    if (model->plan.chunk > 0)
        assert_true(chunk.count <= model->plan.chunk);
    set_fate(model, chunk, FREE, HELD);
    model->held[seat][model->held_count[seat]++] = chunk;
    return true;
}

// Does the first `count` tasks of the oldest chunk in `seat`.
static void do_some(struct oracle *model, struct scheduler *deal, uint32_t seat, int64_t count)
{
    struct chunk *oldest = &model->held[seat][0];
    assert_true(scheduler_done(deal, seat, oldest->first, count));
    set_fate(model, (struct chunk){oldest->first, count}, HELD, DONE);
    oldest->first += count;
    oldest->count -= count;
    if (oldest->count == 0)
        memmove(oldest, oldest + 1, --model->held_count[seat] * sizeof *oldest);
}

static void die_at(struct oracle *model, struct scheduler *deal, uint32_t seat, int64_t in_hand)
{
    scheduler_died(deal, seat, in_hand);
    for (size_t i = 0; i < model->held_count[seat]; i++) {
        struct chunk chunk = model->held[seat][i];
        set_fate(model, chunk, HELD, FREE);
        bool held = in_hand >= chunk.first && in_hand < chunk.first + chunk.count;
        if (in_hand >= 0 && held && ++model->kills[in_hand] > model->plan.retries)
            model->fate[in_hand] = LOST;
    }
    model->held_count[seat] = 0;
}

static void expect_agreement(const struct oracle *model, const struct scheduler *deal)
{
    int64_t done = count_fate(model, DONE), lost = count_fate(model, LOST);
    assert_int_equal(scheduler_count_done(deal), done);
    assert_int_equal(scheduler_count_lost(deal), lost);
    assert_int_equal(scheduler_is_over(deal), done + lost == model->plan.tasks);
    for (uint32_t seat = 0; seat < model->plan.seats; seat++) {
        assert_int_equal(scheduler_held(deal, seat), model->held_count[seat]);
        assert_int_equal(scheduler_first_held(deal, seat),
                         model->held_count[seat] > 0 ? model->held[seat][0].first : -1);
    }
}

static void step(struct oracle *model, struct scheduler *deal, uint64_t *seed)
{
    uint32_t seat = (uint32_t)pick(seed, model->plan.seats);
    size_t held = model->held_count[seat];
    struct chunk oldest = model->held[seat][0];
    switch (pick(seed, 10)) {
    case 0:
        die_at(model, deal, seat, -1);
        break;
    case 1:
        die_at(model, deal, seat, held ? oldest.first : pick(seed, TASKS_MOST));
        break;
    case 2:
        die_at(model, deal, seat, pick(seed, model->plan.tasks + 1));
        break;
    case 3:
    case 4:
    case 5:
        if (held < HELD_MOST)
            deal_one(model, deal, seat, 1 + pick(seed, 30));
        break;
    default:
        if (held > 0)
            do_some(model, deal, seat, 1 + pick(seed, oldest.count));
    }
}

static void do_the_rest(struct oracle *model, struct scheduler *deal)
{
    while (!scheduler_is_over(deal)) {
        for (uint32_t seat = 0; seat < model->plan.seats; seat++) {
            while (model->held_count[seat] > 0)
                do_some(model, deal, seat, model->held[seat][0].count);
            deal_one(model, deal, seat, 7);
        }
        expect_agreement(model, deal);
    }
}

static void run_randomly(uint64_t seed)
{
    struct oracle model = {.plan = {.tasks = pick(&seed, TASKS_MOST + 1),
                                    .chunk_most = TASKS_MOST,
                                    .seats = 1 + (uint32_t)pick(&seed, SEATS_MOST),
                                    .chunk = pick(&seed, 2) ? 0 : 1 + pick(&seed, 40),
                                    .retries = pick(&seed, 3)}};
    struct scheduler *deal = scheduler_new(&model.plan);
    for (int i = 0; i < 300; i++) {
        step(&model, deal, &seed);
        expect_agreement(&model, deal);
    }
    do_the_rest(&model, deal);
    for (int64_t task = 0; task < model.plan.tasks; task++)
        assert_int_equal((scheduler_gap(deal, task) == GAP_LOST), model.fate[task] == LOST);
    scheduler_free(deal);
}

static void does_what_the_model_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++)
        run_randomly(seed * 7919);
}

static void deals_every_task_once_in_chunks_of_any_size(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 2, 3, 99, 100, 101, 1000000, INT64_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct oracle model = {
            .plan = {.tasks = 100, .seats = 3, .chunk = sizes[i], .chunk_most = 100}};
        struct scheduler *deal = scheduler_new(&model.plan);
        do_the_rest(&model, deal);
        assert_int_equal(scheduler_count_done(deal), 100);
        assert_int_equal(scheduler_count_lost(deal), 0);
        scheduler_free(deal);
    }
}

static void is_over_at_once_without_tasks(void **state)
{
    (void)state;
    int64_t first, count;
    struct scheduler *deal = scheduler_new(&(struct scheduler_plan){.seats = 1});
    assert_true(scheduler_is_over(deal));
    assert_false(scheduler_next(deal, 0, 1, &first, &count));
    scheduler_free(deal);
    scheduler_free(NULL);
}

static void chunks_that_nobody_chose_shrink(void **state)
{
    (void)state;
    int64_t first, count, before = INT64_MAX, chunks = 0;
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 100000, .seats = 4, .chunk_most = 1000});
    while (scheduler_next(deal, (uint32_t)(chunks % 4), INT64_MAX, &first, &count)) {
        assert_true(count <= before && count <= 1000);
        before = count;
        chunks++;
    }
    assert_int_equal(before, 1);
    assert_true(chunks > 4 && chunks < 1000);
    scheduler_free(deal);
}

static void accepts_only_the_next_tasks_that_a_seat_holds(void **state)
{
    (void)state;
    int64_t first, count;
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 20, .seats = 2, .chunk = 5});
    assert_false(scheduler_done(deal, 0, 0, 1));
    assert_true(scheduler_next(deal, 0, 5, &first, &count));
    assert_false(scheduler_done(deal, 1, first, 1));
    assert_false(scheduler_done(deal, 0, first + 1, 1));
    assert_false(scheduler_done(deal, 0, first, 6));
    assert_false(scheduler_done(deal, 0, first, 0));
    assert_false(scheduler_done(deal, 0, first, -1));
    assert_false(scheduler_done(deal, 0, -1, 1));
    assert_false(scheduler_done(deal, 0, first, INT64_MAX));
    assert_int_equal(scheduler_count_done(deal), 0);
    assert_true(scheduler_done(deal, 0, first, 5));
    assert_false(scheduler_done(deal, 0, first, 5));
    scheduler_free(deal);
}

// Lets the only task kill worker after worker; returns how many it took.
static int64_t kills_until_lost(int64_t retries)
{
    int64_t first, count, kills = 0;
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 1, .seats = 1, .retries = retries});
    while (scheduler_next(deal, 0, 1, &first, &count)) {
        scheduler_died(deal, 0, first);
        kills++;
    }
    assert_true(scheduler_is_over(deal));
    assert_true((scheduler_gap(deal, 0) == GAP_LOST));
    scheduler_free(deal);
    return kills;
}

// Whoever could not say what it was at dies of the first task that it has not reported: each is
// lost in its turn, and takes one worker more than it has retries.
static void blames_the_first_task_that_was_not_reported(void **state)
{
    (void)state;
    int64_t first, count, deaths = 0;
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 10, .seats = 1, .chunk = 5, .retries = 1});
    assert_int_equal(scheduler_first_held(deal, 0), -1);
    assert_true(scheduler_next(deal, 0, 5, &first, &count));
    assert_true(scheduler_done(deal, 0, 0, 2));
    assert_int_equal(scheduler_first_held(deal, 0), 2);
    do {
        scheduler_died(deal, 0, scheduler_first_held(deal, 0));
        deaths++;
    } while (scheduler_next(deal, 0, 5, &first, &count));
    assert_int_equal(deaths, 16);
    assert_true(scheduler_is_over(deal));
    assert_int_equal(scheduler_count_lost(deal), 8);
    scheduler_free(deal);
}

static void a_task_may_kill_as_often_as_it_has_retries(void **state)
{
    (void)state;
    assert_int_equal(kills_until_lost(0), 1);
    assert_int_equal(kills_until_lost(1), 2);
    assert_int_equal(kills_until_lost(5), 6);
}

static void only_the_task_in_hand_is_lost(void **state)
{
    (void)state;
    int64_t first, count;
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 10, .seats = 1, .chunk = 10});
    assert_true(scheduler_next(deal, 0, 10, &first, &count));
    assert_true(scheduler_done(deal, 0, 0, 3));
    scheduler_died(deal, 0, 5);
    for (int64_t task = 0; task < 10; task++)
        assert_int_equal((scheduler_gap(deal, task) == GAP_LOST), task == 5);
    assert_true(scheduler_next(deal, 0, 10, &first, &count));
    assert_int_equal(first, 3);
    assert_int_equal(count, 2);
    scheduler_free(deal);
}

// The ranges that were told to be given up.
struct told {
    struct chunk all[8];
    size_t count;
};

static void hear_loss(void *data, int64_t first, int64_t count)
{
    struct told *told = data;
    assert_true(told->count < 8);
    told->all[told->count++] = (struct chunk){first, count};
}

static void expect_told(const struct told *told, size_t i, int64_t first, int64_t count)
{
    assert_true(i < told->count);
    assert_int_equal(told->all[i].first, first);
    assert_int_equal(told->all[i].count, count);
}

static void gives_up_all_that_is_not_done(void **state)
{
    (void)state;
    int64_t first, count;
    struct told told = {0};
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 20, .seats = 2, .chunk = 5});
    assert_true(scheduler_next(deal, 0, 5, &first, &count));
    assert_true(scheduler_done(deal, 0, 0, 2));
    assert_true(scheduler_next(deal, 1, 5, &first, &count));
    scheduler_died(deal, 1, -1);
    scheduler_give_up(deal, hear_loss, &told);
    assert_true(scheduler_is_over(deal));
    assert_int_equal(scheduler_count_done(deal), 2);
    assert_int_equal(scheduler_count_lost(deal), 18);
    for (int64_t task = 0; task < 20; task++)
        assert_int_equal((scheduler_gap(deal, task) == GAP_LOST), task >= 2);
    assert_false(scheduler_next(deal, 0, 5, &first, &count));
    assert_false(scheduler_done(deal, 0, 2, 1));
    scheduler_give_up(deal, hear_loss, &told);
    assert_int_equal(scheduler_count_lost(deal), 18);
    assert_int_equal(told.count, 1);
    expect_told(&told, 0, 2, 18);
    scheduler_free(deal);
}

static void tells_what_it_gives_up_in_order_and_only_that(void **state)
{
    (void)state;
    int64_t first, count;
    struct told told = {0};
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 100000000, .seats = 3, .chunk = 10});
    for (uint32_t seat = 0; seat < 3; seat++)
        assert_true(scheduler_next(deal, seat, 10, &first, &count));
    scheduler_died(deal, 2, 25);
    assert_true(scheduler_done(deal, 1, 10, 10));
    scheduler_give_up(deal, hear_loss, &told);
    assert_int_equal(told.count, 3);
    expect_told(&told, 0, 0, 10);
    expect_told(&told, 1, 20, 5);
    expect_told(&told, 2, 26, 99999974);
    assert_true(scheduler_is_over(deal));
    assert_int_equal(scheduler_count_lost(deal), 99999990);
    scheduler_free(deal);
}

static void finds_lost_tasks_without_a_search(void **state)
{
    (void)state;
    int64_t first, count;
    struct told told = {0};
    struct scheduler *deal =
        scheduler_new(&(struct scheduler_plan){.tasks = 1000000, .seats = 1, .chunk = 1});
    for (int task = 0; task < 20000; task++) {
        assert_true(scheduler_next(deal, 0, 1, &first, &count));
        assert_int_equal(first, task);
        if (task % 2)
            scheduler_died(deal, 0, task);
        else
            assert_true(scheduler_done(deal, 0, task, 1));
    }
    assert_int_equal(scheduler_next_lost(deal, 0), 1);
    assert_int_equal(scheduler_next_lost(deal, 1), 1);
    assert_int_equal(scheduler_next_lost(deal, 2), 3);
    assert_int_equal(scheduler_next_lost(deal, 20000), -1);
    scheduler_give_up(deal, hear_loss, &told);
    for (int64_t task = 0; task < 1000000; task++)
        assert_int_equal((scheduler_gap(deal, task) == GAP_LOST), task >= 20000 || task % 2);
    scheduler_free(deal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_the_model_does),
        cmocka_unit_test(deals_every_task_once_in_chunks_of_any_size),
        cmocka_unit_test(is_over_at_once_without_tasks),
        cmocka_unit_test(chunks_that_nobody_chose_shrink),
        cmocka_unit_test(accepts_only_the_next_tasks_that_a_seat_holds),
        cmocka_unit_test(blames_the_first_task_that_was_not_reported),
        cmocka_unit_test(a_task_may_kill_as_often_as_it_has_retries),
        cmocka_unit_test(only_the_task_in_hand_is_lost),
        cmocka_unit_test(gives_up_all_that_is_not_done),
        cmocka_unit_test(tells_what_it_gives_up_in_order_and_only_that),
        cmocka_unit_test(a_task_that_failed_is_settled_and_has_no_result),
        cmocka_unit_test(finds_lost_tasks_without_a_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
