// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/loop.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/must.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

// How many descriptors are served in one turn.
enum { SERVED = 64 };

struct watch {
    loop_fn *readable;
    void *data;
    bool urgent;
};

struct timer {
    struct timer *next;
    int64_t due;
    loop_fn *fire;
    void *data;
};

static int epoll_fd = -1;
static int low_priority_fd = -1; // watched by epoll_fd, and watches all that is not urgent
static int leave_fd = -1;
static int other_fd = -1;
static loop_signal_fn *signal_handler;
static void (*before_wait)(void);
static struct watch *watches; // by descriptor
static int watch_room;
static struct timer *timers; // the next to fire first

bool loop_is_asked_to_end_by(int number)
{
    static const int others[] = {
        SIGSEGV, SIGBUS,  SIGFPE, SIGILL,   SIGTRAP, SIGSYS,  SIGABRT, // a crash
        SIGPIPE, SIGXFSZ,                                              // a call that fails
        SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU, // do not terminate
        SIGKILL, SIGSTOP,                                              // can't be handled
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == number)
            return false;
    return true;
}

static void loop_read_signals(void *data)
{
    int fd = *(int *)data;
    struct signalfd_siginfo infos[8];
    // What does not fit is still there at the next turn.
    ssize_t got = read(fd, infos, sizeof infos);
    for (ssize_t i = 0; i < got / (ssize_t)sizeof *infos; i++)
        signal_handler((int)infos[i].ssi_signo, (pid_t)infos[i].ssi_pid);
}

static int loop_open_signals(const sigset_t *set)
{
    int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        die("signalfd: %s", strerror(errno));
    return fd;
}

static int loop_open_epoll(void)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        die("epoll_create1: %s", strerror(errno));
    return fd;
}

static void loop_call(int fd)
{
    // An earlier call of this turn may have unwatched it.
    struct watch ready = watches[fd];
    if (ready.readable)
        ready.readable(ready.data);
}

// Calls those whose descriptors `set` says are ready, after at most `ms`.
static void loop_serve(int set, int ms)
{
    struct epoll_event events[SERVED];
    int count;
    do
        count = epoll_wait(set, events, SERVED, ms);
    while (count < 0 && errno == EINTR && ms == 0); // a wait looks at its timers first
    if (count < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    // Ctrl-C first: what was typed behind it is meant for the time after it.
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == leave_fd)
            loop_call(leave_fd);
    for (int i = 0; i < count; i++)
        if (events[i].data.fd != leave_fd)
            loop_call(events[i].data.fd);
}

static void loop_serve_low_priority(void *data)
{
    (void)data;
    loop_serve(low_priority_fd, 0);
}

void loop_open(const sigset_t *handled, loop_signal_fn *on_signal)
{
    sigset_t leave, other;
    sigemptyset(&leave);
    sigemptyset(&other);
    for (int number = 1; number <= SIGRTMAX; number++)
        if (sigismember(handled, number) == 1)
            sigaddset(loop_is_asked_to_end_by(number) ? &leave : &other, number);
    if (sigprocmask(SIG_BLOCK, handled, NULL) < 0)
        die("sigprocmask: %s", strerror(errno));
    signal_handler = on_signal;
    epoll_fd = loop_open_epoll();
    low_priority_fd = loop_open_epoll();
    leave_fd = loop_open_signals(&leave);
    other_fd = loop_open_signals(&other);
    if (!loop_watch_urgent(low_priority_fd, loop_serve_low_priority, NULL) ||
        !loop_watch_urgent(leave_fd, loop_read_signals, &leave_fd) ||
        !loop_watch_urgent(other_fd, loop_read_signals, &other_fd))
        die("epoll_ctl: %s", strerror(errno));
}

void loop_close(void)
{
    while (timers)
        loop_cancel(timers);
    close(leave_fd);
    close(other_fd);
    close(low_priority_fd);
    close(epoll_fd);
    free(watches);
    watches = NULL;
    watch_room = 0;
    epoll_fd = low_priority_fd = leave_fd = other_fd = -1;
}

int loop_leave_fd(void)
{
    return leave_fd;
}

static bool loop_watch_one(int set, int fd, struct watch watch)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0)
        return false;
    if (fd >= watch_room) {
        int room = (fd + 1) * 2;
        watches = must_realloc(watches, (size_t)room, sizeof *watches);
        memset(watches + watch_room, 0, (size_t)(room - watch_room) * sizeof *watches);
        watch_room = room;
    }
    watches[fd] = watch;
    return true;
}

bool loop_watch(int fd, loop_fn *readable, void *data)
{
    return loop_watch_one(low_priority_fd, fd, (struct watch){readable, data, false});
}

bool loop_watch_urgent(int fd, loop_fn *readable, void *data)
{
    return loop_watch_one(epoll_fd, fd, (struct watch){readable, data, true});
}

bool loop_unwatch(int fd)
{
    bool urgent = fd < watch_room && watches[fd].urgent;
    bool deleted = epoll_ctl(urgent ? epoll_fd : low_priority_fd, EPOLL_CTL_DEL, fd, NULL) == 0;
    if (fd < watch_room)
        watches[fd] = (struct watch){0};
    return deleted;
}

struct timer *loop_after(int64_t ns, loop_fn *fire, void *data)
{
    struct timer *timer = must_calloc(1, sizeof *timer);
    *timer = (struct timer){.due = clock_now() + ns, .fire = fire, .data = data};
    struct timer **place = &timers;
    while (*place && (*place)->due <= timer->due)
        place = &(*place)->next;
    timer->next = *place;
    *place = timer;
    return timer;
}

static void loop_unlink_timer(struct timer *timer)
{
    struct timer **place = &timers;
    while (*place != timer) {
        BUG_IF(!*place);
        place = &(*place)->next;
    }
    *place = timer->next;
}

void loop_cancel(struct timer *timer)
{
    loop_unlink_timer(timer);
    free(timer);
}

void loop_stop(struct timer **timer)
{
    if (*timer)
        loop_cancel(*timer);
    *timer = NULL;
}

void loop_before_wait(void (*function)(void))
{
    before_wait = function;
}

static void loop_fire_timers(void)
{
    int64_t now = clock_now();
    while (timers && timers->due <= now) {
        struct timer *timer = timers;
        timers = timer->next;
        loop_fn *fire = timer->fire;
        void *data = timer->data;
        free(timer);
        fire(data);
    }
}

// Returns how long epoll_wait may sleep, in ms, rounded up so that no timer is woken for too early.
static int loop_wait_ms(int64_t ns)
{
    if (timers) {
        int64_t left = timers->due - clock_now();
        left = left < 0 ? 0 : left;
        ns = ns < 0 || left < ns ? left : ns;
    }
    if (ns < 0)
        return -1;
    int64_t ms = (ns + NS_PER_MS - 1) / NS_PER_MS;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

void loop_turn(int64_t ns)
{
    if (before_wait)
        before_wait();
    loop_serve(epoll_fd, loop_wait_ms(ns));
    loop_fire_timers();
}
