// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of `barrier`: a process-shared pthread_barrier, which no party may die in.
//   floor_barrier PARTIES ROUNDS
#include "floor.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
    int parties = argc > 1 ? atoi(argv[1]) : 2;
    int rounds = argc > 2 ? atoi(argv[2]) : 1;
    pthread_barrier_t *barrier =
        mmap(NULL, sizeof *barrier, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(barrier != MAP_FAILED, "mmap");
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(barrier, &attributes, (unsigned)parties);
    for (int i = 0; i < parties; i++) {
        pid_t pid = fork();
        need(pid >= 0, "fork");
        if (pid > 0)
            continue;
        for (int round = 0; round < rounds; round++)
            pthread_barrier_wait(barrier);
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
