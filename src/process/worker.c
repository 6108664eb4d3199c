// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/worker.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/signame.h"
#include "process/events.h"
#include "process/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUCKETS = 4096 };

static struct worker *buckets[BUCKETS];

static struct worker **bucket_of(pid_t pid)
{
    return &buckets[(unsigned)pid % BUCKETS];
}

struct worker *worker_by_pid(pid_t pid)
{
    struct worker *worker = *bucket_of(pid);
    while (worker && worker->pid != pid)
        worker = worker->next_by_pid;
    return worker;
}

void worker_enlist(struct worker *worker)
{
    struct worker **bucket = bucket_of(worker->pid);
    worker->next_by_pid = *bucket;
    *bucket = worker;
}

void worker_delist(struct worker *worker)
{
    struct worker **place = bucket_of(worker->pid);
    while (*place != worker) {
        BUG_IF(!*place);
        place = &(*place)->next_by_pid;
    }
    *place = worker->next_by_pid;
}

bool worker_lives(const struct worker *worker)
{
    return worker->kernel == KERNEL_RUNNING || worker->kernel == KERNEL_STOPPED;
}

bool worker_is_alive_now(const struct worker *worker)
{
    BUG_IF(worker->pid <= 0);
    siginfo_t info = {0};
    int result = waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return result == 0 && info.si_pid == 0;
}

enum exiting worker_is_exiting(const struct worker *worker)
{
    enum { PF_EXITING = 4 };
    char path[32], stat[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)worker->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return EXITING_UNKNOWN;
    ssize_t got = read(fd, stat, sizeof stat - 1);
    close(fd);
    stat[got > 0 ? got : 0] = '\0';
    // Behind the name: state, parent, group, session, terminal, its group, flags.
    const char *behind = strrchr(stat, ')');
    unsigned flags;
    if (!behind || sscanf(behind, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
        return EXITING_UNKNOWN;
    return flags & PF_EXITING ? EXITING_YES : EXITING_NO;
}

int worker_signal(struct worker *worker, int number)
{
    int error = ESRCH;
    if (worker_lives(worker) && worker_is_alive_now(worker)) {
        BUG_IF(worker->pid <= 0);
        error = kill(worker->pid, number) < 0 ? errno : 0;
        if (error)
            snprintf(worker->failed, sizeof worker->failed, "kill(%d, %s): %s", (int)worker->pid,
                     signal_name(number), strerror(error));
    }
    events_add(EVENT_SIGNALLED, worker->job->id, worker->number, number, error, NULL);
    return error;
}

int worker_end(struct worker *worker, int number)
{
    bool before = worker->ended_by_us;
    worker->ended_by_us = true;
    int error = worker_signal(worker, number);
    if (error)
        worker->ended_by_us = before;
    else if (number == SIGTERM && worker->kernel == KERNEL_STOPPED)
        worker_signal(worker, SIGCONT);
    return error;
}

static const char *living_state(const struct worker *worker)
{
    if (worker->lost)
        return "lost";
    if (worker->kernel == KERNEL_STOPPED)
        return "stopped";
    switch (worker->claim) {
    case CLAIM_AT_BARRIER:
    case CLAIM_AT_LOCK:
        return "waiting";
    case CLAIM_STARTING:
    case CLAIM_WORKING:
    case CLAIM_DONE:
        break;
    }
    return "running";
}

void worker_state(const struct worker *worker, char *text, size_t size)
{
    switch (worker->kernel) {
    case KERNEL_RUNNING:
    case KERNEL_STOPPED:
        snprintf(text, size, "%s", living_state(worker));
        break;
    case KERNEL_ZOMBIE:
        snprintf(text, size, "zombie");
        break;
    case KERNEL_REAPED:
        if (worker->exit_signal)
            snprintf(text, size, "killed %s", signal_name(worker->exit_signal));
        else
            snprintf(text, size, "exited %d", worker->exit_code);
        break;
    }
}

bool worker_did_well(const struct worker *worker)
{
    return !worker->lost && !worker->failed[0] && worker->results >= 0 && worker->exit_signal == 0 &&
           worker->exit_code == worker->exit_wanted;
}

void worker_describe_end(const struct worker *worker, char *text, size_t size)
{
    if (worker->failed[0])
        snprintf(text, size, "failed: %s", worker->failed);
    else if (worker->lost && worker->lost_by == EVENT_GARBAGE)
        snprintf(text, size, "sent garbage, and was ended");
    else if (worker->lost)
        snprintf(text, size, "closed its pipe, and was ended");
    else if (worker->exit_signal)
        snprintf(text, size, "was killed by %s", signal_name(worker->exit_signal));
    else
        snprintf(text, size, "exited %d%s", worker->exit_code,
                 worker->results < 0 ? " before it was done" : "");
}

int64_t worker_cpu(const struct worker *worker)
{
    if (!worker_lives(worker))
        return worker->cpu_ns;
    int64_t cpu = clock_cpu_of(worker->pid);
    return cpu < 0 ? 0 : cpu;
}
