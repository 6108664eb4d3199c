// SPDX-License-Identifier: GPL-3.0-or-later
// Two workers that are held before each step, by a futex each, and nothing else: each order is STEPS steps that the
// parent lets them take in turn, waiting for each. What an order of `race` costs without any of its knowledge.
//   floor_gate ORDERS STEPS
#include "floor.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <signal.h>

struct shared {
    _Alignas(64) _Atomic uint32_t gates[2];
    _Alignas(64) _Atomic uint32_t arrived;
    _Alignas(64) _Atomic long x;
};

static void sleep_while(_Atomic uint32_t *word, uint32_t value)
{
    while (*word == value)
        syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word)
{
    *word += 1;
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static _Noreturn void be_gated(struct shared *shared, int number)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint32_t turn = 0;; turn++) {
        sleep_while(&shared->gates[number], turn);
        shared->x = shared->x + 1;
        wake(&shared->arrived);
    }
}

int main(int argc, char **argv)
{
    long orders = argc > 1 ? atol(argv[1]) : 1000, steps = argc > 2 ? atol(argv[2]) : 6;
    pid_t pids[2];
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(shared != MAP_FAILED, "mmap");
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        need(pids[i] >= 0, "fork");
        if (pids[i] == 0)
            be_gated(shared, i);
    }
    for (long i = 0; i < orders * steps; i++) {
        uint32_t before = shared->arrived;
        wake(&shared->gates[i % 2]);
        sleep_while(&shared->arrived, before);
    }
    for (int i = 0; i < 2; i++)
        kill(pids[i], SIGKILL);
    printf("%ld\n", (long)shared->x);
    return 0;
}
