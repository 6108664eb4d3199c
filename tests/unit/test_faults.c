// SPDX-License-Identifier: GPL-3.0-or-later
// Shows that each fault is what its name says.
#include "help.h"

#include "os/fork.h"
#include "worker/frame.h"
#include "worker/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Misbehaves in a child; returns what it wrote upwards, and its end in `status`.
struct life {
    enum fault as;
    int up_fd;
};

static void exit_0(int number)
{
    _exit(number == SIGALRM ? 1 : 0);
}

static void live(void *data)
{
    const struct life *life = data;
    const struct self self = {.as = life->as};
    // Its end is seen by the handler, which leaves time to count what ran.
    signal(SIGSEGV, exit_0);
    if (life->up_fd != WORKER_UP_FD)
        dup2(life->up_fd, WORKER_UP_FD);
    close(life->up_fd == WORKER_UP_FD ? -1 : life->up_fd);
    faults_prepare(&self);
    if (self.as == AS_STUBBORN)
        raise(SIGTERM);
    faults_strike(&self);
    MUST(self.as != AS_CRASH && self.as != AS_TORN);
}

static size_t heard(enum fault as, char *bytes, size_t room, int *status)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    // Above the numbers that a worker's own descriptors have.
    struct life life = {as, fcntl(ends[1], F_DUPFD, 20)};
    int from = fcntl(ends[0], F_DUPFD_CLOEXEC, 20);
    close(ends[0]);
    close(ends[1]);
    *status = status_of(live, &life);
    close(life.up_fd);
    return read_all(from, bytes, room);
}

static void has_a_name_for_each(void **state)
{
    (void)state;
    for (int as = AS_NORMAL; as <= AS_RAISE; as++)
        assert_non_null(faults_names[as]);
    assert_null(faults_names[AS_RAISE + 1]);
    assert_string_equal(faults_names[AS_TORN], "torn");
}

static void who_behaves_does_nothing(void **state)
{
    (void)state;
    char bytes[1024];
    int status;
    assert_int_equal(heard(AS_NORMAL, bytes, sizeof bytes, &status), 0);
    assert_int_equal(status, 0);
}

static void a_stubborn_one_outlives_sigterm(void **state)
{
    (void)state;
    char bytes[1024];
    int status;
    heard(AS_STUBBORN, bytes, sizeof bytes, &status);
    assert_int_equal(status, 0);
}

static void a_crash_is_a_bad_access(void **state)
{
    (void)state;
    char bytes[1024];
    int status;
    heard(AS_CRASH, bytes, sizeof bytes, &status);
    assert_int_equal(status, 0); // by the handler: live() would have said 99
}

static void babble_is_no_frame(void **state)
{
    (void)state;
    char bytes[1024];
    int status;
    size_t length = heard(AS_BABBLE, bytes, sizeof bytes, &status);
    assert_int_equal(status, 0);
    assert_true(length > 0);
    assert_int_not_equal((unsigned char)bytes[0], FRAME_MAGIC & 0xff);
}

static void a_torn_one_dies_within_a_frame(void **state)
{
    (void)state;
    char bytes[1024];
    int status;
    size_t length = heard(AS_TORN, bytes, sizeof bytes, &status);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(length, sizeof(struct frame) / 2);
}

static void a_mute_one_closes_its_pipe_and_lives(void **state)
{
    (void)state;
    int ends[2], status;
    char byte;
    assert_int_equal(pipe(ends), 0);
    int from = fcntl(ends[0], F_DUPFD_CLOEXEC, 20), up = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
    close(ends[0]);
    close(ends[1]);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTERM, exit_0);
        signal(SIGALRM, exit_0);
        alarm(20);
        dup2(up, WORKER_UP_FD);
        close(up);
        faults_strike(&(struct self){.as = AS_MUTE});
    }
    close(up);
    assert_int_equal(read(from, &byte, 1), 0);
    assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
    kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_name_for_each),
        cmocka_unit_test(who_behaves_does_nothing),
        cmocka_unit_test(a_stubborn_one_outlives_sigterm),
        cmocka_unit_test(a_crash_is_a_bad_access),
        cmocka_unit_test(babble_is_no_frame),
        cmocka_unit_test(a_torn_one_dies_within_a_frame),
        cmocka_unit_test(a_mute_one_closes_its_pipe_and_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
