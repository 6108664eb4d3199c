// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/race_table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/context.h"
#include "shell/figures.h"
#include "sync/value.h"
#include "view/table.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { WAYS = VALUE_PRIVATE + 1, ARRAY_SIZE = 10 };

static const char *const way_names[WAYS] = {[VALUE_BARE] = "no lock",
                                            [VALUE_LOCKED] = "a lock",
                                            [VALUE_ATOMIC] = "one atomic add",
                                            [VALUE_PRIVATE] = "memory of its own"};

// In shared memory.
struct race_board {
    _Atomic uint32_t arrived; // at all starts so far
    _Atomic int64_t began[WAYS], ended[WAYS], added[WAYS];
    int64_t array[ARRAY_SIZE], doubled[ARRAY_SIZE], value; // for the array
};

struct race_table {
    struct value *values[WAYS];
    struct lock *lock;
    struct race_board *board;
    int64_t workers, times;
};

// The copies that a fork makes of these.
static int64_t array_copy[ARRAY_SIZE], value_of_its_own;

static const int64_t array_first[ARRAY_SIZE] = {680, 626, 934, 821, 150, 233, 548, 982, 714, 831};

// All begin at once, or what they do would not overlap: none sleeps until the last is there.
static void race_table_meet(const struct race_table *table, int way)
{
    atomic_fetch_add(&table->board->arrived, 1);
    while (atomic_load(&table->board->arrived) < (uint32_t)(table->workers * (way + 1)))
        sched_yield();
}

static void race_table_keep_latest(_Atomic int64_t *latest, int64_t now)
{
    int64_t seen = atomic_load(latest);
    while (seen < now && !atomic_compare_exchange_weak(latest, &seen, now))
        continue;
}

static int race_table_add(const struct self *self, const void *argument)
{
    const struct race_table *table = argument;
    report_hello(self);
    for (int way = 0; way < WAYS; way++) {
        int64_t none = 0;
        race_table_meet(table, way);
        atomic_compare_exchange_strong(&table->board->began[way], &none, clock_now());
        for (int64_t i = 0; i < table->times; i++)
            if (value_add(table->values[way], self, (enum value_way)way, table->lock) != SYNC_OK) {
                report_failure(self, "futex");
                return 1;
            }
        race_table_keep_latest(&table->board->ended[way], clock_now());
        atomic_fetch_add(&table->board->added[way], table->times);
    }
    report_done(self, WAYS * table->times);
    return self->exit_status;
}

static void race_table_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    (void)number;
    *assignment = (struct assignment){0};
    lab_name(lab, number, assignment);
}

// What the parent finds, once all have ended.
static int64_t race_table_arrived(const struct race_table *table, int way)
{
    return way == VALUE_PRIVATE ? value_copy_now() : value_now(table->values[way]);
}

static void race_table_write(const struct race_table *table)
{
    static const struct table_column columns[] = {{"HOW", false, RIGID},    {"ADDED", true, RIGID},
                                                  {"ARRIVED", true, RIGID}, {"LOST", true, RIGID},
                                                  {"", true, RIGID},        {"TIME", true, RIGID}};
    struct table *rows = table_new(columns, sizeof columns / sizeof *columns);
    struct text text = {0};
    for (int way = 0; way < WAYS; way++) {
        char took[32];
        int64_t added = atomic_load(&table->board->added[way]);
        int64_t arrived = race_table_arrived(table, way);
        number_format_time(atomic_load(&table->board->ended[way]) -
                               atomic_load(&table->board->began[way]),
                           took, sizeof took);
        table_cell(rows, way_names[way], COLOR_PLAIN);
        table_cell_print(rows, "%" PRId64, added);
        table_cell_print(rows, "%" PRId64, arrived);
        table_cell_print(rows, "%" PRId64, added - arrived);
        table_cell_print(rows, "%.0f %%",
                         added ? 100.0 * (double)(added - arrived) / (double)added : 0.0);
        table_cell(rows, took, COLOR_PLAIN);
    }
    table_write(rows, (size_t)context_columns(), &text);
    out_print("%s", text_string(&text));
    text_free(&text);
    table_free(rows);
}

static void race_table_add_figures(const struct call *call, const struct race_table *table)
{
    static const char *const names[WAYS] = {"arrived", "arrived_mutex", "arrived_atomic",
                                            "arrived_private"};
    figures_begin(call);
    figures_add("added", atomic_load(&table->board->added[VALUE_BARE]));
    for (int way = 0; way < WAYS; way++)
        figures_add(names[way], race_table_arrived(table, way));
    figures_add("lost", atomic_load(&table->board->added[VALUE_BARE]) -
                            race_table_arrived(table, VALUE_BARE));
}

static int race_table_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct race_table *table = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (status == STATUS_OK && table->board) {
        int64_t lost =
            atomic_load(&table->board->added[VALUE_BARE]) - race_table_arrived(table, VALUE_BARE);
        race_table_write(table);
        race_table_add_figures(call, table);
        if (lost > 0)
            call_summary(call,
                         "%" PRId64 " additions are lost: between a worker's load and its store, "
                         "another had stored",
                         lost);
        else
            call_summary(call, "nothing was lost this time, and nothing kept it from being lost: "
                               "once more, or with more additions");
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

// One that is gone would be waited for at the next start.
static void race_table_ended(struct worker *worker)
{
    if (!worker_did_well(worker))
        lab_end(lab_of(worker));
}

static const struct lab_ops race_table_lab_ops = {.assign = race_table_assign,
                                                  .not_started = launch_end_not_started,
                                                  .frame = launch_print_lines,
                                                  .ended = race_table_ended,
                                                  .over = race_table_conclude};

static void race_table_free(struct call *call)
{
    const struct race_table *table = ((struct lab *)call->state)->data;
    if (table->board)
        munmap(table->board, sizeof *table->board);
    launch_free(call);
}

static const struct call_ops race_table_call_ops = {.progress = launch_show_progress,
                                                    .free = race_table_free};

static bool race_table_map_board(struct lab *lab)
{
    struct race_table *table = lab->data;
    void *memory =
        mmap(NULL, sizeof *table->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    table->board = memory == MAP_FAILED ? NULL : memory;
    launch_log_mmap(lab->job, true, sizeof *table->board, "what each has added", table->board);
    if (!table->board)
        call_fail(launch_call(lab), "mmap: %s", strerror(errno));
    return table->board;
}

static bool race_table_share(struct lab *lab)
{
    static const char *const names[WAYS] = {"x without a lock", "x with a lock", "x atomic",
                                            "x private"};
    struct race_table *table = lab->data;
    uint32_t workers = (uint32_t)table->workers;
    for (int way = 0; way < WAYS; way++)
        if (!(table->values[way] = launch_share(lab, &sync_value, names[way], workers, 0)))
            return false;
    table->lock = launch_share(lab, &sync_lock, NULL, workers, 0);
    return table->lock && race_table_map_board(lab);
}

// A lab with this command's way of freeing.
static struct lab *race_table_lab(struct call *call, const struct lab_plan *plan,
                                  const struct lab_ops *ops)
{
    static const struct launch_args none = {.for_ns = -1, .which = -1, .at = -1, .timeout = -1};
    struct lab *lab = launch_lab(call, plan, ops, &none, sizeof(struct race_table));
    call->ops = &race_table_call_ops;
    return lab;
}

int race_table_run(struct call *call, int64_t workers, int64_t times)
{
    struct lab_plan plan = {
        .workers = workers, .start = LAB_TOGETHER, .timeout = -1, .body = race_table_add};
    struct lab *lab = race_table_lab(call, &plan, &race_table_lab_ops);
    struct race_table *table = lab->data;
    table->workers = workers;
    table->times = times;
    lab->plan.argument = table;
    if (race_table_share(lab))
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

static void race_table_change(int64_t *array, int64_t *value)
{
    for (int i = 1; i < ARRAY_SIZE; i++)
        array[i] += array[i - 1];
    *value = 42;
}

static int race_table_change_all(const struct self *self, const void *argument)
{
    const struct race_table *table = argument;
    report_hello(self);
    race_table_change(table->board->array, &table->board->value);
    race_table_change(array_copy, &value_of_its_own);
    for (int i = 0; i < ARRAY_SIZE; i++)
        table->board->doubled[i] *= 2;
    report_done(self, ARRAY_SIZE);
    return 0;
}

static void race_table_print(const char *what, const int64_t *array)
{
    struct text text = {0};
    for (int i = 0; i < ARRAY_SIZE; i++)
        text_print(&text, "%s%" PRId64, i ? ", " : "", array[i]);
    out_print("%s: [%s]\n", what, text_string(&text));
    text_free(&text);
}

static int race_table_conclude_array(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct race_table *table = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (status == STATUS_OK && table->board) {
        race_table_print("after the worker's prefix sums, shared", table->board->array);
        race_table_print("after the worker's prefix sums, a copy of its own", array_copy);
        race_table_print("0 to 9, doubled by the worker, shared", table->board->doubled);
        out_print("7, set to 42 by the worker: %" PRId64 " (shared), %" PRId64
                  " (a copy of its own)\n",
                  table->board->value, value_of_its_own);
        call_summary(call, "a fork copies memory; only what is mapped as shared is the same");
        figures_begin(call);
        figures_add("shared", table->board->value);
        figures_add("own", value_of_its_own);
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops race_table_array_ops = {.assign = race_table_assign,
                                                    .not_started = launch_end_not_started,
                                                    .over = race_table_conclude_array};

int race_table_array(struct call *call)
{
    struct lab_plan plan = {
        .workers = 1, .start = LAB_TOGETHER, .timeout = -1, .body = race_table_change_all};
    struct lab *lab = race_table_lab(call, &plan, &race_table_array_ops);
    struct race_table *table = lab->data;
    lab->plan.argument = table;
    if (!race_table_map_board(lab)) {
        lab_give_up(lab);
        return STATUS_PENDING;
    }
    race_table_print("new memory", table->board->array);
    memcpy(table->board->array, array_first, sizeof array_first);
    memcpy(array_copy, array_first, sizeof array_first);
    table->board->value = value_of_its_own = 7;
    for (int i = 0; i < ARRAY_SIZE; i++)
        table->board->doubled[i] = i;
    race_table_print("before", table->board->array);
    lab_begin(lab);
    return STATUS_PENDING;
}
