// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/nest.h"

#include "base/signal.h"
#include "commands/board.h"
#include "os/fork.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// The bytes of a place among nested ones: "0.1.12".
enum { NEST_PATH_ROOM = 8 * NEST_DEEPEST };

// What its parent does not know: whether and how it ended.
#define NEST_UNKNOWN (-1)

struct nest_member {
    _Atomic pid_t pid, parent; // 0 while it was not started
    _Atomic int64_t results;   // -1 until it has done its work
    _Atomic int status;        // by waitpid(2), or NEST_UNKNOWN
};

struct nest_board {
    _Atomic int error; // of the first fork that failed
    int64_t count;
    struct nest_member members[]; // worker by worker, each before those that it starts
};

// Returns how many there are below one process.
static int64_t nest_below(int64_t workers, int64_t levels)
{
    int64_t below = 0;
    for (; levels > 0 && below <= NEST_MOST; levels--)
        below = workers * (1 + below);
    return below;
}

int64_t nest_count(int64_t workers, int64_t levels)
{
    int64_t below = nest_below(workers, levels);
    return below > NEST_MOST || workers > NEST_MOST ? NEST_MOST + 1 : workers * below;
}

static size_t nest_size(int64_t count)
{
    return sizeof(struct nest_board) + (size_t)count * sizeof(struct nest_member);
}

bool nest_make(struct nest *nest, struct lab *lab)
{
    int64_t count = nest_count(nest->workers, nest->levels);
    nest->board = board_map(lab, nest_size(count), "the nested workers");
    if (!nest->board)
        return false;
    nest->board->count = count;
    for (int64_t i = 0; i < count; i++) {
        nest->board->members[i].results = -1;
        nest->board->members[i].status = NEST_UNKNOWN;
    }
    return true;
}

void nest_free(struct nest *nest)
{
    if (nest->board)
        board_unmap(nest->board, nest_size(nest->board->count));
    nest->board = NULL;
}

// A process that starts others: where its own are on the board, and what is below each.
struct nest_parent {
    const struct nest *nest;
    const struct self *self;
    int64_t levels; // below it
    int64_t first, stride;
};

static struct nest_member *nest_member_of(const struct nest_parent *parent, int64_t number)
{
    return &parent->nest->board->members[parent->first + number * parent->stride];
}

static int64_t nest_work(const struct nest_parent *parent, struct results *results);

// A nested one. Its name is its parent's and, counted from 1, its number there.
static _Noreturn void nest_live(const struct nest_parent *parent, int64_t number)
{
    struct nest_member *member = nest_member_of(parent, number);
    char name[WORKER_NAME_ROOM];
    struct self self = *parent->self;
    struct results results;
    snprintf(name, sizeof name, "%s.%" PRId64, self.name, number + 1);
    self.name = name;
    self.number = (uint32_t)number;
    self.as = AS_NORMAL;
    atomic_store(&member->pid, getpid());
    atomic_store(&member->parent, getppid());
    // What it would report is no worker's; and its worker's pipe is to end with the worker.
    if (dup2(STDOUT_FILENO, WORKER_UP_FD) < 0 || prctl(PR_SET_NAME, name) < 0)
        _exit(1);
    int64_t stride = 1 + nest_below(parent->nest->workers, parent->levels - 2);
    struct nest_parent own = {.nest = parent->nest,
                              .self = &self,
                              .levels = parent->levels - 1,
                              .first = parent->first + number * parent->stride + 1,
                              .stride = stride};
    int64_t failed = nest_work(&own, &results);
    atomic_store(&member->results, results.count);
    _exit(failed == 0 ? self.exit_status : 1);
}

// Returns whether it did its work.
static bool nest_join(const struct nest_parent *parent, int64_t number)
{
    struct nest_member *member = nest_member_of(parent, number);
    int status = NEST_UNKNOWN;
    pid_t pid = atomic_load(&member->pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    atomic_store(&member->status, status);
    return status != NEST_UNKNOWN && WIFEXITED(status) &&
           WEXITSTATUS(status) == parent->self->exit_status;
}

// False when it could not be started.
static bool nest_start(const struct nest_parent *parent, int64_t number)
{
    int none = 0;
    pid_t child = fork_child();
    if (child == 0)
        nest_live(parent, number);
    if (child < 0)
        atomic_compare_exchange_strong(&parent->nest->board->error, &none, errno);
    else
        atomic_store(&nest_member_of(parent, number)->pid, child);
    return child > 0;
}

// Starts those below, computes, joins them. Returns how many of its own did not do their work.
static int64_t nest_work(const struct nest_parent *parent, struct results *results)
{
    const struct nest *nest = parent->nest;
    int64_t wanted = parent->levels > 0 ? nest->workers : 0, started = 0, failed = 0;
    for (; started < wanted && nest_start(parent, started); started++)
        if (!nest->together)
            failed += !nest_join(parent, started);
    workload_run(parent->self, nest->size * parent->self->number, results);
    for (int64_t i = 0; nest->together && i < started; i++)
        failed += !nest_join(parent, i);
    return failed + wanted - started;
}

static void nest_describe_end(int status, char *text, size_t size)
{
    if (status == NEST_UNKNOWN)
        snprintf(text, size, "ended with its parent");
    else if (WIFSIGNALED(status))
        snprintf(text, size, "killed %s", signal_name(WTERMSIG(status)));
    else
        snprintf(text, size, "exited %d before it was done", WEXITSTATUS(status));
}

// Tells what came of those below a process, each before those below it. Returns how many did not do
// their work.
static int64_t nest_tell(const struct nest_parent *parent, const char *path)
{
    const struct nest *nest = parent->nest;
    int64_t failed = 0;
    for (int64_t i = 0; parent->levels > 0 && i < nest->workers; i++) {
        const struct nest_member *member = nest_member_of(parent, i);
        char below[NEST_PATH_ROOM + 8], how[64];
        int64_t count = atomic_load(&member->results);
        int pid = (int)atomic_load(&member->pid), up = (int)atomic_load(&member->parent);
        if (pid == 0)
            continue;
        snprintf(below, sizeof below, "%s.%" PRId64, path, i);
        nest_describe_end(atomic_load(&member->status), how, sizeof how);
        if (count >= 0)
            report_output(parent->self,
                          "Process %s (%d), child of %d, finished with %" PRId64 " results.", below,
                          pid, up, count);
        else
            report_output(parent->self, "Process %s (%d), child of %d, %s.", below, pid, up, how);
        failed += count < 0;
        struct nest_parent own = *parent;
        own.levels--;
        own.first = parent->first + i * parent->stride + 1;
        own.stride = 1 + nest_below(nest->workers, parent->levels - 2);
        failed += nest_tell(&own, below);
    }
    return failed;
}

int64_t nest_run(const struct nest *nest, const struct self *self, struct results *results)
{
    char path[16];
    int64_t below = nest_below(nest->workers, nest->levels);
    struct nest_parent parent = {.nest = nest,
                                 .self = self,
                                 .levels = nest->levels,
                                 .first = self->number * below,
                                 .stride = 1 + nest_below(nest->workers, nest->levels - 1)};
    nest_work(&parent, results);
    snprintf(path, sizeof path, "%u", self->number);
    int64_t failed = nest_tell(&parent, path);
    errno = atomic_load(&nest->board->error);
    return errno ? -1 : failed;
}

void nest_sum(const struct nest *nest, int64_t *started, int64_t *done)
{
    *started = *done = 0;
    for (int64_t i = 0; i < nest->board->count; i++) {
        *started += atomic_load(&nest->board->members[i].pid) > 0;
        *done += atomic_load(&nest->board->members[i].results) >= 0;
    }
}
