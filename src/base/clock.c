// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

#include "base/die.h"
#include "base/must.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) < 0)
        return -1;
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t clock_must_read(clockid_t id)
{
    int64_t now = clock_read(id);
    if (now < 0)
        die("clock_gettime: %s", strerror(errno));
    return now;
}

int64_t clock_now(void)
{
    return clock_must_read(CLOCK_MONOTONIC);
}

int64_t clock_wall(void)
{
    return clock_must_read(CLOCK_REALTIME);
}

int64_t clock_cpu_of(pid_t pid)
{
    clockid_t id;
    if (clock_getcpuclockid(pid, &id) != 0)
        return -1;
    return clock_read(id);
}

void clock_sleep(int64_t ns)
{
    struct timespec left = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

void clock_format(int64_t ns, char *text, size_t size)
{
    time_t seconds = (time_t)(ns / NS_PER_S);
    struct tm local;
    char day[32];
    if (!localtime_r(&seconds, &local) ||
        strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &local) == 0)
        snprintf(day, sizeof day, "%lld", (long long)seconds);
    snprintf(text, size, "%s.%06lld", day, (long long)(ns % NS_PER_S / NS_PER_US));
}
