// SPDX-License-Identifier: GPL-3.0-or-later
// The only place that forks.
#ifndef FORKLAB_PROCESS_FORK_H
#define FORKLAB_PROCESS_FORK_H

#include <sys/types.h>

// Where every worker finds its pipes, whatever numbers they have in the REPL.
#define WORKER_UP_FD   3
#define WORKER_DOWN_FD 4

// Done once, before any other descriptor is opened: opens 0, 1 and 2 if we were started without
// them (so that using them fails as it would have), keeps the workers' numbers free of the REPL's
// own pipes, and makes orphans of workers our children. Dies when it can't.
void fork_prepare(void);

// Forks a worker that runs run(data, NULL) and exits with what it returns; when one of the calls that
// prepare it fails, `failed` is that call and errno says why. The worker has its own process
// group, dies with the REPL (prctl(2), PR_SET_PDEATHSIG), has default signal handling, and holds nothing but /dev/null, stderr, `up_fd` and `down_fd` (-1 for none). The caller
// keeps those two descriptors. Returns the pid, or -1 with fork's errno.
pid_t fork_worker(int up_fd, int down_fd, int (*run)(void *data, const char *failed), void *data);

// In a worker, which begins with all signals blocked: lets them come, once it has said how it takes them.
void fork_unblock_signals(void);

// In a worker: leaves a process behind that holds the worker's pipe and does nothing. It ends by
// itself soon after the REPL does.
void fork_grandchild(void);

#endif
