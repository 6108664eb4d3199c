// SPDX-License-Identifier: GPL-3.0-or-later
// process/kept: results outlive their job, the oldest are forgotten.
#include "help.h"

#include "process/kept.h"

#include <sys/mman.h>
#include <unistd.h>

// Never touched, so it costs no memory.
static int64_t *map(size_t size)
{
    int64_t *results = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(results, MAP_FAILED);
    return results;
}

static void put(uint32_t job, size_t size)
{
    kept_put((struct kept){.job = job, .results = map(size), .size = size, .count = 1});
}

static void found_again(void **state)
{
    (void)state;
    put(1, 4096);
    put(2, 4096);
    assert_int_equal(kept_find(1)->job, 1);
    assert_int_equal(kept_find(2)->job, 2);
    assert_null(kept_find(3));
    assert_false(kept_is_forgotten(3));
    kept_free();
    assert_null(kept_find(1));
}

static void the_oldest_are_forgotten(void **state)
{
    (void)state;
    put(1, KEPT_MOST / 2);
    put(2, KEPT_MOST / 2 - 65536);
    assert_non_null(kept_find(1));
    put(3, 65536);
    assert_null(kept_find(1));
    assert_true(kept_is_forgotten(1));
    assert_non_null(kept_find(2));
    assert_non_null(kept_find(3));
    kept_free();
}

static void one_that_is_too_big_stays_until_the_next(void **state)
{
    (void)state;
    put(1, 4096);
    put(2, KEPT_MOST * 2);
    assert_null(kept_find(1));
    assert_non_null(kept_find(2));
    put(3, 4096);
    assert_null(kept_find(2));
    assert_non_null(kept_find(3));
    kept_free();
}

static void room_is_made_before(void **state)
{
    (void)state;
    put(1, KEPT_MOST / 2);
    kept_make_room(KEPT_MOST / 2 - 4096);
    assert_non_null(kept_find(1));
    kept_make_room(KEPT_MOST);
    assert_null(kept_find(1));
    kept_free();
}

static void counts_all_that_it_holds(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)state;
    put(1, 8);
    size_t one = kept_total();
    assert_true(one > page && one < 2 * page);
    put(2, page + 8);
    assert_int_equal(kept_total(), 2 * one + page);
    kept_free();
    assert_int_equal(kept_total(), 0);
    struct deal *deal = deal_new(&(struct deal_plan){.tasks = 1, .seats = 100});
    size_t deals = deal_size(deal);
    assert_true(deals > 1000);
    kept_put((struct kept){.job = 3, .results = map(8), .size = 8, .count = 1, .deal = deal});
    assert_int_equal(kept_total(), one + deals);
    kept_free();
    assert_int_equal(kept_total(), 0);
}

static void are_dropped_with_their_job(void **state)
{
    (void)state;
    for (uint32_t job = 1; job <= 4; job++)
        put(job, 4096);
    size_t four = kept_total();
    kept_drop(2);
    kept_drop(4);
    kept_drop(99);
    assert_null(kept_find(2));
    assert_false(kept_is_forgotten(2));
    assert_int_equal(kept_total(), four / 2);
    put(5, 4096);
    assert_non_null(kept_find(3));
    assert_non_null(kept_find(5));
    kept_make_room(KEPT_MOST);
    assert_true(kept_is_forgotten(3));
    kept_drop(3);
    assert_false(kept_is_forgotten(3));
    assert_int_equal(kept_total(), 0);
    kept_free();
}

static void no_more_than_there_are_jobs(void **state)
{
    static const struct job_ops ops = {0};
    (void)state;
    size_t most = 0, page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < 2000; i++) {
        struct job *job = job_new("pool 1 1", &ops, NULL);
        put(job->id, 8);
        job_finish(job, 0);
        jobs_forget(false);
        most = kept_total() > most ? kept_total() : most;
    }
    assert_true(most > 100 * page && most < 1000 * page);
    jobs_forget(true);
    assert_int_equal(kept_total(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_again),
        cmocka_unit_test(the_oldest_are_forgotten),
        cmocka_unit_test(one_that_is_too_big_stays_until_the_next),
        cmocka_unit_test(room_is_made_before),
        cmocka_unit_test(counts_all_that_it_holds),
        cmocka_unit_test(are_dropped_with_their_job),
        cmocka_unit_test(no_more_than_there_are_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
