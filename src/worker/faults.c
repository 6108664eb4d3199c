// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/faults.h"

#include "os/fork.h"
#include "worker/frame.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

const char *const faults_names[] = {"normal", "crash", "stubborn", "mute", "babble",
                                    "torn",   "fork",  "raise",    NULL};

const char *const faults_meanings[] = {"does its work",
                                       "dies of SIGSEGV in the middle of it",
                                       "ignores SIGTERM; only SIGKILL ends it early",
                                       "closes its pipe, and lives on",
                                       "sends garbage through its pipe",
                                       "dies within a frame, half of which is sent",
                                       "leaves a child behind, which holds its pipe",
                                       "says on stderr what went wrong, and exits 1",
                                       NULL};

void faults_prepare(const struct self *self)
{
    if (self->as == AS_STUBBORN)
        signal(SIGTERM, SIG_IGN);
}

static void faults_crash(void)
{
    // A limit of one byte, not none, keeps the core from a dump program behind a pipe too
    // (core(5)).
    struct rlimit core = {1, 1};
    setrlimit(RLIMIT_CORE, &core);
    volatile char *nowhere = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *nowhere = 1;
}

// Writes, however often it is interrupted. False when it can't.
static bool faults_utter(const void *bytes, size_t length)
{
    ssize_t written;
    do
        written = write(WORKER_UP_FD, bytes, length);
    while (written < 0 && errno == EINTR);
    return written >= 0;
}

static void faults_babble(void)
{
    char garbage[512];
    memset(garbage, 0xb7, sizeof garbage);
    faults_utter(garbage, sizeof garbage);
}

static void faults_tear(void)
{
    struct frame half = {.magic = FRAME_MAGIC, .type = FRAME_OUTPUT, .end = '\n'};
    if (faults_utter(&half, sizeof half / 2))
        raise(SIGKILL);
}

// As a program does that gives up: a line on stderr, and status 1.
_Noreturn static void faults_raise(const struct self *self)
{
    char line[128];
    int length = snprintf(line, sizeof line, "%s: Exception: raised on purpose\n", self->name);
    ssize_t written;
    do
        written = write(STDERR_FILENO, line, (size_t)length);
    while (written < 0 && errno == EINTR);
    _exit(1);
}

void faults_strike(const struct self *self)
{
    switch (self->as) {
    case AS_NORMAL:
    case AS_STUBBORN:
        break;
    case AS_CRASH:
        faults_crash();
        break;
    case AS_MUTE:
        close(WORKER_UP_FD);
        for (;;)
            pause();
    case AS_BABBLE:
        faults_babble();
        break;
    case AS_TORN:
        faults_tear();
        break;
    case AS_FORK:
        if (fork_grandchild())
            break;
        report_failure(self, "fork");
        _exit(1);
    case AS_RAISE:
        faults_raise(self);
    }
}
