// SPDX-License-Identifier: GPL-3.0-or-later
// process/kept: results outlive their job, the oldest are forgotten.
#include "help.h"

#include "process/kept.h"

#include <sys/mman.h>

// Never touched, so it costs no memory.
static void put(uint32_t job, size_t size)
{
    int64_t *results = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(results, MAP_FAILED);
    kept_put((struct kept){.job = job, .results = results, .size = size, .count = 1});
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
    put(2, KEPT_MOST / 2);
    assert_non_null(kept_find(1));
    put(3, 4096);
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
    kept_make_room(KEPT_MOST / 2);
    assert_non_null(kept_find(1));
    kept_make_room(KEPT_MOST);
    assert_null(kept_find(1));
    kept_free();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_again),
        cmocka_unit_test(the_oldest_are_forgotten),
        cmocka_unit_test(one_that_is_too_big_stays_until_the_next),
        cmocka_unit_test(room_is_made_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
