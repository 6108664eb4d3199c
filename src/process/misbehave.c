// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/misbehave.h"

#include "process/fork.h"
#include "process/frame.h"

#include <signal.h>
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

static void babble(void)
{
    char garbage[512];
    memset(garbage, 0xb7, sizeof garbage);
    if (write(WORKER_UP_FD, garbage, sizeof garbage) < 0)
        return;
}

static void tear(void)
{
    struct frame half = {.magic = FRAME_MAGIC, .type = FRAME_OUTPUT, .end = '\n'};
    if (write(WORKER_UP_FD, &half, sizeof half / 2) < 0)
        return;
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
        fork_grandchild();
        break;
    }
}
