// SPDX-License-Identifier: GPL-3.0-or-later
// Shows what a worker is born with: its pipes and nothing else, plain signals, and no life of its
// own.
#include "help.h"

#include "os/fork.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int prepare(void **state)
{
    (void)state;
    fork_prepare();
    return 0;
}

// What a worker finds out about itself.
struct facts {
    bool open[64];
    bool signals_plain;
    bool no_signal_blocked;
    bool own_group;
    bool has_failed;
    pid_t parent;
};

static int find_facts(void *data, const char *failed)
{
    sigset_t blocked;
    struct facts facts = {.signals_plain = true, .no_signal_blocked = true, .parent = getppid()};
    fork_unblock_signals();
    (void)data;
    for (int fd = 0; fd < 64; fd++)
        facts.open[fd] = fcntl(fd, F_GETFD) >= 0;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
            facts.signals_plain = false;
        if (sigismember(&blocked, number) == 1)
            facts.no_signal_blocked = false;
    }
    facts.own_group = getpgrp() == getpid();
    facts.has_failed = failed != NULL;
    return write(WORKER_UP_FD, &facts, sizeof facts) == (ssize_t)sizeof facts ? 17 : 1;
}

// Forks a worker, with a down pipe or without, and returns what it found out.
static struct facts learn_facts(bool with_down)
{
    int up[2], down[2], status;
    struct facts facts;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    pid_t pid = fork_worker(up[1], with_down ? down[0] : -1, find_facts, NULL);
    assert_true(pid > 0);
    assert_true(fcntl(up[1], F_GETFD) >= 0 && fcntl(down[0], F_GETFD) >= 0);
    assert_int_equal(read(up[0], &facts, sizeof facts), sizeof facts);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 17);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
    assert_false(facts.has_failed);
    return facts;
}

static void a_worker_holds_its_pipes_and_nothing_else(void **state)
{
    (void)state;
    int extra = fcntl(STDERR_FILENO, F_DUPFD, 40);
    struct facts without = learn_facts(false), with = learn_facts(true);
    for (int fd = 0; fd < 64; fd++) {
        assert_int_equal(without.open[fd], fd <= WORKER_UP_FD);
        assert_int_equal(with.open[fd], fd <= WORKER_DOWN_FD);
    }
    close(extra);
}

static void a_worker_is_a_child_in_a_group_of_its_own(void **state)
{
    (void)state;
    struct facts facts = learn_facts(false);
    assert_int_equal(facts.parent, getpid());
    assert_true(facts.own_group);
}

static void handle(int number)
{
    (void)number;
}

static void a_worker_has_plain_signals(void **state)
{
    (void)state;
    sigset_t all, before, after, ignored;
    signal(SIGTERM, handle);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGUSR1);
    sigaddset(&ignored, SIGRTMIN);
    fork_take_signals(&ignored);
    assert_ptr_equal(signal(SIGUSR1, SIG_IGN), SIG_IGN);
    assert_ptr_equal(signal(SIGTERM, SIG_DFL), SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigprocmask(SIG_SETMASK, NULL, &before);
    struct facts facts = learn_facts(false);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number <= SIGRTMAX; number++)
        assert_int_equal(sigismember(&before, number), sigismember(&after, number));
    sigemptyset(&ignored);
    fork_take_signals(&ignored);
    assert_ptr_equal(signal(SIGUSR1, SIG_DFL), SIG_DFL);
    assert_true(facts.signals_plain);
    assert_true(facts.no_signal_blocked);
}

static int live_on(void *data, const char *failed)
{
    (void)data;
    if (failed || write(WORKER_UP_FD, "x", 1) != 1)
        return 1;
    wait_for_ever();
}

static void a_worker_can_be_waited_for_until_its_group_is_its_own(void **state)
{
    (void)state;
    int up[2];
    assert_int_equal(pipe(up), 0);
    for (int round = 0; round < 20; round++) {
        pid_t pid = fork_worker(up[1], -1, live_on, NULL);
        fork_await_group(pid);
        assert_int_equal(getpgid(pid), pid);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    close(up[0]);
    close(up[1]);
}

static int leave_grandchild(void *data, const char *failed)
{
    (void)data;
    if (!failed)
        fork_grandchild();
    return live_on(data, failed);
}

struct family {
    int up[2];
    int (*run)(void *data, const char *failed);
};

static void be_repl_and_end(void *data)
{
    struct family *family = data;
    char byte;
    MUST(fork_worker(family->up[1], -1, family->run, NULL) > 0);
    close(family->up[1]);
    MUST(read(family->up[0], &byte, 1) == 1);
}

// Expects that, once the REPL has ended, nobody holds the pipe any more.
static void expect_end_with_repl(int (*run)(void *data, const char *failed))
{
    struct family family = {.run = run};
    char byte;
    assert_int_equal(pipe(family.up), 0);
    assert_int_equal(status_of(be_repl_and_end, &family), 0);
    close(family.up[1]);
    assert_int_equal(read(family.up[0], &byte, 1), 0);
    close(family.up[0]);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
}

static void a_worker_dies_with_the_repl(void **state)
{
    (void)state;
    expect_end_with_repl(live_on);
}

static void a_grandchild_ends_with_the_repl(void **state)
{
    (void)state;
    expect_end_with_repl(leave_grandchild);
}

static void start_without_descriptors(void *data)
{
    char byte = 'x';
    (void)data;
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    fork_prepare();
    int next = dup(STDERR_FILENO);
    bool read_fails = read(STDIN_FILENO, &byte, 1) < 0 && errno == EBADF;
    bool write_fails = write(STDOUT_FILENO, &byte, 1) < 0 && errno == EBADF;
    MUST(read_fails);
    MUST(write_fails);
    MUST(next > WORKER_DOWN_FD);
}

static void using_descriptors_it_was_started_without_fails(void **state)
{
    (void)state;
    assert_int_equal(status_of(start_without_descriptors, NULL), 0);
}

static int expect_failure(void *data, const char *failed)
{
    (void)data;
    return failed && strcmp(failed, "dup2") == 0 && errno == EBADF ? 17 : 1;
}

static void a_worker_is_told_what_it_could_not_take(void **state)
{
    (void)state;
    int up[2], down[2], status;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    for (rlim_t room = WORKER_UP_FD; room <= WORKER_DOWN_FD; room++) {
        struct rlimit before, tight;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        tight = (struct rlimit){room, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
        pid_t pid = fork_worker(up[1], down[0], expect_failure, NULL);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 17);
    }
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_holds_its_pipes_and_nothing_else),
        cmocka_unit_test(a_worker_is_a_child_in_a_group_of_its_own),
        cmocka_unit_test(a_worker_has_plain_signals),
        cmocka_unit_test(a_worker_can_be_waited_for_until_its_group_is_its_own),
        cmocka_unit_test(a_worker_dies_with_the_repl),
        cmocka_unit_test(a_grandchild_ends_with_the_repl),
        cmocka_unit_test(using_descriptors_it_was_started_without_fails),
        cmocka_unit_test(a_worker_is_told_what_it_could_not_take),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
