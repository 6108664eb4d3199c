// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded: fails allocations of one process, and makes transfers short. It is told by the
// environment:   FAIL_AT=N       the Nth allocation made by main() and what it calls fails
// FAIL_FROM=N     that one and all that follow   FAIL_TALLY=FILE writes the number of allocations
// there when the process ends   SHORT_EVERY=N   each Nth read, write and writev takes one byte, or
// half   EINTR_EVERY=N   each Nth of them, and of epoll_wait, poll and waitid, is interrupted
// Children of the process are left alone unless SHORT_CHILDREN is set.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void failing_malloc_end(void);

static long fail_at, fail_from, short_every, eintr_every, allocations, transfers, waits;
static bool children_too;
static pid_t process; // 0 until main() is near

static long asked(const char *name)
{
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    fail_at = asked("FAIL_AT");
    fail_from = asked("FAIL_FROM");
    short_every = asked("SHORT_EVERY");
    eintr_every = asked("EINTR_EVERY");
    children_too = getenv("SHORT_CHILDREN") != NULL;
    process = getpid();
}

// From here on nothing fails any more.
__attribute__((destructor)) void failing_malloc_end(void)
{
    const char *path = getenv("FAIL_TALLY");
    bool ours = getpid() == process;
    long count = allocations;
    process = 0;
    if (path && ours)
        dprintf(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), "%ld\n", count);
}

// Counts an allocation; true when it is to fail.
static bool is_to_fail(void)
{
    if (process == 0 || getpid() != process)
        return false;
    allocations++;
    if (allocations != fail_at && !(fail_from > 0 && allocations >= fail_from))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return is_to_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return is_to_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return is_to_fail() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t whole;
    if (__builtin_mul_overflow(count, size, &whole) || is_to_fail()) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(memory, whole);
}

// Puts the address of libc's own function where `real` points, once.
static void find(const char *name, void *real, size_t size)
{
    void *address = dlsym(RTLD_NEXT, name);
    memcpy(real, &address, size);
}

static bool is_meant(void)
{
    return process != 0 && (children_too || getpid() == process);
}

// Whether a transfer is to be interrupted; and how many of its bytes are made.
static bool is_interrupted(long *counter)
{
    if (eintr_every == 0 || !is_meant() || ++*counter % eintr_every != 0)
        return false;
    errno = EINTR;
    return true;
}

static size_t shortened(size_t length)
{
    static long made;
    if (short_every == 0 || !is_meant() || length < 2 || ++made % short_every != 0)
        return length;
    return made % 2 == 0 ? 1 : length / 2;
}

ssize_t read(int fd, void *buffer, size_t length)
{
    static ssize_t (*real)(int, void *, size_t);
    find("read", &real, sizeof real);
    // A worker's chunk and what is no file (a signalfd) come whole or not at all.
    struct stat about;
    bool whole = length == 64 || fstat(fd, &about) < 0 || (about.st_mode & S_IFMT) == 0;
    size_t wanted = whole ? length : shortened(length);
    return is_interrupted(&transfers) ? -1 : real(fd, buffer, wanted);
}

ssize_t write(int fd, const void *buffer, size_t length)
{
    static ssize_t (*real)(int, const void *, size_t);
    find("write", &real, sizeof real);
    return is_interrupted(&transfers) ? -1 : real(fd, buffer, shortened(length));
}

// Up to PIPE_BUF bytes are written whole, by POSIX; only more may be cut.
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    find("writev", &real, sizeof real);
    if (is_interrupted(&transfers))
        return -1;
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    size_t cut = length > PIPE_BUF ? shortened(parts[0].iov_len) : parts[0].iov_len;
    if (cut == parts[0].iov_len)
        return real(fd, parts, count);
    struct iovec first = {parts[0].iov_base, cut};
    return real(fd, &first, 1);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int ms)
{
    static int (*real)(int, struct epoll_event *, int, int);
    find("epoll_wait", &real, sizeof real);
    // Without blocking it is never interrupted.
    return ms != 0 && is_interrupted(&waits) ? -1 : real(fd, events, most, ms);
}

int poll(struct pollfd *polled, nfds_t count, int ms)
{
    static int (*real)(struct pollfd *, nfds_t, int);
    find("poll", &real, sizeof real);
    return ms != 0 && is_interrupted(&waits) ? -1 : real(polled, count, ms);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    static int (*real)(idtype_t, id_t, siginfo_t *, int);
    find("waitid", &real, sizeof real);
    // Without blocking it is never interrupted.
    return !(options & WNOHANG) && is_interrupted(&waits) ? -1 : real(type, id, info, options);
}
