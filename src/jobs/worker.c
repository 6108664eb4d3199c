// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/worker.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/signal.h"
#include "jobs/pipe.h"
#include "log/events.h"
#include "os/fork.h"
#include "jobs/job.h"
#include "log/describe.h"
#include "os/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUCKETS = 4096 };

// Not mapped when needed: that would be between a fork and the table.
static struct worker *buckets[BUCKETS];

static struct worker **worker_bucket_of(pid_t pid)
{
    return &buckets[(unsigned)pid % BUCKETS];
}

struct worker *worker_by_pid(pid_t pid)
{
    struct worker *worker = *worker_bucket_of(pid);
    while (worker && worker->pid != pid)
        worker = worker->next_by_pid;
    return worker;
}

void worker_enlist(struct worker *worker)
{
    struct worker **bucket = worker_bucket_of(worker->pid);
    worker->next_by_pid = *bucket;
    *bucket = worker;
}

void worker_delist(struct worker *worker)
{
    struct worker **place = worker_bucket_of(worker->pid);
    while (*place != worker) {
        BUG_IF(!*place);
        place = &(*place)->next_by_pid;
    }
    *place = worker->next_by_pid;
}

static void worker_log_call(const struct worker *worker, struct event made)
{
    events_call(worker->job->id, worker->number, made);
}

void worker_log_writes(struct worker *worker)
{
    if (worker->writes > 0)
        worker_log_call(worker, (struct event){.call = CALL_WRITE,
                                               .a = worker->down_fd,
                                               .b = worker->written,
                                               .c = worker->writes});
    worker->writes = worker->written = 0;
}

bool worker_lives(const struct worker *worker)
{
    return worker->kernel == KERNEL_RUNNING || worker->kernel == KERNEL_STOPPED;
}

bool worker_is_alive_now(const struct worker *worker)
{
    BUG_IF(worker->pid <= 0);
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        if (errno != EINTR)
            die("waitid(%d): %s", (int)worker->pid, strerror(errno));
    worker_log_call(worker, (struct event){.call = CALL_LOOK,
                                           .a = worker->pid,
                                           .b = WAIT_ANSWER(info.si_code, info.si_status)});
    return info.si_pid == 0;
}

// Reads the state's letter and the flags from /proc/PID/stat (proc(5)). False when that can't be
// read.
static bool worker_read_stat(pid_t pid, char *letter, unsigned *flags)
{
    char stat[512];
    if (!proc_read_stat(pid, stat, sizeof stat))
        return false;
    const char *behind_name = strrchr(stat, ')');
    return behind_name && sscanf(behind_name, ") %c %*d %*d %*d %*d %*d %u", letter, flags) == 2;
}

bool worker_is_exiting(const struct worker *worker, bool *exiting)
{
    enum { PF_EXITING = 4 };
    char letter;
    unsigned flags;
    if (!worker_read_stat(worker->pid, &letter, &flags))
        return false;
    *exiting = flags & PF_EXITING;
    return true;
}

bool worker_is_stopped_now(const struct worker *worker)
{
    char letter;
    unsigned flags;
    if (worker->kernel != KERNEL_STOPPED)
        return false;
    return !worker_read_stat(worker->pid, &letter, &flags) || letter == 'T';
}

// The change that the kernel will report is expected then.
static void worker_note_asked(struct worker *worker, int number)
{
    bool stops = number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
    if (stops || number == SIGCONT)
        worker->stop_asked = stops;
    if (number == SIGCONT)
        worker->cont_asked = true;
}

int worker_signal(struct worker *worker, int number)
{
    int error = ESRCH;
    if (worker_lives(worker) && worker_is_alive_now(worker)) {
        BUG_IF(worker->pid <= 0);
        if (number == SIGSTOP)
            fork_await_group(worker->pid);
        error = kill(worker->pid, number) < 0 ? errno : 0;
        worker_log_call(
            worker,
            (struct event){.call = CALL_KILL, .a = worker->pid, .b = number, .error = error});
        if (error)
            snprintf(worker->failed, sizeof worker->failed, "kill(%d, %s): %s", (int)worker->pid,
                     signal_name(number), strerror(error));
    }
    if (!error)
        worker_note_asked(worker, number);
    events_add(EVENT_SIGNALLED, worker->job->id, worker->number, number, error, NULL);
    return error;
}

int worker_end(struct worker *worker, int number)
{
    int error = worker_signal(worker, number);
    if (!error)
        worker->ended_with |= UINT64_C(1) << (number - 1);
    if (!error && number == SIGTERM && worker->kernel == KERNEL_STOPPED)
        worker_signal(worker, SIGCONT);
    return error;
}

bool worker_was_ended(const struct worker *worker)
{
    if (worker->lost || worker->ended_with == 0)
        return false;
    return worker->exit_signal == 0 || worker->ended_with >> (worker->exit_signal - 1) & 1;
}

const struct model_worker *worker_in_model(const struct worker *worker)
{
    if (!worker->job)
        return NULL;
    return model_worker(model_job(model_now(), worker->job->id), worker->number);
}

static enum state worker_living_state(const struct worker *worker)
{
    const struct model_worker *known = worker_in_model(worker);
    if (worker->lost)
        return STATE_LOST;
    if (worker->kernel == KERNEL_STOPPED)
        return STATE_STOPPED;
    return known && known->waits_for != NO_OBJECT ? STATE_WAITING : STATE_RUNNING;
}

void worker_state(const struct worker *worker, char *text, size_t size)
{
    switch (worker->kernel) {
    case KERNEL_RUNNING:
    case KERNEL_STOPPED:
        snprintf(text, size, "%s", describe_state_word(worker_living_state(worker)));
        break;
    case KERNEL_ZOMBIE:
        snprintf(text, size, "%s", describe_state_word(STATE_ZOMBIE));
        break;
    case KERNEL_REAPED:
        describe_exit(worker->exit_code, worker->exit_signal, text, size);
        break;
    }
}

const char *worker_waits_for(const struct worker *worker)
{
    const struct model_worker *known = worker_in_model(worker);
    if (!worker_lives(worker) || worker_living_state(worker) != STATE_WAITING)
        return NULL;
    return describe_object_name(model_job(model_now(), worker->job->id), known->waits_for);
}

bool worker_did_well(const struct worker *worker)
{
    return !worker->lost && !worker->failed[0] && worker->results >= 0 &&
           worker->exit_signal == 0 && worker->exit_code == worker->exit_wanted;
}

static void worker_describe_loss(const struct worker *worker, char *text, size_t size)
{
    if (worker->lost_by == EVENT_GARBAGE)
        snprintf(text, size, "sent garbage");
    else if (worker->lost_by == EVENT_SPOILT)
        snprintf(text, size, "shared a pipe that garbage came through, and %s ended",
                 worker_lives(worker) ? "is being" : "was");
    else
        snprintf(text, size, "closed its pipe, and %s ended",
                 worker_lives(worker) ? "is being" : "was");
}

void worker_describe_end(const struct worker *worker, char *text, size_t size)
{
    if (worker->failed[0])
        snprintf(text, size, "failed: %s", worker->failed);
    else if (worker->lost)
        worker_describe_loss(worker, text, size);
    else if (worker->exit_signal)
        snprintf(text, size, "was killed by %s%s", signal_name(worker->exit_signal),
                 worker->torn ? " in the middle of a message" : "");
    else
        snprintf(text, size, "exited %d%s", worker->exit_code,
                 worker->results < 0 ? " before it was done" : "");
}

int64_t worker_ready(const struct worker *worker)
{
    return worker_lives(worker) ? proc_read_delay(worker->pid) : worker->ready_ns;
}

int64_t worker_cpu(const struct worker *worker)
{
    if (!worker_lives(worker))
        return worker->cpu_ns;
    int64_t cpu = clock_cpu_of(worker->pid);
    return cpu < 0 ? 0 : cpu;
}

static uint64_t worker_inode_of(int fd)
{
    struct stat status;
    if (fd < 0)
        return 0;
    if (fstat(fd, &status) < 0)
        die("fstat(pipe): %s", strerror(errno));
    return status.st_ino;
}

uint64_t worker_reports_inode(const struct worker *worker)
{
    return worker->channel ? worker_inode_of(pipe_fd(worker->channel)) : 0;
}

uint64_t worker_tasks_inode(const struct worker *worker)
{
    return worker_inode_of(worker->down_fd);
}
