// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/misbehave.h"

#include "process/fork.h"
#include "process/frame.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

const char *const misbehaviour_names[] = {"normal", "crash", "stubborn", "mute",
                                          "babble", "torn",  "fork",     NULL};

void misbehave_from_start(const struct self *self)
{
    if (self->as == AS_STUBBORN)
        signal(SIGTERM, SIG_IGN);
}

static void crash(void)
{
    // A limit of one byte, not none, keeps the core from a dump program behind a pipe too (core(5)).
    struct rlimit core = {1, 1};
    setrlimit(RLIMIT_CORE, &core);
    volatile char *nowhere = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *nowhere = 1;
}

// Writes, however often it is interrupted. False when it can't.
static bool utter(const void *bytes, size_t length)
{
    ssize_t written;
    do
        written = write(WORKER_UP_FD, bytes, length);
    while (written < 0 && errno == EINTR);
    return written >= 0;
}

static void babble(void)
{
    char garbage[512];
    memset(garbage, 0xb7, sizeof garbage);
    utter(garbage, sizeof garbage);
}

static void tear(void)
{
    struct frame half = {.magic = FRAME_MAGIC, .type = FRAME_OUTPUT, .end = '\n'};
    if (utter(&half, sizeof half / 2))
        raise(SIGKILL);
}

void misbehave_now(const struct self *self)
{
    switch (self->as) {
    case AS_NORMAL:
    case AS_STUBBORN:
        break;
    case AS_CRASH:
        crash();
        break;
    case AS_MUTE:
        close(WORKER_UP_FD);
        for (;;)
            pause();
    case AS_BABBLE:
        babble();
        break;
    case AS_TORN:
        tear();
        break;
    case AS_FORK:
        if (fork_grandchild())
            break;
        report_failure(self, "fork");
        _exit(1);
    }
}
