// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of `spawn`: pipe, fork, 64 bytes, read to the end, wait.
//   floor_spawn N            one after another
//   floor_spawn N together   all are forked, then all are read and waited for
//   floor_spawn N alive      the same, and every one lives until all have been forked
#include "floor.h"

#include <locale.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#ifdef LADEN
#include <stdio.h>

#include <readline/readline.h>
#endif

struct child {
    pid_t pid;
    int fd;
};

static int gate[2] = {-1, -1}; // nobody writes; its end is what those wait for who are to live

static _Noreturn void be_child(int fd)
{
    struct message message = {.count = getpid()};
    write_whole(fd, &message, sizeof message);
    if (gate[0] >= 0) {
        close(gate[1]);
        read_whole(gate[0], &message, 1);
    }
    _exit(0);
}

static struct child start(void)
{
    int ends[2];
    need(pipe(ends) == 0, "pipe");
    pid_t pid = fork();
    need(pid >= 0, "fork");
    if (pid == 0)
        be_child(ends[1]);
    close(ends[1]);
    return (struct child){pid, ends[0]};
}

static void join(struct child child)
{
    struct message message;
    char none;
    int status;
    need(read_whole(child.fd, &message, sizeof message) == sizeof message, "message");
    if (gate[0] < 0)
        need(read_whole(child.fd, &none, 1) == 0, "end");
    close(child.fd);
    need(waitpid(child.pid, &status, 0) == child.pid && status == 0, "waitpid");
}

static void run_together(int count, int alive)
{
    struct child *children = calloc((size_t)count, sizeof *children);
    need(children != NULL, "calloc");
    if (alive)
        need(pipe(gate) == 0, "pipe");
    for (int i = 0; i < count; i++)
        children[i] = start();
    if (alive)
        close(gate[1]);
    for (int i = 0; i < count; i++)
        join(children[i]);
    free(children);
}

// What readline and the locale add to the memory that each fork copies.
static void load(void)
{
#ifdef LADEN
    setlocale(LC_CTYPE, "");
    need(rl_initialize() == 0, "rl_initialize");
#endif
}

int main(int argc, char **argv)
{
    load();
    int count = argc > 1 ? atoi(argv[1]) : 1;
    int alive = argc > 2 && strcmp(argv[2], "alive") == 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (argc > 2)
        run_together(count, alive);
    else
        for (int i = 0; i < count; i++)
            join(start());
    return 0;
}
