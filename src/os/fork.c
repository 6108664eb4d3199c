// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/fork.h"

#include "base/clock.h"
#include "base/die.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

// Here _Fork() (POSIX.1-2024) forks: it is fork() without what that does for libc's threads and
// locks. There is one thread, and what fork() would write costs each worker pages of its own.

static int null_fd = -1;
static int kept_fds[FORK_KEPT_MOST]; // of the next worker
static size_t kept_count;
static sigset_t ignored; // by the parent; its workers take them as by default

void fork_fill_standard(void)
{
    // Opened the wrong way round, so that reading stdin or writing stdout still fails.
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        bool closed = fcntl(fd, F_GETFD) < 0;
        if (closed && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            die("open(/dev/null): %s", strerror(errno));
    }
}

// Whether children are born in another pid namespace than ours (unshare(2) without a fork), which
// may have none yet. False where the kernel does not say.
static bool fork_leads_elsewhere(void)
{
    char own[64] = "", theirs[64] = "";
    if (readlink("/proc/self/ns/pid", own, sizeof own - 1) < 0)
        return false;
    ssize_t length = readlink("/proc/self/ns/pid_for_children", theirs, sizeof theirs - 1);
    return length < 0 ? errno == ENOENT : strcmp(own, theirs) != 0;
}

void fork_prepare(void)
{
    fork_fill_standard();
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0)
        die("open(/dev/null): %s", strerror(errno));
    for (int fd = WORKER_UP_FD; fd <= WORKER_DOWN_FD; fd++)
        if (fd != null_fd && dup3(null_fd, fd, O_CLOEXEC) < 0)
            die("dup3: %s", strerror(errno));
    if (null_fd <= WORKER_DOWN_FD) {
        null_fd = fcntl(null_fd, F_DUPFD_CLOEXEC, WORKER_DOWN_FD + 1);
        if (null_fd < 0)
            die("fcntl(F_DUPFD_CLOEXEC): %s", strerror(errno));
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        die("prctl(PR_SET_CHILD_SUBREAPER): %s", strerror(errno));
    if (fork_leads_elsewhere())
        die("fork: workers would have a pid namespace of their own, which ends with the first of "
            "them; start forklab within it, as 'unshare --pid --fork --mount-proc' does");
}

// Copies what is to be kept out of the way of the numbers that it, and the pipes, are to have.
// False with errno.
static bool fork_move_kept(void)
{
    enum { FORK_OUT_OF_THE_WAY = 64 };
    for (size_t i = 0; i < kept_count; i++)
        if ((kept_fds[i] = fcntl(kept_fds[i], F_DUPFD, FORK_OUT_OF_THE_WAY)) < 0)
            return false;
    return true;
}

// Gives them their numbers, and closes all others. Returns NULL, or the name of the call that
// failed.
static const char *fork_place_kept(int down_fd)
{
    unsigned first = down_fd >= 0 ? WORKER_DOWN_FD + 1 : WORKER_UP_FD + 1;
    if (kept_count == 0)
        return close_range(first, UINT_MAX, 0) < 0 ? "close_range" : NULL;
    for (size_t i = 0; i < kept_count; i++)
        if (dup2(kept_fds[i], WORKER_KEPT_FD + (int)i) < 0)
            return "dup2";
    if (down_fd < 0 && close_range(WORKER_DOWN_FD, WORKER_DOWN_FD, 0) < 0)
        return "close_range";
    return close_range(WORKER_KEPT_FD + (unsigned)kept_count, UINT_MAX, 0) < 0 ? "close_range"
                                                                               : NULL;
}

void fork_keep(const int *fds, size_t count)
{
    kept_count = count;
    for (size_t i = 0; i < count; i++)
        kept_fds[i] = fds[i];
}

// Returns NULL, or the name of the call that failed.
static const char *fork_take_descriptors(int up_fd, int down_fd)
{
    if (!fork_move_kept())
        return "fcntl(F_DUPFD)";
    if (dup2(null_fd, STDIN_FILENO) < 0 || dup2(null_fd, STDOUT_FILENO) < 0)
        return "dup2";
    if (dup2(up_fd, WORKER_UP_FD) < 0)
        return "dup2";
    if (down_fd >= 0 && dup2(down_fd, WORKER_DOWN_FD) < 0)
        return "dup2";
    return fork_place_kept(down_fd);
}

bool fork_unblock_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

void fork_take_signals(const sigset_t *to_ignore)
{
    struct sigaction standard = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
    for (int number = 1; number < NSIG; number++) {
        bool to_be_ignored = sigismember(to_ignore, number) == 1;
        if (sigaction(number, to_be_ignored ? &ignore : &standard, NULL) < 0 && to_be_ignored)
            die("sigaction: %s", strerror(errno));
    }
    ignored = *to_ignore;
    if (!fork_unblock_signals())
        die("sigprocmask: %s", strerror(errno));
}

// All other signals have their default action already. Returns NULL, or the name of the call that
// failed.
static const char *fork_reset_ignored(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&ignored, number) == 1 && sigaction(number, &standard, NULL) < 0)
            return "sigaction";
    return NULL;
}

// Until it has its own process group, a worker receives the terminal's signals for the parent, too.
// Returns NULL, or the name of the call that failed.
static const char *fork_drop_keys(void)
{
    static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP};
    sigset_t pending;
    if (sigpending(&pending) < 0)
        return "sigpending";
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (sigismember(&pending, keys[i]) != 1)
            continue;
        siginfo_t info;
        sigset_t key;
        struct timespec now = {0};
        sigemptyset(&key);
        sigaddset(&key, keys[i]);
        // A signal with a sender was sent on purpose; one from the terminal's keys has none.
        if (sigtimedwait(&key, &info, &now) == keys[i] && info.si_pid > 0)
            raise(keys[i]);
    }
    return NULL;
}

// Ties its life to the parent's. Returns NULL, or the name of the call that failed.
static const char *fork_follow(pid_t parent)
{
    const char *failed = prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? "prctl(PR_SET_PDEATHSIG)" : NULL;
    int error = errno;
    // The parent may have died before the line above.
    // 0 is one outside of this pid namespace.
    pid_t now = getppid();
    if (now != parent && now != 0)
        _exit(1);
    errno = error;
    return failed;
}

static const char *fork_join_own_group(void)
{
    return setpgid(0, 0) < 0 ? "setpgid" : NULL;
}

struct failure {
    const char *call; // NULL while none has failed
    int error;
};

// Keeps the first one.
static void fork_note(struct failure *failure, const char *call)
{
    if (call && !failure->call)
        *failure = (struct failure){call, errno};
}

static _Noreturn void fork_be_worker(pid_t parent, int up_fd, int down_fd,
                                     int (*run)(void *, const char *), void *data)
{
    struct failure failure = {0};
    fork_note(&failure, fork_follow(parent));
    fork_note(&failure,
              fork_take_descriptors(up_fd, down_fd)); // through which it tells what failed
    fork_note(&failure, fork_reset_ignored());
    fork_note(&failure, fork_join_own_group()); // which fork_await_group() waits for
    fork_note(&failure, fork_drop_keys());
    errno = failure.error;
    _exit(run(data, failure.call));
}

pid_t fork_worker(int up_fd, int down_fd, int (*run)(void *data, const char *failed), void *data)
{
    sigset_t all, before;
    sigfillset(&all);
    if (sigprocmask(SIG_SETMASK, &all, &before) < 0)
        return -1;
    pid_t parent = getpid();
    pid_t pid = _Fork();
    if (pid == 0)
        fork_be_worker(parent, up_fd, down_fd, run, data);
    int error = errno;
    kept_count = 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

void fork_await_group(pid_t pid)
{
    struct timespec moment = {.tv_nsec = NS_PER_MS / 10};
    int64_t give_up = clock_now() + NS_PER_S;
    while (getpgid(pid) != pid && clock_now() < give_up)
        nanosleep(&moment, NULL);
}

pid_t fork_orphan(void)
{
    return _Fork();
}

bool fork_grandchild(void)
{
    pid_t worker = getpid();
    pid_t repl = getppid();
    pid_t pid = _Fork();
    if (pid != 0)
        return pid > 0;
    // Not PR_SET_PDEATHSIG: that would end it together with the worker.
    struct timespec pause = {.tv_nsec = 50 * NS_PER_MS};
    while (getppid() == worker || getppid() == repl)
        nanosleep(&pause, NULL);
    _exit(0);
}

pid_t fork_child(void)
{
    pid_t worker = getpid();
    pid_t pid = _Fork();
    if (pid == 0)
        fork_follow(worker);
    return pid;
}
