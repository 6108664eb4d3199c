// SPDX-License-Identifier: GPL-3.0-or-later
// race sigchld: the classic race of every shell. It notes its child in a list, from which the
// handler of SIGCHLD crosses it off; a child that ends before it is noted stays there for ever.
#include "commands/race_sigchld.h"

#include "base/must.h"
#include "base/out.h"
#include "commands/launch.h"
#include "commands/summary.h"
#include "os/fork.h"
#include "os/futex.h"
#include "shell/figures.h"
#include "worker/report.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGCHLD_CASES = 4 };

// What came of one case; shared.
struct sigchld_case {
    bool blocked,
        ends_first; // SIGCHLD is blocked until the child is noted; the child ends before that
    _Atomic uint32_t may_end;
    bool was_pending; // SIGCHLD waited, as it was blocked
    int found;        // what the handler found in the list: 1 or 0 jobs
    int left;         // jobs in the list at the end
    bool ran;
};

// The shell of this race, in its worker: one place in its list is enough.
static volatile pid_t race_sigchld_listed;
static volatile sig_atomic_t race_sigchld_found, race_sigchld_handled;

static void race_sigchld_handle(int number)
{
    int error = errno;
    pid_t pid;
    (void)number;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        race_sigchld_found = race_sigchld_listed == pid;
        if (race_sigchld_found)
            race_sigchld_listed = 0;
        race_sigchld_handled = 1;
    }
    errno = error;
}

static _Noreturn void race_sigchld_be_child(struct sigchld_case *shared)
{
    while (shared->may_end == 0)
        futex_wait(&shared->may_end, 0, -1);
    _exit(0);
}

static void race_sigchld_let_end(struct sigchld_case *shared)
{
    shared->may_end = 1;
    futex_must_wake(&shared->may_end, 1);
}

// Waits until the child has ended: its SIGCHLD was handled or, being blocked, is pending.
static void race_sigchld_await_end(struct sigchld_case *shared)
{
    sigset_t pending, child, before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    if (shared->blocked) {
        siginfo_t info;
        while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
            continue;
        shared->was_pending = sigpending(&pending) == 0 && sigismember(&pending, SIGCHLD) == 1;
    } else {
        while (!race_sigchld_handled)
            sigsuspend(&before);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool race_sigchld_try(struct sigchld_case *shared)
{
    sigset_t child, before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    race_sigchld_listed = race_sigchld_found = race_sigchld_handled = 0;
    if (shared->blocked)
        sigprocmask(SIG_BLOCK, &child, &before);
    pid_t pid = fork_child();
    if (pid == 0)
        race_sigchld_be_child(shared);
    if (pid < 0)
        return false;
    if (shared->ends_first) {
        race_sigchld_let_end(shared);
        race_sigchld_await_end(shared);
    }
    race_sigchld_listed = pid;
    if (shared->blocked)
        sigprocmask(SIG_SETMASK, &before, NULL); // what is pending comes now
    if (!shared->ends_first) {
        struct sigchld_case open = {0};
        race_sigchld_let_end(shared);
        race_sigchld_await_end(&open);
    }
    shared->found = race_sigchld_found;
    shared->left = race_sigchld_listed != 0;
    shared->ran = true;
    return true;
}

static int race_sigchld_be_shell(const struct self *self, const void *argument)
{
    struct sigchld_case *const *cases = argument;
    struct sigaction handler = {.sa_handler = race_sigchld_handle};
    report_hello(self);
    sigemptyset(&handler.sa_mask);
    if (sigaction(SIGCHLD, &handler, NULL) < 0) {
        report_failure(self, "sigaction");
        return 1;
    }
    for (int i = 0; i < SIGCHLD_CASES; i++) {
        if (!race_sigchld_try(&(*cases)[i])) {
            report_failure(self, "fork");
            return 1;
        }
    }
    report_done(self, SIGCHLD_CASES);
    return 0;
}

static void race_sigchld_tell_case(const struct sigchld_case *shared)
{
    const char *way = !shared->ends_first   ? "the shell notes it, it ends"
                      : shared->was_pending ? "it ends, SIGCHLD is pending, the shell notes it"
                                            : "it ends, the shell notes it";
    out_print("  %s: the handler %s; %d left: %s\n", way,
              shared->found ? "crosses it off" : "found no such job", shared->left,
              shared->left ? "wrong" : "right");
}

static int race_sigchld_tell(struct call *call, const struct sigchld_case *cases)
{
    int wrong = 0, wrong_blocked = 0;
    for (int i = 0; i < SIGCHLD_CASES; i++) {
        if (!cases[i].ran)
            return STATUS_FAILED;
        if (i % 2 == 0)
            out_print("%s:\n", cases[i].blocked
                                   ? "SIGCHLD is blocked from before fork until it is noted"
                                   : "SIGCHLD comes when it comes");
        race_sigchld_tell_case(&cases[i]);
        *(cases[i].blocked ? &wrong_blocked : &wrong) += cases[i].left;
    }
    figures_begin(call);
    figures_add("orders", SIGCHLD_CASES / 2);
    figures_add("wrong", wrong);
    figures_add("wrong_blocked", wrong_blocked);
    call_summary(
        call,
        "%d of 2 orders is wrong: the child is gone and its job stays for ever; with SIGCHLD "
        "blocked around fork and note, %d is",
        wrong, wrong_blocked);
    return STATUS_OK;
}

static void race_sigchld_ended(struct worker *worker)
{
    struct call *call = worker->job->owner;
    const struct sigchld_case *cases = worker->job->data;
    int status = summary_conclude(call);
    if (status == STATUS_OK && !worker->job->cancelled)
        status = race_sigchld_tell(call, cases);
    summary_report_times(call, summary_times(call->job), 1);
    job_finish(worker->job, status);
}

static const struct job_ops race_sigchld_job_ops = {.ended = race_sigchld_ended};

static void race_sigchld_free(struct call *call)
{
    if (call->state)
        munmap(call->state, SIGCHLD_CASES * sizeof(struct sigchld_case));
}

static const struct call_ops race_sigchld_call_ops = {.free = race_sigchld_free};

int race_sigchld_run(struct call *call, bool daemon)
{
    struct sigchld_case *cases = mmap(NULL, SIGCHLD_CASES * sizeof *cases, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (cases == MAP_FAILED)
        return call_fail(call, "mmap: %s", strerror(errno));
    for (int i = 0; i < SIGCHLD_CASES; i++) {
        cases[i].blocked = i >= 2;
        cases[i].ends_first = i % 2 == 1;
    }
    call->state = cases;
    call->ops = &race_sigchld_call_ops;
    call_job(call, &race_sigchld_job_ops, cases)->daemon = daemon;
    struct assignment assignment = {
        .name = "shell", .daemon = daemon, .run = race_sigchld_be_shell, .argument = &cases};
    out_print("a shell forks a child and notes it; its handler of SIGCHLD crosses it off\n");
    if (!launch_start(call, &assignment, 0, 1))
        job_finish(call->job, STATUS_FAILED);
    return STATUS_PENDING;
}
