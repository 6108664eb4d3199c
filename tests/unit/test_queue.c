// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that a queue keeps order and bounds, and that each item is in it or in one hand, whatever
// dies.
#include "sharing.h"

#include "sync/queue.h"

#include <string.h>

enum { MOST = 6 };

static int make_queue(void **state)
{
    *state = sharing_map(sync_queue.size(SHARING_WORKERS, MOST));
    sync_queue.init(*state, 1, SHARING_WORKERS, MOST);
    return 0;
}

static int free_queue(void **state)
{
    return munmap(*state, sync_queue.size(SHARING_WORKERS, MOST));
}

static enum sync_result put(struct queue *queue, int64_t value, int64_t timeout)
{
    struct self self = sharing_self(0);
    return queue_put(queue, &self, timeout, (struct queue_item){.value = value});
}

static int64_t get(struct queue *queue)
{
    struct self self = sharing_self(0);
    struct queue_item item = {.value = -1};
    enum sync_result result = queue_get(queue, &self, 0, &item);
    return result == SYNC_OK ? item.value : -(int64_t)result;
}

static void is_first_in_first_out_and_bounded(void **state)
{
    for (int round = 0; round < 3; round++) {
        for (int i = 1; i <= MOST; i++)
            assert_int_equal(put(*state, i, 0), SYNC_OK);
        assert_int_equal(queue_length(*state), MOST);
        assert_int_equal(put(*state, 7, 0), SYNC_TIMED_OUT);
        int64_t before = clock_now();
        assert_int_equal(put(*state, 7, 3 * NS_PER_MS), SYNC_TIMED_OUT);
        assert_true(clock_now() - before >= 3 * NS_PER_MS);
        for (int i = 1; i <= MOST; i++)
            assert_int_equal(get(*state), i);
        assert_int_equal(get(*state), -SYNC_TIMED_OUT);
        assert_int_equal(queue_length(*state), 0);
    }
    assert_int_equal(queue_put_count(*state), 3 * MOST);
}

static void takes_nothing_once_it_is_closed(void **state)
{
    assert_int_equal(put(*state, 1, 0), SYNC_OK);
    assert_true(queue_close(*state));
    assert_true(queue_is_closed(*state));
    assert_int_equal(put(*state, 2, SYNC_FOREVER), SYNC_CLOSED);
    assert_int_equal(get(*state), 1);
    assert_int_equal(get(*state), -SYNC_CLOSED);
}

static void get_until_closed(const struct self *self, void *shared)
{
    struct queue_item item;
    while (queue_get(shared, self, SYNC_FOREVER, &item) == SYNC_OK)
        continue;
    MUST(queue_is_closed(shared));
}

static void frees_those_who_wait_when_it_is_closed(void **state)
{
    pid_t one = sharing_fork(0, STEP_NONE, get_until_closed, *state);
    pid_t two = sharing_fork(1, STEP_NONE, get_until_closed, *state);
    assert_true(queue_close(*state));
    assert_int_equal(sharing_end(one), 0);
    assert_int_equal(sharing_end(two), 0);
}

static void knows_when_all_is_done(void **state)
{
    struct self self = sharing_self(0);
    assert_int_equal(queue_task_done(*state, &self), SYNC_REFUSED);
    assert_int_equal(queue_join(*state, &self, 0), SYNC_OK);
    put(*state, 1, 0);
    assert_int_equal(queue_join(*state, &self, 0), SYNC_TIMED_OUT);
    assert_int_equal(get(*state), 1);
    assert_int_equal(queue_join(*state, &self, 2 * NS_PER_MS), SYNC_TIMED_OUT);
    assert_int_equal(queue_task_done(*state, &self), SYNC_OK);
    assert_int_equal(queue_join(*state, &self, SYNC_FOREVER), SYNC_OK);
    assert_int_equal(queue_task_done(*state, &self), SYNC_REFUSED);
}

static void put_one(const struct self *self, void *shared)
{
    struct queue_item item = {.value = self->number, .producer = self->number};
    MUST(queue_put(shared, self, SYNC_FOREVER, item) == SYNC_OK);
}

static void leaves_no_hole_when_a_producer_dies(void **state)
{
    static const enum step steps[] = {STEP_PUT, STEP_FILL, STEP_WAKE};
    pid_t consumer = sharing_fork(7, STEP_NONE, get_until_closed, *state);
    for (uint32_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct queue_item none;
        sharing_end(sharing_fork(i, steps[i], put_one, *state));
        assert_false(queue_bury(*state, i, &none));
    }
    assert_int_equal(sharing_end(sharing_fork(3, STEP_NONE, put_one, *state)), 0);
    SHARING_UNTIL(queue_length(*state) == 0);
    assert_in_range(queue_put_count(*state), 1, 2);
    queue_close(*state);
    assert_int_equal(sharing_end(consumer), 0);
}

static void gives_back_what_a_dead_consumer_had(void **state)
{
    struct queue_item item;
    for (int i = 1; i <= 3; i++)
        put(*state, i, 0);
    sharing_end(sharing_fork(1, STEP_HAND, get_until_closed, *state));
    assert_int_equal(queue_length(*state), 2);
    assert_true(queue_bury(*state, 1, &item));
    assert_int_equal(item.value, 1);
    assert_int_equal(queue_length(*state), 3);
    assert_false(queue_bury(*state, 1, &item));
    for (int i = 1; i <= 3; i++)
        assert_int_equal(get(*state), i);
    assert_int_equal(queue_length(*state), 0);
}

static void takes_nothing_out_for_one_that_dies_before(void **state)
{
    static const enum step steps[] = {STEP_GET, STEP_TAKEN};
    struct queue_item item;
    put(*state, 1, 0);
    put(*state, 2, 0);
    for (uint32_t i = 0; i < 2; i++) {
        sharing_end(sharing_fork(i + 1, steps[i], get_until_closed, *state));
        assert_false(queue_bury(*state, i + 1, &item));
    }
    assert_int_equal(get(*state), 1);
    assert_int_equal(get(*state), 2);
    assert_int_equal(get(*state), -SYNC_TIMED_OUT);
}

static void returns_an_item_from_hand_to_hand(void **state)
{
    struct queue_item item;
    put(*state, 1, 0);
    put(*state, 2, 0);
    sharing_end(sharing_fork(1, STEP_HAND, get_until_closed, *state));
    assert_true(queue_bury(*state, 1, &item));
    // The next one dies between noting what came back and having it, the one after that with it in
    // its hand.
    sharing_end(sharing_fork(2, STEP_TAKEN, get_until_closed, *state));
    assert_false(queue_bury(*state, 2, &item));
    sharing_end(sharing_fork(3, STEP_HAND, get_until_closed, *state));
    assert_false(queue_bury(*state, 2, &item));
    assert_true(queue_bury(*state, 3, &item));
    assert_int_equal(item.value, 1);
    assert_int_equal(get(*state), 1);
    assert_int_equal(get(*state), 2);
    assert_int_equal(get(*state), -SYNC_TIMED_OUT);
}

// What each consumer saw: the last sequence of each producer, and how many of all.
struct tally {
    struct queue *queue;
    bool gives_back; // a consumer is killed
    _Atomic int64_t seen[SHARING_WORKERS][4096];
};

enum { EACH = 1000 };

static void put_many(const struct self *self, void *shared)
{
    struct tally *tally = shared;
    for (int64_t i = 0; i < EACH; i++) {
        struct queue_item item = {.value = i, .sequence = i, .producer = self->number};
        MUST(queue_put(tally->queue, self, SYNC_FOREVER, item) == SYNC_OK);
    }
}

static void count_all(const struct self *self, void *shared)
{
    struct tally *tally = shared;
    struct queue_item item;
    int64_t last[SHARING_WORKERS] = {0};
    while (queue_get(tally->queue, self, SYNC_FOREVER, &item) == SYNC_OK) {
        // What went back comes late.
        MUST(tally->gives_back || item.sequence == 0 || item.sequence > last[item.producer]);
        last[item.producer] = item.sequence;
        tally->seen[item.producer][item.sequence]++;
        MUST(queue_task_done(tally->queue, self) == SYNC_OK);
    }
}

static void carries_each_item_once_and_in_order(void **state)
{
    struct tally *tally = sharing_map(sizeof *tally);
    pid_t pids[6];
    tally->queue = *state;
    for (uint32_t i = 0; i < 6; i++)
        pids[i] = sharing_fork(i, STEP_NONE, i < 3 ? put_many : count_all, tally);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    queue_close(*state);
    for (int i = 3; i < 6; i++)
        assert_int_equal(sharing_end(pids[i]), 0);
    for (int producer = 0; producer < 3; producer++)
        for (int i = 0; i < EACH; i++)
            assert_int_equal(tally->seen[producer][i], 1);
    munmap(tally, sizeof *tally);
}

static void loses_no_item_to_a_kill_at_any_moment(void **state)
{
    uint64_t seed = 11;
    for (int round = 0; round < 30; round++) {
        struct tally *tally = sharing_map(sizeof *tally);
        struct queue_item item;
        pid_t pids[4];
        int back = 0;
        memset(*state, 0, sync_queue.size(SHARING_WORKERS, MOST));
        sync_queue.init(*state, 1, SHARING_WORKERS, MOST);
        tally->queue = *state;
        tally->gives_back = true;
        for (uint32_t i = 0; i < 4; i++)
            pids[i] = sharing_fork(i, STEP_NONE, i < 1 ? put_many : count_all, tally);
        for (int64_t spin = pick(&seed, 300); spin > 0; spin--)
            sched_yield();
        kill(pids[1], SIGKILL);
        sharing_end(pids[1]);
        back += queue_bury(*state, 1, &item);
        assert_int_equal(sharing_end(pids[0]), 0);
        queue_close(*state);
        assert_int_equal(sharing_end(pids[2]), 0);
        assert_int_equal(sharing_end(pids[3]), 0);
        int twice = 0;
        for (int i = 0; i < EACH; i++) {
            assert_in_range(tally->seen[0][i], 1, 2);
            twice += tally->seen[0][i] == 2;
        }
        // Only what was in the dead one's hand may have been seen before.
        assert_true(twice <= back);
        munmap(tally, sizeof *tally);
    }
}

#define WITH_QUEUE(test) cmocka_unit_test_setup_teardown(test, make_queue, free_queue)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_QUEUE(is_first_in_first_out_and_bounded),
        WITH_QUEUE(takes_nothing_once_it_is_closed),
        WITH_QUEUE(frees_those_who_wait_when_it_is_closed),
        WITH_QUEUE(knows_when_all_is_done),
        WITH_QUEUE(leaves_no_hole_when_a_producer_dies),
        WITH_QUEUE(gives_back_what_a_dead_consumer_had),
        WITH_QUEUE(takes_nothing_out_for_one_that_dies_before),
        WITH_QUEUE(returns_an_item_from_hand_to_hand),
        WITH_QUEUE(carries_each_item_once_and_in_order),
        WITH_QUEUE(loses_no_item_to_a_kill_at_any_moment),
    };
    return cmocka_run_group_tests(tests, sharing_prepare, NULL);
}
