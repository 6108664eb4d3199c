// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded: fails one call of one worker. It is told by the environment:
//   FAIL_CALL=NAME  the function of libc, one of those below
//   FAIL_ERROR=E    with this errno
//   FAIL_AT=N       the Nth call of it that the worker makes
//   FAIL_WORKER=I   which worker: of those that the process itself forks, counted from 0
//   FAIL_MARK=FILE  is made when the call failed
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const char *call;
static long left;    // calls until the one that fails
static long workers; // that will be forked before the one that is meant
static bool is_meant;
static pid_t main_process;

static long asked(const char *name)
{
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    call = getenv("FAIL_CALL");
    left = asked("FAIL_AT");
    workers = asked("FAIL_WORKER");
    main_process = getpid();
}

static bool is_to_fail(const char *name)
{
    if (!is_meant || strcmp(call, name) != 0 || --left != 0)
        return false;
    close(open(getenv("FAIL_MARK"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    errno = (int)asked("FAIL_ERROR");
    return true;
}

// Puts the address of libc's own function where `real` points.
static void find(const char *name, void *real, size_t size)
{
    void *address = dlsym(RTLD_NEXT, name);
    memcpy(real, &address, size);
}

// Declares a function that fails when it is to, and calls libc's own otherwise.
#define FAILING(type, name, failure, parameters, arguments)                                        \
    type name parameters;                                                                          \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        if (is_to_fail(#name))                                                                     \
            return failure;                                                                        \
        if (!real)                                                                                 \
            find(#name, &real, sizeof real);                                                       \
        return real arguments;                                                                     \
    }

FAILING(ssize_t, read, -1, (int fd, void *bytes, size_t length), (fd, bytes, length))
FAILING(ssize_t, write, -1, (int fd, const void *bytes, size_t length), (fd, bytes, length))
FAILING(ssize_t, writev, -1, (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAILING(int, dup2, -1, (int from, int to), (from, to))
FAILING(int, close_range, -1, (unsigned first, unsigned last, int flags), (first, last, flags))
FAILING(int, prctl, -1, (int what, long a, long b, long c, long d), (what, a, b, c, d))
FAILING(int, setpgid, -1, (pid_t pid, pid_t group), (pid, group))
FAILING(int, sigpending, -1, (sigset_t * set), (set))
FAILING(int, sigprocmask, -1, (int how, const sigset_t *set, sigset_t *before), (how, set, before))
FAILING(int, sigaction, -1, (int number, const struct sigaction *action, struct sigaction *before),
        (number, action, before))
FAILING(void *, mmap, MAP_FAILED,
        (void *at, size_t length, int protection, int flags, int fd, off_t from),
        (at, length, protection, flags, fd, from))
FAILING(int, clock_gettime, -1, (clockid_t clock, struct timespec *now), (clock, now))
FAILING(int, nanosleep, -1, (const struct timespec *time, struct timespec *rest), (time, rest))
FAILING(int, pthread_mutex_lock, errno, (pthread_mutex_t * mutex), (mutex))
FAILING(int, pthread_mutex_trylock, errno, (pthread_mutex_t * mutex), (mutex))

long syscall(long number, ...)
{
    static long (*real)(long, ...);
    long words[6];
    va_list arguments;
    if (is_to_fail("syscall"))
        return -1;
    find("syscall", &real, sizeof real);
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        words[i] = va_arg(arguments, long);
    va_end(arguments);
    return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

pid_t _Fork(void)
{
    static pid_t (*real)(void);
    if (is_to_fail("fork"))
        return -1;
    find("_Fork", &real, sizeof real);
    bool in_main = getpid() == main_process;
    bool meant = in_main && workers-- == 0;
    pid_t pid = real();
    if (pid == 0)
        is_meant = meant;
    return pid;
}
