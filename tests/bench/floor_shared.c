// SPDX-License-Identifier: GPL-3.0-or-later
// As fast as it can be: results in shared memory, and one atomic counter that deals.
//   floor_shared W N CHUNK
#include "floor.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

static void *share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    return memory;
}

int main(int argc, char **argv)
{
    int workers = argc > 1 ? atoi(argv[1]) : 2;
    long tasks = argc > 2 ? atol(argv[2]) : 1000;
    long chunk = argc > 3 ? atol(argv[3]) : 1;
    long *results = share((size_t)tasks * sizeof *results);
    atomic_long *next = share(sizeof *next);
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        need(pid >= 0, "fork");
        if (pid > 0)
            continue;
        for (long first; (first = atomic_fetch_add(next, chunk)) < tasks;)
            for (long task = first; task < tasks && task < first + chunk; task++)
                results[task] = task * task;
        _exit(0);
    }
    while (wait(NULL) > 0)
        continue;
    printf("%ld\n", results[tasks - 1]);
    return 0;
}
