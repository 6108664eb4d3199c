// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of shared objects need: memory, and workers that are forked, die at a step, and
// are waited for.
#ifndef FORKLAB_TESTS_UNIT_SHARING_H
#define FORKLAB_TESTS_UNIT_SHARING_H

#include "help.h"

#include "os/fork.h"
#include "worker/gate.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHARING_WORKERS = 8, SHARING_SECONDS = 60 };

// What a worker does. `shared` is the test's memory.
typedef void sharing_fn(const struct self *self, void *shared);

static inline void *sharing_map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

// Group setup: what workers report goes nowhere.
static inline int sharing_prepare(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY);
    return fd >= 0 && (fd == WORKER_UP_FD || dup2(fd, WORKER_UP_FD) >= 0) ? 0 : -1;
}

static inline struct self sharing_self(uint32_t number)
{
    return (struct self){.number = number, .name = "p"};
}

// Forks worker `number`, which runs `body` and dies by itself before step `at`, unless that is
// STEP_NONE.
static inline pid_t sharing_fork(uint32_t number, enum step at, sharing_fn *body, void *shared)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    struct self self = sharing_self(number);
    self.as = at == STEP_NONE ? AS_NORMAL : AS_CRASH;
    self.at = at;
    signal(SIGSEGV, SIG_DFL);
    alarm(SHARING_SECONDS);
    body(&self, shared);
    _exit(0);
}

static inline int sharing_end(pid_t pid)
{
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

// Waits until it is so; the alarm of the test is the limit.
#define SHARING_UNTIL(condition)                                                                   \
    do {                                                                                           \
        alarm(SHARING_SECONDS);                                                                    \
        while (!(condition))                                                                       \
            sched_yield();                                                                         \
        alarm(0);                                                                                  \
    } while (0)

#endif
