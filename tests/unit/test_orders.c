// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that orders are counted, written, and enumerated: each once, with the fewest switches first.
#include "help.h"

#include "base/must.h"
#include "jobs/orders.h"

#include <stdlib.h>
#include <string.h>

static void counts_exactly(void **state)
{
    static const struct {
        uint32_t steps[4], workers;
        uint64_t count;
    } cases[] = {
        {{3, 3}, 2, 20},
        {{6, 6}, 2, 924},
        {{3, 3, 3}, 3, 1680},
        {{4, 4, 4}, 3, 34650},
        {{6, 6, 6}, 3, 17153136},
        {{1}, 1, 1},
        {{5, 0}, 2, 1},
        {{0}, 0, 1},
        {{33, 33}, 2, UINT64_C(7219428434016265740)},
        {{34, 34}, 2, UINT64_MAX},
        {{4000, 4000, 4000, 4000}, 4, UINT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(orders_count(cases[i].steps, cases[i].workers) == cases[i].count);
}

static void writes_what_it_reads(void **state)
{
    static const struct {
        const char *text;
        uint32_t workers;
    } cases[] = {{"122211", 2}, {"1", 1}, {"1x222", 2}, {"9", 9}, {"10,2x,1", 10}, {"32", 32}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t steps[GATE_STEPS];
        size_t length;
        struct text text = {0};
        assert_true(orders_parse(cases[i].text, cases[i].workers, steps, &length, &text));
        orders_format(steps, length, cases[i].workers, &text);
        assert_string_equal(text_string(&text), cases[i].text);
        text_free(&text);
    }
}

static void reads_commas_with_few_workers_too(void **state)
{
    uint8_t steps[GATE_STEPS];
    size_t length;
    struct text error = {0};
    (void)state;
    assert_true(orders_parse("1,2x,2", 2, steps, &length, &error));
    assert_int_equal(length, 3);
    assert_int_equal(steps[1], 1 | GATE_DEATH);
    text_free(&error);
}

static void refuses_anything_else(void **state)
{
    static const char *const wrong[] = {"",    "0",  "3",     "1a2",   "x1",         "1xx",
                                        "1,",  ",1", "1,,2",  " 12",   "-1",         "12 ",
                                        "1,3", "+1", "1,2,x", "1\x1b", "99999999999"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t steps[GATE_STEPS];
        size_t length;
        struct text error = {0};
        assert_false(orders_parse(wrong[i], 2, steps, &length, &error));
        assert_true(error.length > 0);
        text_free(&error);
    }
    char *longest = must_calloc(GATE_STEPS + 2, 1);
    uint8_t steps[GATE_STEPS];
    size_t length;
    struct text error = {0};
    memset(longest, '1', GATE_STEPS + 1);
    assert_false(orders_parse(longest, 2, steps, &length, &error));
    longest[GATE_STEPS] = '\0';
    assert_true(orders_parse(longest, 2, steps, &length, &error));
    text_free(&error);
    free(longest);
}

// A program of workers that take so many steps each; those of the lock's holder exclude all others if it locks.
struct program {
    uint32_t workers, steps[4];
    bool locks;
};

static uint32_t enabled_in(const struct program *program, const uint32_t *done)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < program->workers; i++) {
        if (program->locks && done[i] > 0 && done[i] < program->steps[i])
            return UINT32_C(1) << i;
        mask |= done[i] < program->steps[i] ? UINT32_C(1) << i : 0;
    }
    return mask;
}

static uint32_t choose(const uint8_t *plan, size_t planned, size_t at, int last, uint32_t enabled)
{
    if (at < planned)
        return plan[at];
    return last >= 0 && enabled >> last & 1 ? (uint32_t)last : (uint32_t)__builtin_ctz(enabled);
}

// Runs a plan to its end. Returns its length; `switches` is counted by what could have gone on.
static size_t run_plan(const struct program *program, const uint8_t *plan, size_t planned,
                       struct gate_record *trace, uint32_t *switches)
{
    uint32_t done[4] = {0};
    size_t length = 0;
    int last = -1;
    *switches = 0;
    for (uint32_t enabled; (enabled = enabled_in(program, done)); length++) {
        uint32_t next = choose(plan, planned, length, last, enabled);
        trace[length] = (struct gate_record){.step = (uint8_t)next, .enabled = enabled};
        uint32_t worker = next & ~(uint32_t)GATE_DEATH;
        assert_true(enabled >> worker & 1);
        if (next & GATE_DEATH) {
            done[worker] = program->steps[worker];
            continue;
        }
        done[worker]++;
        *switches += last >= 0 && (int)worker != last && enabled >> last & 1;
        last = (int)worker;
    }
    return length;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Runs all orders, sees to it that each comes once, in the order of their switches, and returns their number.
static size_t enumerate(const struct program *program, bool deaths, const char **second)
{
    static char *all[40000];
    struct gate_record trace[64];
    struct orders *orders = orders_new(deaths, SIZE_MAX);
    const uint8_t *plan;
    size_t planned, count = 0;
    uint32_t before = 0;
    while ((plan = orders_next(orders, &planned))) {
        uint32_t switches;
        uint8_t steps[64];
        struct text text = {0};
        size_t length = run_plan(program, plan, planned, trace, &switches);
        for (size_t i = 0; i < length; i++)
            steps[i] = trace[i].step;
        orders_format(steps, length, program->workers, &text);
        all[count++] = must_strdup(text_string(&text));
        text_free(&text);
        assert_int_equal(switches, orders_switches(orders));
        assert_true(switches >= before);
        before = switches;
        orders_tell(orders, trace, length);
    }
    assert_false(orders_left_out(orders));
    if (second)
        *second = all[2];
    qsort(all, count, sizeof *all, compare);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(all[i - 1], all[i]);
    for (size_t i = 0; i < count; i++)
        if (!second || all[i] != *second)
            free(all[i]);
    orders_free(orders);
    return count;
}

static void enumerates_each_once_with_fewest_switches_first(void **state)
{
    const char *first_with_a_switch;
    struct program two = {2, {3, 3}, false};
    (void)state;
    assert_int_equal(enumerate(&two, false, &first_with_a_switch), 20);
    assert_string_equal(first_with_a_switch, "122211");
    free((char *)first_with_a_switch);
    assert_int_equal(enumerate(&(struct program){2, {6, 6}, false}, false, NULL), 924);
    assert_int_equal(enumerate(&(struct program){3, {3, 3, 3}, false}, false, NULL), 1680);
    assert_int_equal(enumerate(&(struct program){3, {4, 4, 4}, false}, false, NULL), 34650);
    assert_int_equal(enumerate(&(struct program){1, {7}, false}, false, NULL), 1);
}

static void enumerates_only_what_can_be(void **state)
{
    (void)state;
    assert_int_equal(enumerate(&(struct program){2, {5, 5}, true}, false, NULL), 2);
    assert_int_equal(enumerate(&(struct program){3, {5, 5, 5}, true}, false, NULL), 6);
}

static void kills_at_each_step(void **state)
{
    (void)state;
    // C(j + 4, 3) orders in which one of the two dies having taken j of its three steps.
    assert_int_equal(enumerate(&(struct program){2, {3, 3}, false}, true, NULL), 20 + 2 * 34);
}

static void is_bounded_in_memory(void **state)
{
    struct program program = {3, {6, 6, 6}, false};
    struct orders *orders = orders_new(false, 100000);
    struct gate_record trace[64];
    size_t planned, runs = 0;
    const uint8_t *plan;
    uint32_t switches;
    (void)state;
    for (; (plan = orders_next(orders, &planned)); runs++)
        orders_tell(orders, trace, run_plan(&program, plan, planned, trace, &switches));
    assert_true(orders_left_out(orders));
    assert_true(runs > 1000 && runs < 100000);
    orders_free(orders);
    orders_free(NULL);
}

static void draws_the_same_from_the_same_seed(void **state)
{
    struct gate_priorities one = {0}, other = {0};
    uint64_t seed = 7, same = 7;
    (void)state;
    for (int i = 0; i < 100; i++) {
        orders_draw(&seed, 4, 20, &one);
        orders_draw(&same, 4, 20, &other);
        assert_memory_equal(&one, &other, sizeof one);
        uint32_t seen = 0;
        for (int w = 0; w < 4; w++)
            seen |= UINT32_C(1) << (one.priority[w] - GATE_CHANGES);
        assert_int_equal(seen, 15);
        for (uint32_t j = 0; j < one.changes; j++)
            assert_true(one.change_at[j] < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_exactly),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(reads_commas_with_few_workers_too),
        cmocka_unit_test(refuses_anything_else),
        cmocka_unit_test(enumerates_each_once_with_fewest_switches_first),
        cmocka_unit_test(enumerates_only_what_can_be),
        cmocka_unit_test(kills_at_each_step),
        cmocka_unit_test(is_bounded_in_memory),
        cmocka_unit_test(draws_the_same_from_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
