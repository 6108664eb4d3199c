// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that the kernel's texts about a process are read right, whatever its name, and that the
// process that runs this test finds itself and its children.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "os/proc_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char stat_text[] =
    "4711 (a) b (c)) T 4700 4711 4699 34817 4711 4194304 99 0 0 0 250 3 0 0 20 0 1 0 400720 "
    "3133440 380 18446744073709551615 1 2 3 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n";

static const char status_text[] = "Name:\tSigBlk: x\nState:\tR (running)\nVmRSS:\t    1724 kB\n"
                                  "SigPnd:\t0000000000000001\nShdPnd:\t0000000000004000\n"
                                  "SigBlk:\t0000000000010000\nSigIgn:\t0000000000001000\n"
                                  "SigCgt:\t0000000000000002\n"
                                  "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t7\n";

static void reads_stat_behind_any_name(void **state)
{
    (void)state;
    struct proc proc = {0};
    assert_true(proc_parse_stat(stat_text, &proc));
    assert_string_equal(proc.name, "a) b (c)");
    assert_int_equal(proc.pid, 4711);
    assert_int_equal(proc.parent, 4700);
    assert_int_equal(proc.group, 4711);
    assert_int_equal(proc.state, 'T');
    assert_int_equal(proc.user_ns, 250 * (1000000000 / sysconf(_SC_CLK_TCK)));
    assert_int_equal(proc.kernel_ns, 3 * (1000000000 / sysconf(_SC_CLK_TCK)));
    assert_int_equal(proc.started, 400720);
}

static void refuses_what_is_no_stat(void **state)
{
    (void)state;
    static const char *const texts[] = {"",         "4711",           "4711 (x",    ")4711(",
                                        "4711 (x)", "4711 (x) R 1 2", "x (x) R 1 2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct proc proc = {.pid = 7};
        assert_false(proc_parse_stat(texts[i], &proc));
        assert_int_equal(proc.pid, 7);
    }
}

static void reads_status(void **state)
{
    (void)state;
    struct proc proc = {.resident_kb = -1};
    assert_true(proc_parse_status(status_text, &proc));
    assert_int_equal(proc.resident_kb, 1724);
    assert_int_equal(proc.voluntary, 12);
    assert_int_equal(proc.forced, 7);
    assert_int_equal(proc.pending, 1 << (SIGHUP - 1) | 1 << (SIGTERM - 1));
    assert_int_equal(proc.blocked, 1 << (SIGCHLD - 1));
    assert_int_equal(proc.ignored, 1 << (SIGPIPE - 1));
    assert_int_equal(proc.caught, 1 << (SIGINT - 1));
    assert_false(proc_parse_status("Name:\tx\n", &proc));
}

static void leaves_what_a_zombie_lacks(void **state)
{
    (void)state;
    struct proc proc = {.resident_kb = -1};
    assert_true(proc_parse_status("Name:\tx\nSigBlk:\t0\n", &proc));
    assert_int_equal(proc.resident_kb, -1);
}

static void reads_access(void **state)
{
    (void)state;
    bool reads, writes;
    assert_true(proc_parse_access("pos:\t0\nflags:\t02000000\nmnt_id:\t15\n", &reads, &writes));
    assert_true(reads && !writes);
    assert_true(proc_parse_access("pos:\t0\nflags:\t02000001\n", &reads, &writes));
    assert_true(!reads && writes);
    assert_true(proc_parse_access("flags:\t0100002\n", &reads, &writes));
    assert_true(reads && writes);
    assert_false(proc_parse_access("pos:\t0\n", &reads, &writes));
}

static void reads_inodes_of_pipes(void **state)
{
    (void)state;
    assert_int_equal(proc_pipe_inode("pipe:[4711]"), 4711);
    assert_int_equal(proc_pipe_inode("/dev/null"), 0);
    assert_int_equal(proc_pipe_inode("socket:[4711]"), 0);
}

static void knows_itself(void **state)
{
    (void)state;
    struct proc proc;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    assert_true(proc_read(getpid(), &proc));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    assert_int_equal(proc.pid, getpid());
    assert_int_equal(proc.parent, getppid());
    assert_int_equal(proc.group, getpgrp());
    assert_int_equal(proc.state, 'R');
    assert_true(proc.resident_kb > 0);
    assert_true(proc.blocked & 1 << (SIGUSR1 - 1));
    assert_false(proc_read(0x7fffffff, &proc));
    assert_int_equal(errno, ENOENT);
}

static void reads_stat_as_far_as_there_is_room(void **state)
{
    (void)state;
    char whole[512], cut[4];
    assert_true(proc_read_stat(getpid(), whole, sizeof whole));
    assert_int_equal(strtol(whole, NULL, 10), getpid());
    assert_true(proc_read_stat(getpid(), cut, sizeof cut));
    assert_memory_equal(cut, whole, 3);
    assert_int_equal(cut[3], '\0');
    assert_false(proc_read_stat(0x7fffffff, whole, sizeof whole));
    assert_int_equal(errno, ENOENT);
}

static void tells_failures_from_what_is_not_there(void **state)
{
    (void)state;
    assert_true(proc_is_withheld(ENOENT) && proc_is_withheld(ESRCH));
    assert_true(proc_is_withheld(EACCES) && proc_is_withheld(EPERM));
    assert_false(proc_is_withheld(EMFILE) || proc_is_withheld(EIO) || proc_is_withheld(ENOMEM));
}

static const struct proc_fd *find_fd(const struct proc_fds *fds, int number)
{
    for (size_t i = 0; i < fds->count; i++)
        if (fds->all[i].fd == number)
            return &fds->all[i];
    return NULL;
}

static void knows_its_descriptors(void **state)
{
    (void)state;
    struct proc_fds fds;
    int ends[2];
    struct stat status;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fstat(ends[0], &status), 0);
    assert_true(proc_read_fds(getpid(), &fds));
    const struct proc_fd *in = find_fd(&fds, ends[1]), *out = find_fd(&fds, ends[0]);
    assert_true(in && in->writes && !in->reads);
    assert_true(out && out->reads && !out->writes);
    assert_true(in && proc_pipe_inode(in->what) == status.st_ino);
    proc_free_fds(&fds);
    close(ends[0]);
    close(ends[1]);
}

// A child whose own child has ended and is not reaped.
static void have_a_zombie(int report)
{
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    if (write(report, &pid, sizeof pid) < 0)
        _exit(1);
    pause();
    _exit(0);
}

static void finds_its_family_and_zombies(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork(), grandchild;
    if (child == 0)
        have_a_zombie(ends[1]);
    assert_int_equal(read(ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
    size_t count;
    struct proc_member *members = proc_tree_read(getpid(), &count);
    assert_non_null(members);
    assert_int_equal(count, 3);
    assert_int_equal(members[0].proc.pid, getpid());
    assert_int_equal(members[1].proc.pid, child);
    assert_int_equal(members[1].depth, 1);
    assert_int_equal(members[2].proc.pid, grandchild);
    assert_int_equal(members[2].depth, 2);
    assert_int_equal(members[2].proc.state, 'Z');
    free(members);
    struct proc zombie;
    assert_true(proc_read(grandchild, &zombie));
    assert_int_equal(zombie.resident_kb, -1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
}

static void who_is_gone_has_no_descriptors_and_no_family(void **state)
{
    (void)state;
    struct proc_fds fds;
    size_t count = 7;
    assert_false(proc_read_fds(0x7fffffff, &fds));
    assert_int_equal(errno, ENOENT);
    assert_null(proc_tree_read(0x7fffffff, &count));
    assert_int_equal(count, 0);
}

static void has_a_word_for_every_state(void **state)
{
    (void)state;
    static const struct {
        char state;
        const char *word;
    } words[] = {{'R', "running"}, {'S', "sleeping"}, {'D', "waiting for a device"},
                 {'T', "stopped"}, {'t', "traced"},   {'Z', "zombie"},
                 {'X', "dead"},    {'I', "idle"},     {'?', "unknown"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_string_equal(proc_state_word(words[i].state), words[i].word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_stat_behind_any_name),
        cmocka_unit_test(refuses_what_is_no_stat),
        cmocka_unit_test(reads_status),
        cmocka_unit_test(leaves_what_a_zombie_lacks),
        cmocka_unit_test(reads_access),
        cmocka_unit_test(reads_inodes_of_pipes),
        cmocka_unit_test(knows_itself),
        cmocka_unit_test(reads_stat_as_far_as_there_is_room),
        cmocka_unit_test(tells_failures_from_what_is_not_there),
        cmocka_unit_test(knows_its_descriptors),
        cmocka_unit_test(finds_its_family_and_zombies),
        cmocka_unit_test(who_is_gone_has_no_descriptors_and_no_family),
        cmocka_unit_test(has_a_word_for_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
