// SPDX-License-Identifier: GPL-3.0-or-later
// Shows who a barrier counts, when it opens, and that nobody sleeps on it for ever.
#include "help.h"

#include "sync/barrier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sync_set objects;

static struct barrier *make(uint32_t parties, int64_t rounds)
{
    struct barrier *barrier = sync_add(&objects, &sync_barrier, NULL, parties, rounds);
    assert_non_null(barrier);
    return barrier;
}

static void opens_when_the_last_has_arrived(void **state)
{
    (void)state;
    struct barrier *barrier = make(3, 2);
    for (int64_t round = 0; round < 2; round++) {
        assert_int_equal(barrier_round(barrier), round);
        assert_int_equal(barrier_waiting(barrier), 0);
        assert_false(barrier_arrived(barrier, 2, round));
        assert_false(barrier_arrived(barrier, 0, round));
        assert_int_equal(barrier_waiting(barrier), 2);
        assert_true(barrier_arrived(barrier, 1, round));
        assert_int_equal(barrier_waiting(barrier), 3);
        assert_true(barrier_release(barrier));
    }
    assert_int_equal(barrier_round(barrier), 2);
    sync_free(&objects);
    ;
}

static void does_not_count_liars(void **state)
{
    (void)state;
    struct barrier *barrier = make(2, 5);
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_false(barrier_arrived(barrier, 2, 0));
    assert_false(barrier_arrived(barrier, UINT32_MAX, 0));
    assert_false(barrier_arrived(barrier, 1, 1));
    assert_false(barrier_arrived(barrier, 1, -1));
    assert_false(barrier_arrived(barrier, 1, INT64_MAX));
    assert_int_equal(barrier_waiting(barrier), 1);
    assert_true(barrier_arrived(barrier, 1, 0));
    assert_false(barrier_arrived(barrier, 1, 0));
    assert_true(barrier_release(barrier));
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_int_equal(barrier_waiting(barrier), 0);
    sync_free(&objects);
}

static void nobody_arrives_after_the_last_round(void **state)
{
    (void)state;
    struct barrier *barrier = make(1, 1);
    assert_true(barrier_arrived(barrier, 0, 0));
    barrier_release(barrier);
    assert_false(barrier_arrived(barrier, 0, 1));
    assert_int_equal(barrier_waiting(barrier), 0);
    sync_free(&objects);
}

static void breaks_once(void **state)
{
    (void)state;
    struct barrier *barrier = make(2, 3);
    uint32_t culprit = 99;
    assert_true(barrier_break(barrier, BARRIER_PARTY_DIED, 1));
    assert_false(barrier_break(barrier, BARRIER_TIMED_OUT, 0));
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_PARTY_DIED);
    assert_int_equal(culprit, 1);
    sync_free(&objects);
}

static void stays_closed_once_it_is_broken(void **state)
{
    (void)state;
    struct barrier *barrier = make(2, 3);
    uint32_t culprit = 99;
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_true(barrier_break(barrier, BARRIER_TIMED_OUT, 1));
    assert_false(barrier_arrived(barrier, 1, 0));
    assert_false(barrier_release(barrier));
    assert_int_equal(barrier_round(barrier), 0);
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_TIMED_OUT);
    assert_int_equal(culprit, 1);
    sync_free(&objects);
}

static void does_not_break_after_all_rounds(void **state)
{
    (void)state;
    struct barrier *barrier = make(1, 1);
    uint32_t culprit = 99;
    assert_true(barrier_arrived(barrier, 0, 0));
    barrier_release(barrier);
    assert_false(barrier_break(barrier, BARRIER_PARTY_DIED, 0));
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_WHOLE);
    sync_free(&objects);
}

static void a_round_that_was_whole_stays_whole(void **state)
{
    (void)state;
    struct barrier *barrier = make(1, 3);
    uint32_t culprit = 99;
    assert_true(barrier_arrived(barrier, 0, 0));
    barrier_release(barrier);
    assert_true(barrier_break(barrier, BARRIER_PARTY_DIED, 0));
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_WHOLE);
    assert_int_equal(barrier_wait(barrier, 0, 1, &culprit), BARRIER_PARTY_DIED);
    sync_free(&objects);
}

// From now on the kernel refuses this process every futex(2).
static void forbid_futex(void)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

static void wait_without_sleep(void *data)
{
    uint32_t culprit;
    forbid_futex();
    MUST(barrier_wait(data, 0, 0, &culprit) == BARRIER_SLEEPLESS);
    MUST(errno == EPERM);
}

static void says_that_it_may_not_sleep(void **state)
{
    (void)state;
    struct barrier *barrier = make(2, 1);
    assert_int_equal(status_of(wait_without_sleep, barrier), 0);
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_true(barrier_arrived(barrier, 1, 0));
    assert_true(barrier_release(barrier));
    sync_free(&objects);
}

static void be_reset_and_meet(void *data)
{
    uint32_t culprit = 0;
    MUST(barrier_wait(data, 0, 0, &culprit) == BARRIER_RESET);
    MUST(culprit == 2);
    MUST(barrier_wait(data, 0, 1, &culprit) == BARRIER_WHOLE);
}

static void a_reset_frees_one_round_and_breaks_none(void **state)
{
    (void)state;
    struct barrier *barrier = make(2, 2);
    assert_false(barrier_arrived(barrier, 0, 0));
    assert_true(barrier_reset(barrier, 2));
    assert_int_equal(barrier_waiting(barrier), 0);
    assert_int_equal(barrier_round(barrier), 1);
    assert_false(barrier_arrived(barrier, 0, 1));
    assert_true(barrier_arrived(barrier, 1, 1));
    assert_true(barrier_release(barrier));
    assert_int_equal(status_of(be_reset_and_meet, barrier), 0);
    sync_free(&objects);
}

static void one_acts_before_all_are_released(void **state)
{
    (void)state;
    uint32_t culprit = 0;
    struct barrier *barrier = make(2, 1);
    assert_false(barrier_arrived(barrier, 1, 0));
    assert_true(barrier_arrived(barrier, 0, 0));
    barrier_let_act(barrier, 0);
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_ACTS);
    barrier_acted(barrier);
    assert_true(barrier_release(barrier));
    assert_int_equal(barrier_wait(barrier, 0, 0, &culprit), BARRIER_WHOLE);
    assert_int_equal(barrier_wait(barrier, 1, 0, &culprit), BARRIER_WHOLE);
    sync_free(&objects);
}

static void a_death_while_one_acts_breaks_it(void **state)
{
    (void)state;
    uint32_t culprit = 0;
    struct barrier *barrier = make(2, 1);
    assert_false(barrier_arrived(barrier, 1, 0));
    assert_true(barrier_arrived(barrier, 0, 0));
    barrier_let_act(barrier, 0);
    assert_true(barrier_break(barrier, BARRIER_PARTY_DIED, 0));
    assert_int_equal(barrier_wait(barrier, 1, 0, &culprit), BARRIER_PARTY_DIED);
    sync_free(&objects);
}

enum { PARTIES = 5, ROUNDS = 20 };

static void meet_often(void *data)
{
    struct barrier *barrier = data;
    uint32_t culprit;
    for (int64_t round = 0; round < ROUNDS; round++)
        MUST(barrier_wait(barrier, 0, round, &culprit) == BARRIER_WHOLE);
}

static void be_told_who_died(void *data)
{
    uint32_t culprit = 0;
    MUST(barrier_wait(data, 0, 0, &culprit) == BARRIER_PARTY_DIED);
    MUST(culprit == 3);
}

static void be_told_of_the_timeout(void *data)
{
    uint32_t culprit = 0;
    MUST(barrier_wait(data, 0, 0, &culprit) == BARRIER_TIMED_OUT);
    MUST(culprit == 2);
}

// Runs one party more than once at the same time: while the parent acts, all of them wait or will.
struct meeting {
    struct barrier *barrier;
    void (*party)(void *data);
    pid_t pids[PARTIES];
};

static void begin_meeting(struct meeting *meeting)
{
    meeting->barrier = make(PARTIES, ROUNDS);
    for (int i = 0; i < PARTIES; i++) {
        meeting->pids[i] = fork();
        assert_true(meeting->pids[i] >= 0);
        if (meeting->pids[i] == 0) {
            alarm(20);
            meeting->party(meeting->barrier);
            _exit(0);
        }
    }
}

static void end_meeting(struct meeting *meeting)
{
    for (int i = 0; i < PARTIES; i++) {
        int status;
        assert_int_equal(waitpid(meeting->pids[i], &status, 0), meeting->pids[i]);
        assert_int_equal(status, 0);
    }
    sync_free(&objects);
}

static void frees_forked_parties_round_after_round(void **state)
{
    (void)state;
    struct meeting meeting = {.party = meet_often};
    begin_meeting(&meeting);
    for (int64_t round = 0; round < ROUNDS; round++) {
        for (uint32_t party = 0; party < PARTIES; party++)
            assert_int_equal(barrier_arrived(meeting.barrier, party, round), party == PARTIES - 1);
        barrier_release(meeting.barrier);
    }
    end_meeting(&meeting);
}

static void tells_forked_parties_who_is_to_blame(void **state)
{
    (void)state;
    struct meeting meeting = {.party = be_told_who_died};
    begin_meeting(&meeting);
    assert_true(barrier_break(meeting.barrier, BARRIER_PARTY_DIED, 3));
    end_meeting(&meeting);
    meeting.party = be_told_of_the_timeout;
    begin_meeting(&meeting);
    assert_false(barrier_arrived(meeting.barrier, 0, 0));
    assert_true(barrier_break(meeting.barrier, BARRIER_TIMED_OUT, 2));
    end_meeting(&meeting);
}

// Returns true once the kernel says that `pid` sleeps in a futex.
static bool sleeps(pid_t pid)
{
    char path[64], state[256] = "";
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    state[read_all(fd, state, sizeof state - 1)] = '\0';
    return strtol(state, NULL, 10) == SYS_futex && state[0] >= '0' && state[0] <= '9';
}

static void wakes_those_who_are_asleep(void **state)
{
    (void)state;
    struct meeting meeting = {.party = be_told_who_died};
    begin_meeting(&meeting);
    for (int i = 0; i < PARTIES; i++)
        while (!sleeps(meeting.pids[i]))
            sched_yield();
    assert_true(barrier_break(meeting.barrier, BARRIER_PARTY_DIED, 3));
    end_meeting(&meeting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_when_the_last_has_arrived),
        cmocka_unit_test(does_not_count_liars),
        cmocka_unit_test(nobody_arrives_after_the_last_round),
        cmocka_unit_test(breaks_once),
        cmocka_unit_test(stays_closed_once_it_is_broken),
        cmocka_unit_test(does_not_break_after_all_rounds),
        cmocka_unit_test(a_round_that_was_whole_stays_whole),
        cmocka_unit_test(says_that_it_may_not_sleep),
        cmocka_unit_test(a_reset_frees_one_round_and_breaks_none),
        cmocka_unit_test(one_acts_before_all_are_released),
        cmocka_unit_test(a_death_while_one_acts_breaks_it),
        cmocka_unit_test(frees_forked_parties_round_after_round),
        cmocka_unit_test(tells_forked_parties_who_is_to_blame),
        cmocka_unit_test(wakes_those_who_are_asleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
