// SPDX-License-Identifier: GPL-3.0-or-later
// The one event loop of the parent: descriptors, timers and signals become calls, one after
// another. A worker never touches it.
#ifndef FORKLAB_OS_LOOP_H
#define FORKLAB_OS_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef void loop_fn(void *data);

// Hears of a signal, and of the pid that it is about or from.
typedef void loop_signal_fn(int number, pid_t pid);

// True if the default action of signal `number` is to terminate the process and it signals a
// request or an exceeded limit, not a crash or a failed call.
bool loop_is_asked_to_end_by(int number);

// Opens the loop and takes the signals in `handled` for it: they stay blocked and arrive at
// `on_signal`, those that ask the program to end first. Dies when the kernel gives no descriptors.
void loop_open(const sigset_t *handled, loop_signal_fn *on_signal);

// Closes it, and drops all timers. The signals stay blocked.
void loop_close(void);

// Returns a descriptor that is readable while a signal that ends things (SIGINT, SIGTERM, SIGHUP or
// SIGQUIT) is pending. The loop owns it.
int loop_leave_fd(void);

// Calls `readable(data)` whenever `fd` can be read or has ended. The caller keeps `fd` and calls
// loop_unwatch() before closing it. False with errno EPERM for a regular file, which is always
// readable, or ENOMEM, ENOSPC when the kernel has no room.
bool loop_watch(int fd, loop_fn *readable, void *data);

// The same for typed input: served in each turn, like signals, however many other descriptors are
// ready.
bool loop_watch_urgent(int fd, loop_fn *readable, void *data);

// Ends either. False with errno when epoll_ctl(2) failed.
bool loop_unwatch(int fd);

// Calls `fire(data)` once, `ns` nanoseconds from now. The timer is the loop's: it is gone once it
// has fired or was cancelled.
struct timer;
struct timer *loop_after(int64_t ns, loop_fn *fire, void *data);
void loop_cancel(struct timer *timer);

// Cancels `*timer` if it is set, and makes it NULL.
void loop_stop(struct timer **timer);

// Names what is done each time before the loop waits: flushing output.
void loop_before_wait(void (*function)(void));

// Waits for the next things to happen, at most `ns` nanoseconds (-1: as long as it takes), and
// makes their calls.
void loop_turn(int64_t ns);

#endif
