// SPDX-License-Identifier: GPL-3.0-or-later
// fork: what a fork in a loop makes: each process forks in each round.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/board.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "os/futex.h"
#include "shell/figures.h"
#include "worker/gate.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORK_ROUNDS_MOST = 6, FORK_ALL_MOST = 1 << FORK_ROUNDS_MOST };

#define FORK_PATIENCE (10 * NS_PER_S)

struct fork_args {
    int64_t rounds;
    struct launch_args work;
};

static const char *const fork_steps[] = {"fork", "leave", NULL};

static const struct arg args[] = {{.name = "K",
                                   .type = ARG_COUNT,
                                   .field = offsetof(struct fork_args, rounds),
                                   .min = 0,
                                   .max = FORK_ROUNDS_MOST,
                                   .standard = 2,
                                   .help = "how many rounds: in each, every process forks"},
                                  ARG_FOR(struct fork_args),
                                  ARG_STAGGER(struct fork_args, 0),
                                  ARG_DAEMON(struct fork_args),
                                  ARG_TIMEOUT(struct fork_args),
                                  ARG_AS(struct fork_args),
                                  ARG_AT(struct fork_args, fork_steps),
                                  ARG_WHICH(struct fork_args, 1),
                                  {0}};

// In shared memory. A process is a number: bit R is set for one that round R made, or an ancestor
// of it since.
struct fork_board {
    _Atomic pid_t pids[FORK_ALL_MOST], parents[FORK_ALL_MOST];
    _Atomic uint32_t there;   // how many there are, or never will be
    _Atomic uint32_t missing; // of these, those that never will be
    _Atomic uint32_t go;      // 1 once all may end
    _Atomic int error;        // of the first fork that failed
};

struct fork_scene {
    struct fork_board *board;
    int64_t rounds, for_ns;
};

static void fork_enter(struct fork_board *board, uint32_t number)
{
    atomic_store(&board->pids[number], getpid());
    atomic_store(&board->parents[number], getppid());
    atomic_fetch_add(&board->there, 1);
}

// Of a fork that failed: its child, and all that would have come from it, will not be.
static void fork_miss(struct fork_board *board, int64_t rounds, int64_t round)
{
    uint32_t lost = 1u << (rounds - 1 - round);
    int none = 0;
    atomic_compare_exchange_strong(&board->error, &none, errno);
    atomic_fetch_add(&board->missing, lost);
    atomic_fetch_add(&board->there, lost);
}

// The children of one process.
struct fork_children {
    pid_t pids[FORK_ROUNDS_MOST];
    size_t count;
};

// Forks in each round that is left, as every child does from the next round on. Returns the number
// of the process that it is now, with the children that it has.
static uint32_t fork_grow(const struct fork_scene *scene, struct fork_children *children)
{
    uint32_t number = 0;
    children->count = 0;
    for (int64_t round = 0; round < scene->rounds; round++) {
        pid_t child = fork_child();
        if (child < 0)
            fork_miss(scene->board, scene->rounds, round);
        if (child > 0)
            children->pids[children->count++] = child;
        if (child != 0)
            continue;
        children->count = 0;
        close(WORKER_UP_FD); // only the worker reports
        number |= 1u << round;
        fork_enter(scene->board, number);
    }
    return number;
}

// A child that a fault left behind is none of them.
static void fork_reap(const struct fork_children *children)
{
    for (size_t i = 0; i < children->count; i++)
        while (waitpid(children->pids[i], NULL, 0) < 0 && errno == EINTR)
            continue;
}

static int fork_be_first(const struct self *self, const void *argument)
{
    const struct fork_scene *scene = argument;
    struct fork_board *board = scene->board;
    uint32_t all = 1u << scene->rounds, there;
    struct fork_children children;
    report_hello(self);
    fork_enter(board, 0);
    gate_pass(self, STEP_FORK, 0);
    if (fork_grow(scene, &children) != 0) {
        // One of the others: it stays until all are there, and ends after its own children.
        futex_wait(&board->go, 0, clock_now() + 2 * FORK_PATIENCE + scene->for_ns);
        fork_reap(&children);
        _exit(0);
    }
    int64_t give_up = clock_now() + FORK_PATIENCE;
    while ((there = atomic_load(&board->there)) < all && clock_now() < give_up)
        futex_wait(&board->there, there, clock_now() + NS_PER_MS);
    uint32_t count = there - atomic_load(&board->missing);
    report_output(self, "%u process%s at once", count, count == 1 ? "" : "es");
    if (scene->for_ns > 0)
        futex_wait(&board->go, 0, clock_now() + scene->for_ns);
    gate_pass(self, STEP_LEAVE, 0);
    atomic_store(&board->go, 1);
    futex_must_wake(&board->go, INT_MAX);
    fork_reap(&children);
    report_done(self, (int64_t)there);
    return self->exit_status;
}

static void fork_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct fork_args *fork_args = launch_call(lab)->args;
    *assignment = launch_assign(&fork_args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&fork_args->work, fork_steps);
    lab_name(lab, number, assignment);
}

// Prints a process and, below it, its children: each as it said itself.
static void fork_print(const struct fork_scene *scene, uint32_t number, int first_round,
                       const char *before)
{
    const struct fork_board *board = scene->board;
    char below[4 * FORK_ROUNDS_MOST + 1];
    for (int round = first_round; round < scene->rounds; round++) {
        uint32_t child = number | 1u << round;
        bool last = round == scene->rounds - 1;
        if (atomic_load(&board->pids[child]) == 0)
            continue;
        out_print("%s%s %d, forked by %d in round %d\n", before, last ? "`-" : "|-",
                  (int)atomic_load(&board->pids[child]), (int)atomic_load(&board->parents[child]),
                  round + 1);
        snprintf(below, sizeof below, "%s%s", before, last ? "   " : "|  ");
        fork_print(scene, child, round + 1, below);
    }
}

static uint32_t fork_count(const struct fork_board *board)
{
    uint32_t count = 0;
    for (int i = 0; i < FORK_ALL_MOST; i++)
        count += atomic_load(&board->pids[i]) != 0;
    return count;
}

static int fork_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct fork_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (scene->board && atomic_load(&scene->board->pids[0]) > 0) {
        uint32_t count = fork_count(scene->board);
        int error = atomic_load(&scene->board->error);
        out_print("%d, the worker\n", (int)atomic_load(&scene->board->pids[0]));
        fork_print(scene, 0, 0, "");
        figures_begin(call);
        figures_add("rounds", scene->rounds);
        figures_add("processes", count);
        if (status == STATUS_OK && error)
            status = call_fail(call, "fork: %s; %u of %d processes", strerror(error), count,
                               1 << scene->rounds);
        if (status == STATUS_OK)
            call_summary(call, "%" PRId64 " round%s of fork: %u process%s, twice as many in each",
                         scene->rounds, scene->rounds == 1 ? "" : "s", count,
                         count == 1 ? "" : "es");
    }
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops fork_lab_ops = {.assign = fork_assign,
                                            .not_started = launch_tell_not_started,
                                            .frame = launch_print_lines,
                                            .timed_out = launch_tell_timeout,
                                            .over = fork_conclude};

static void fork_free(struct call *call)
{
    struct fork_scene *scene = ((struct lab *)call->state)->data;
    board_unmap(scene->board, sizeof *scene->board);
    launch_free(call);
}

static const struct call_ops fork_call_ops = {.progress = launch_show_progress, .free = fork_free};

static int fork_run(struct call *call)
{
    const struct fork_args *fork_args = call->args;
    int status = launch_check(call, &fork_args->work, 1, 1);
    if (status == STATUS_OK)
        status = launch_check_at(call, &fork_args->work);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = 1,
                            .start = LAB_STAGGERED,
                            .stagger = fork_args->work.stagger,
                            .timeout = fork_args->work.timeout,
                            .body = fork_be_first};
    struct lab *lab =
        launch_lab(call, &plan, &fork_lab_ops, &fork_args->work, sizeof(struct fork_scene));
    struct fork_scene *scene = lab->data;
    scene->rounds = fork_args->rounds;
    scene->for_ns = fork_args->work.for_ns > 0 ? fork_args->work.for_ns : 0;
    lab->plan.argument = scene;
    call->ops = &fork_call_ops;
    scene->board = board_map(lab, sizeof *scene->board, "the processes");
    if (scene->board)
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_fork = {
    .name = "fork",
    .group = "Sharing",
    .summary = "lets each process fork in each of K rounds, and shows the tree",
    .details = "K calls of fork in a row make 2^K processes: each child goes on with the rounds "
               "that are left. They all exist at once, and end with their parents.",
    .example = "fork 3",
    .args = args,
    .args_size = sizeof(struct fork_args),
    .background = true,
    .acts = true,
    .run = fork_run,
};
