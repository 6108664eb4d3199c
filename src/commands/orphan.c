// SPDX-License-Identifier: GPL-3.0-or-later
// orphan: a worker starts a child and dies; which process is the child's parent then.
#include "commands/table.h"

#include "base/clock.h"
#include "base/out.h"
#include "commands/board.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "shell/figures.h"
#include "worker/gate.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

struct orphan_args {
    struct launch_args work;
};

static const char *const orphan_steps[] = {"fork", "leave", NULL};

static const struct arg args[] = {
    ARG_FOR(struct orphan_args),      ARG_STAGGER(struct orphan_args, 0),
    ARG_DAEMON(struct orphan_args),   ARG_TIMEOUT(struct orphan_args),
    ARG_AS(struct orphan_args),       ARG_AT(struct orphan_args, orphan_steps),
    ARG_WHICH(struct orphan_args, 1), {0}};

// In shared memory.
struct orphan_board {
    _Atomic pid_t child, before, after;
};

struct orphan_scene {
    struct orphan_board *board;
    int64_t give_up; // when the parent stops waiting for the orphan's word
};

#define ORPHAN_PATIENCE (5 * NS_PER_S)
#define ORPHAN_LOOK     (5 * NS_PER_MS)

static void orphan_pause(void)
{
    clock_sleep(NS_PER_MS);
}

// The child: writes down its parent before, and once that is another one.
_Noreturn static void orphan_live(struct orphan_board *board, pid_t parent)
{
    int64_t give_up = clock_now() + ORPHAN_PATIENCE;
    close(WORKER_UP_FD); // it is not to hold its parent's pipe
    setpgid(0, 0);       // nor to be ended with a process that does
    atomic_store(&board->before, getppid());
    atomic_store(&board->child, getpid());
    while (getppid() == parent && clock_now() < give_up)
        orphan_pause();
    atomic_store(&board->after, getppid());
    _exit(0);
}

static int orphan_leave(const struct self *self, const void *argument)
{
    const struct orphan_scene *scene = argument;
    struct orphan_board *board = scene->board;
    pid_t me = getpid();
    report_hello(self);
    gate_pass(self, STEP_FORK, 0);
    pid_t child = fork_orphan();
    if (child == 0)
        orphan_live(board, me);
    if (child < 0) {
        report_failure(self, "fork");
        return 1;
    }
    while (atomic_load(&board->child) == 0)
        orphan_pause();
    report_output(self, "p1 (%d) has a child: %d, whose parent is %d", (int)me, (int)child,
                  (int)atomic_load(&board->before));
    if (self->for_ns > 0)
        clock_sleep(self->for_ns);
    gate_pass(self, STEP_LEAVE, 0);
    report_output(self, "p1 ends without waiting for it");
    report_done(self, 0);
    return self->exit_status;
}

static void orphan_assign(struct lab *lab, uint32_t number, struct assignment *assignment)
{
    const struct orphan_args *orphan_args = launch_call(lab)->args;
    *assignment = launch_assign(&orphan_args->work, (int64_t)number + 1);
    assignment->self.at = launch_step(&orphan_args->work, orphan_steps);
    lab_name(lab, number, assignment);
}

// Whether the orphan has said its word, and is gone: reaped, so that the kernel knows no such
// process.
static bool orphan_is_reaped(const struct orphan_scene *scene)
{
    return atomic_load(&scene->board->after) > 0 &&
           kill(atomic_load(&scene->board->child), 0) < 0 && errno == ESRCH;
}

// Waits for the orphan: it is no worker, so nothing else tells of it.
static void orphan_listen(struct lab *lab)
{
    const struct orphan_scene *scene = lab->data;
    if (!orphan_is_reaped(scene) && clock_now() < scene->give_up)
        lab_after(lab, ORPHAN_LOOK, orphan_listen);
}

static void orphan_ended(struct worker *worker)
{
    struct lab *lab = lab_of(worker);
    struct orphan_scene *scene = lab->data;
    if (atomic_load(&scene->board->child) == 0 || lab->stopped)
        return;
    scene->give_up = clock_now() + ORPHAN_PATIENCE;
    lab_after(lab, ORPHAN_LOOK, orphan_listen);
}

static int orphan_conclude(struct lab *lab)
{
    struct call *call = launch_call(lab);
    const struct orphan_scene *scene = lab->data;
    struct times times = summary_times(lab->job);
    int status = launch_conclude(lab);
    if (scene->board && atomic_load(&scene->board->after) > 0) {
        int after = (int)atomic_load(&scene->board->after),
            child = (int)atomic_load(&scene->board->child);
        out_print("%d is an orphan: its parent is %d now, %s\n", child, after,
                  after == (int)getpid() ? "forklab, which adopts what its workers leave behind"
                  : after == 1           ? "init"
                                         : "another process that adopts");
        out_print("it has ended%s\n", orphan_is_reaped(scene)
                                          ? ", and is reaped: there is no such process any more"
                                          : ", and is not reaped yet");
        figures_begin(call);
        figures_add("parent_before", atomic_load(&scene->board->before));
        figures_add("parent_after", after);
        figures_add("adopted", after == (int)getpid());
    } else if (status == STATUS_OK) {
        status = call_fail(call, "the orphan did not say which parent it has");
    }
    if (status == STATUS_OK)
        call_summary(call, "an orphan lives on; a zombie is dead, and waits to be reaped");
    summary_report_times(call, times, (int64_t)lab->job->count);
    return status;
}

static const struct lab_ops orphan_lab_ops = {.assign = orphan_assign,
                                              .not_started = launch_tell_not_started,
                                              .frame = launch_print_lines,
                                              .ended = orphan_ended,
                                              .timed_out = launch_tell_timeout,
                                              .over = orphan_conclude};

static void orphan_free(struct call *call)
{
    struct orphan_scene *scene = ((struct lab *)call->state)->data;
    board_unmap(scene->board, sizeof *scene->board);
    launch_free(call);
}

static const struct call_ops orphan_call_ops = {.progress = launch_show_progress,
                                                .free = orphan_free};

static int orphan_run(struct call *call)
{
    const struct orphan_args *orphan_args = call->args;
    int status = launch_check(call, &orphan_args->work, 1, 1);
    if (status == STATUS_OK)
        status = launch_check_at(call, &orphan_args->work);
    if (status != STATUS_OK)
        return status;
    struct lab_plan plan = {.workers = 1,
                            .start = LAB_STAGGERED,
                            .stagger = orphan_args->work.stagger,
                            .timeout = orphan_args->work.timeout,
                            .body = orphan_leave};
    struct lab *lab =
        launch_lab(call, &plan, &orphan_lab_ops, &orphan_args->work, sizeof(struct orphan_scene));
    struct orphan_scene *scene = lab->data;
    lab->plan.argument = scene;
    call->ops = &orphan_call_ops;
    scene->board = board_map(lab, sizeof *scene->board, "the orphan's word");
    if (scene->board)
        lab_begin(lab);
    else
        lab_give_up(lab);
    return STATUS_PENDING;
}

const struct command command_orphan = {
    .name = "orphan",
    .group = "Sharing",
    .summary = "lets a worker start a child and die, and shows which process adopts it",
    .details =
        "An orphan goes to its nearest ancestor that asked for such (PR_SET_CHILD_SUBREAPER), "
        "else to init. forklab asks, so that nothing outlives it.",
    .example = "orphan",
    .args = args,
    .args_size = sizeof(struct orphan_args),
    .background = true,
    .acts = true,
    .run = orphan_run,
};
