// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/loop.h"

#include "base/clock.h"
#include "base/fail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct watch {
    loop_fn *readable;
    void *data;
};

struct timer {
    struct timer *next;
    int64_t due;
    loop_fn *fire;
    void *data;
};

static int epoll_fd = -1;
static int leave_fd = -1;
static int other_fd = -1;
static void (*signal_handler)(int number);
static void (*before_wait)(void);
static struct watch *watches; // by descriptor
static int watch_room;
static struct timer *timers; // the next to fire first

static void read_signals(void *data)
{
    int fd = *(int *)data;
    struct signalfd_siginfo infos[8];
    // What does not fit is still there at the next turn.
    ssize_t got = read(fd, infos, sizeof infos);
    for (ssize_t i = 0; i < got / (ssize_t)sizeof *infos; i++)
        signal_handler((int)infos[i].ssi_signo);
}

static int open_signals(const sigset_t *set)
{
    int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        die("signalfd: %s", strerror(errno));
    return fd;
}

void loop_open(const sigset_t *handled, void (*on_signal)(int number))
{
    static const int leaving[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t leave, other = *handled;
    sigemptyset(&leave);
    for (size_t i = 0; i < sizeof leaving / sizeof *leaving; i++) {
        if (sigismember(handled, leaving[i]))
            sigaddset(&leave, leaving[i]);
        sigdelset(&other, leaving[i]);
    }
    if (sigprocmask(SIG_BLOCK, handled, NULL) < 0)
        die("sigprocmask: %s", strerror(errno));
    signal_handler = on_signal;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        die("epoll_create1: %s", strerror(errno));
    leave_fd = open_signals(&leave);
    other_fd = open_signals(&other);
    if (!loop_watch(leave_fd, read_signals, &leave_fd) ||
        !loop_watch(other_fd, read_signals, &other_fd))
        die("epoll_ctl: %s", strerror(errno));
}

void loop_close(void)
{
    while (timers)
        loop_cancel(timers);
    close(leave_fd);
    close(other_fd);
    close(epoll_fd);
    free(watches);
    watches = NULL;
    watch_room = 0;
    epoll_fd = leave_fd = other_fd = -1;
}

int loop_leave_fd(void)
{
    return leave_fd;
}

bool loop_watch(int fd, loop_fn *readable, void *data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return false;
    if (fd >= watch_room) {
        int room = (fd + 1) * 2;
        watches = must_realloc(watches, (size_t)room, sizeof *watches);
        memset(watches + watch_room, 0, (size_t)(room - watch_room) * sizeof *watches);
        watch_room = room;
    }
    watches[fd] = (struct watch){readable, data};
    return true;
}

void loop_unwatch(int fd)
{
    epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    if (fd < watch_room)
        watches[fd] = (struct watch){0};
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

static void unlink_timer(struct timer *timer)
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
    unlink_timer(timer);
    free(timer);
}

void loop_before_wait(void (*function)(void))
{
    before_wait = function;
}

static void fire_timers(void)
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
static int wait_ms(int64_t ns)
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
    struct epoll_event events[64];
    int count = epoll_wait(epoll_fd, events, sizeof events / sizeof *events, wait_ms(ns));
    if (count < 0 && errno != EINTR)
        die("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
        // An earlier call of this turn may have unwatched it.
        struct watch watch = watches[events[i].data.fd];
        if (watch.readable)
            watch.readable(watch.data);
    }
    fire_timers();
}
