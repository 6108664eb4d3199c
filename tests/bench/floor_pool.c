// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of `pool`: two pipes a worker, two chunks in flight, poll.
//   floor_pool W N CHUNK
#include "floor.h"

#include <poll.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { CHUNK_MOST = 8192 };

static long tasks, chunk, next, done;
static long *results;

static _Noreturn void be_worker(int down, int up)
{
    static long block[CHUNK_MOST];
    struct message message;
    while (read_whole(down, &message, sizeof message) == sizeof message) {
        for (long i = 0; i < message.count; i++)
            block[i] = (message.first + i) * (message.first + i);
        size_t length = (size_t)message.count * sizeof *block;
        struct iovec parts[2] = {{&message, sizeof message}, {block, length}};
        size_t written = (size_t)writev(up, parts, 2);
        need(written >= sizeof message, "writev");
        written -= sizeof message;
        write_whole(up, (char *)block + written, length - written);
    }
    _exit(0);
}

static void deal(int fd)
{
    if (next == tasks)
        return;
    long count = tasks - next < chunk ? tasks - next : chunk;
    struct message message = {.first = next, .count = count};
    write_whole(fd, &message, sizeof message);
    next += count;
}

static void take(int fd)
{
    struct message message;
    need(read_whole(fd, &message, sizeof message) == sizeof message, "message");
    size_t length = (size_t)message.count * sizeof *results;
    need(read_whole(fd, results + message.first, length) == length, "results");
    done += message.count;
}

static int start(int *down)
{
    int to[2], from[2];
    need(pipe(to) == 0 && pipe(from) == 0, "pipe");
    pid_t pid = fork();
    need(pid >= 0, "fork");
    if (pid == 0) {
        close(to[1]);
        be_worker(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    *down = to[1];
    return from[0];
}

int main(int argc, char **argv)
{
    int workers = argc > 1 ? atoi(argv[1]) : 2;
    tasks = argc > 2 ? atol(argv[2]) : 1000;
    chunk = argc > 3 ? atol(argv[3]) : 1;
    need(chunk <= CHUNK_MOST, "chunk");
    results = malloc((size_t)tasks * sizeof *results);
    struct pollfd *up = calloc((size_t)workers, sizeof *up);
    int *down = calloc((size_t)workers, sizeof *down);
    need(results && up && down, "malloc");
    for (int i = 0; i < workers; i++) {
        up[i] = (struct pollfd){.fd = start(&down[i]), .events = POLLIN};
        deal(down[i]);
        deal(down[i]);
    }
    while (done < tasks) {
        need(poll(up, (nfds_t)workers, -1) > 0, "poll");
        for (int i = 0; i < workers; i++) {
            if (!(up[i].revents & POLLIN))
                continue;
            take(up[i].fd);
            deal(down[i]);
        }
    }
    // The last one forked holds the others' pipes too: all are closed before any is waited for.
    for (int i = 0; i < workers; i++)
        close(down[i]);
    while (wait(NULL) > 0)
        continue;
    printf("%ld\n", results[tasks - 1]);
    return 0;
}
