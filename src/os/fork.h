// SPDX-License-Identifier: GPL-3.0-or-later
// The only place that forks.
#ifndef FORKLAB_OS_FORK_H
#define FORKLAB_OS_FORK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Where every worker finds its pipes, whatever numbers they have in the parent.
#define WORKER_UP_FD   3
#define WORKER_DOWN_FD 4
// Where it finds those that it is to keep besides.
#define WORKER_KEPT_FD 5
#define FORK_KEPT_MOST 3

// Opens 0, 1 and 2 if we were started without them, so that using them fails as it would have. Dies
// when it can't.
void fork_fill_standard(void);

// Done once, whatever we were started with: ignores the signals in `to_ignore`, takes all others as
// by default, and unblocks all. A disposition that is changed later is changed for the
// workers, too.
void fork_take_signals(const sigset_t *to_ignore);

// Done once: opens 0, 1 and 2 as above, keeps the workers' two numbers free of the parent's own
// pipes (whatever was open there is closed), and makes orphans of workers our children. Dies when
// it can't.
void fork_prepare(void);

// Forks a worker that runs run(data, NULL) and exits with what it returns; when one of the calls
// that prepare it fails, `failed` is that call and errno says why. The worker dies with the parent
// (prctl(2), PR_SET_PDEATHSIG), has its own process group, takes what the parent ignores as by
// default, and holds nothing but /dev/null, stderr, `up_fd` and `down_fd` (-1 for none). The caller
// keeps those two descriptors. Returns the pid, or -1 with the errno of fork or sigprocmask.
pid_t fork_worker(int up_fd, int down_fd, int (*run)(void *data, const char *failed), void *data);

// The next worker, and no other, keeps these descriptors, too: as WORKER_KEPT_FD and those behind
// it. At most FORK_KEPT_MOST; the caller keeps its own.
void fork_keep(const int *fds, size_t count);

// Waits up to 1 s until the child has set its parent-death signal and closed inherited descriptors.
// SIGSTOP can't be blocked: sent earlier, it would leave the child half set up.
void fork_await_group(pid_t pid);

// Unblocks all signals; false with errno. A worker begins with all blocked, and lets them come once
// it has said how it takes them.
bool fork_unblock_signals(void);

// In a worker: forks a process that lives on when the one that forked it dies: it must see to its
// own end, by _exit(2). Returns what fork(2) does.
pid_t fork_orphan(void);

// In a worker: leaves a process behind that holds the worker's pipe and does nothing. It ends by
// itself soon after the parent does. False with fork's errno.
bool fork_grandchild(void);

// In a worker: forks a child of its own, which dies with it. Returns what fork(2) does.
pid_t fork_child(void);

#endif
