// SPDX-License-Identifier: GPL-3.0-or-later
// process/kept: results outlive their job, the oldest are forgotten.
#include "help.h"

#include "jobs/results.h"

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
    results_put((struct kept){.job = job, .results = map(size), .size = size, .count = 1});
}

static void found_again(void **state)
{
    (void)state;
    put(1, 4096);
    put(2, 4096);
    assert_int_equal(results_find(1)->job, 1);
    assert_int_equal(results_find(2)->job, 2);
    assert_null(results_find(3));
    assert_false(results_is_forgotten(3));
    results_free();
    assert_null(results_find(1));
}

static void the_oldest_are_forgotten(void **state)
{
    (void)state;
    put(1, KEPT_MOST / 2);
    put(2, KEPT_MOST / 2 - 65536);
    assert_non_null(results_find(1));
    put(3, 65536);
    assert_null(results_find(1));
    assert_true(results_is_forgotten(1));
    assert_non_null(results_find(2));
    assert_non_null(results_find(3));
    results_free();
}

static void one_that_is_too_big_stays_until_the_next(void **state)
{
    (void)state;
    put(1, 4096);
    put(2, KEPT_MOST * 2);
    assert_null(results_find(1));
    assert_non_null(results_find(2));
    put(3, 4096);
    assert_null(results_find(2));
    assert_non_null(results_find(3));
    results_free();
}

static void room_is_made_before(void **state)
{
    (void)state;
    put(1, KEPT_MOST / 2);
    results_make_room(KEPT_MOST / 2 - 4096);
    assert_non_null(results_find(1));
    results_make_room(KEPT_MOST);
    assert_null(results_find(1));
    results_free();
}

static void counts_all_that_it_holds(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)state;
    put(1, 8);
    size_t one = results_total();
    assert_true(one > page && one < 2 * page);
    put(2, page + 8);
    assert_int_equal(results_total(), 2 * one + page);
    results_free();
    assert_int_equal(results_total(), 0);
    struct scheduler *deal = scheduler_new(&(struct scheduler_plan){.tasks = 1, .seats = 100});
    size_t deals = scheduler_size(deal);
    assert_true(deals > 1000);
    results_put((struct kept){.job = 3, .results = map(8), .size = 8, .count = 1, .deal = deal});
    assert_int_equal(results_total(), one + deals);
    results_free();
    assert_int_equal(results_total(), 0);
}

static void are_dropped_with_their_job(void **state)
{
    (void)state;
    for (uint32_t job = 1; job <= 4; job++)
        put(job, 4096);
    size_t four = results_total();
    results_drop(2);
    results_drop(4);
    results_drop(99);
    assert_null(results_find(2));
    assert_false(results_is_forgotten(2));
    assert_int_equal(results_total(), four / 2);
    put(5, 4096);
    assert_non_null(results_find(3));
    assert_non_null(results_find(5));
    results_make_room(KEPT_MOST);
    assert_true(results_is_forgotten(3));
    results_drop(3);
    assert_false(results_is_forgotten(3));
    assert_int_equal(results_total(), 0);
    results_free();
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
        most = results_total() > most ? results_total() : most;
    }
    assert_true(most > 100 * page && most < 1000 * page);
    jobs_forget(true);
    assert_int_equal(results_total(), 0);
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
