// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/reaper.h"

#include "base/clock.h"
#include "base/die.h"
#include "jobs/pipe.h"
#include "jobs/speaker.h"
#include "log/events.h"
#include "os/loop.h"
#include "os/proc.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANY_CHANGE = WEXITED | WSTOPPED | WCONTINUED };

// After asking about all children, forklab rests from that for so long a child: about ten times
// what it took. Else it would do little else when thousands die, one after another.
enum { REST_NS = 3000 };

static bool reaping = true;
static int64_t rested_at; // when it has, and all may be asked about again
static int64_t asking_at; // when a timer asks about all; past when none is set

// The system call itself also tells the CPU time (waitid(2)); glibc's function does not pass it on.
// Returns the pid of a child that changed in the ways of `options`, or 0 when there is none. Dies
// when the kernel does not know a certain one: it would never be reaped.
static pid_t reaper_next_change(idtype_t type, pid_t pid, int options, siginfo_t *info,
                                struct rusage *usage)
{
    *info = (siginfo_t){0};
    while (syscall(SYS_waitid, type, pid, info, options | WNOHANG, usage) < 0) {
        if (errno == ECHILD && type == P_ALL)
            return 0;
        if (errno == ECHILD)
            die("waitid(%d): %s, though it was not reaped", (int)pid, strerror(errno));
        if (errno != EINTR)
            die("waitid: %s", strerror(errno));
    }
    return info->si_pid;
}

static int64_t reaper_cpu_of(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * NS_PER_S +
           (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * NS_PER_US;
}

static void reaper_log_answer(const struct worker *worker, enum system_call call,
                              const siginfo_t *info)
{
    events_call(worker->job->id, worker->number,
                (struct event){.call = call,
                               .a = worker->pid,
                               .b = WAIT_ANSWER(info->si_code, info->si_status)});
}

static void reaper_reap_one(struct worker *worker)
{
    siginfo_t info;
    if (reaper_next_change(P_PID, worker->pid, WEXITED, &info, NULL) == 0)
        die("waitid: worker %d is no child of ours any more", (int)worker->pid);
    reaper_log_answer(worker, CALL_REAP, &info);
    worker_delist(worker);
    worker->pid = -1;
    worker->kernel = KERNEL_REAPED;
    events_add(EVENT_REAPED, worker->job->id, worker->number, 0, 0, NULL);
}

// Closes the pipes of a dead worker after its last frames were read. It is still a zombie: its
// process group's number is not given to another yet, so that what it left behind can be killed
// safely.
static void reaper_close_pipes(struct worker *worker)
{
    struct pipe *channel = worker->channel;
    if (pipe_only(channel)) {
        worker->torn = !worker->lost && pipe_is_within_frame(channel);
        if (worker->torn)
            events_add(EVENT_TORN, worker->job->id, worker->number, 0, 0, NULL);
        if (pipe_is_held(channel)) {
            int error = kill(-worker->pid, SIGKILL) < 0 ? errno : 0;
            events_call(
                worker->job->id, worker->number,
                (struct event){.call = CALL_KILL, .a = -worker->pid, .b = SIGKILL, .error = error});
            if (error)
                die("kill(-%d, SIGKILL): %s", (int)worker->pid, strerror(error));
            events_add(EVENT_ORPHAN, worker->job->id, worker->number, 0, 0, NULL);
        }
        pipe_close(channel);
    }
    worker->channel = NULL;
    if (worker->down_fd >= 0) {
        worker_log_writes(worker);
        int error = close(worker->down_fd) < 0 ? errno : 0;
        events_call(worker->job->id, worker->number,
                    (struct event){.call = CALL_CLOSE, .a = worker->down_fd, .error = error});
    }
    worker->down_fd = -1;
}

static void reaper_note_death(struct worker *worker, const siginfo_t *info,
                              const struct rusage *usage)
{
    reaper_log_answer(worker, CALL_LOOK, info);
    worker->job->stopped -= worker->kernel == KERNEL_STOPPED;
    worker->kernel = KERNEL_ZOMBIE;
    worker->died = clock_now();
    worker->cpu_ns = reaper_cpu_of(usage);
    worker->ready_ns = proc_read_delay(worker->pid);
    if (info->si_code == CLD_EXITED)
        worker->exit_code = info->si_status;
    else
        worker->exit_signal = info->si_status;
    if (!worker->lost)
        pipe_drain(worker->channel); // its last frames come before its death
    events_log(&(struct event){.kind = EVENT_DIED,
                               .job = worker->job->id,
                               .worker = worker->number,
                               .a = worker->exit_code,
                               .b = worker->exit_signal,
                               .c = worker->cpu_ns});
    reaper_close_pipes(worker);
    if (reaping)
        reaper_reap_one(worker);
    worker->finished = true;
    worker->job->unfinished--;
    job_note_standing(worker->job);
    const struct job *before = speaker_set(worker->job);
    if (worker->job->ops->ended)
        worker->job->ops->ended(worker);
    speaker_set(before);
}

static void reaper_count_stop(struct worker *worker, bool stopped)
{
    bool before = worker->kernel == KERNEL_STOPPED;
    worker->kernel = stopped ? KERNEL_STOPPED : KERNEL_RUNNING;
    worker->stops += stopped;
    worker->conts += !stopped;
    if (stopped && !before) {
        worker->stopped_outside = !worker->stop_asked;
        worker->stop_asked = worker->cont_asked = false;
    }
    worker->job->stopped += (size_t)stopped - (size_t)before;
    job_note_standing(worker->job);
}

static void reaper_note_stop(struct worker *worker)
{
    siginfo_t taken;
    if (reaper_next_change(P_PID, worker->pid, WSTOPPED | WCONTINUED, &taken, NULL) == 0)
        return;
    // waitid() that takes the change decides: the worker may have been continued since WNOWAIT.
    bool stopped = taken.si_code == CLD_STOPPED;
    reaper_log_answer(worker, CALL_REAP, &taken);
    reaper_count_stop(worker, stopped);
    events_add(stopped ? EVENT_STOPPED : EVENT_CONTINUED, worker->job->id, worker->number,
               taken.si_status, 0, NULL);
    const struct job *before = speaker_set(worker->job);
    if (stopped && worker->job->ops->stopped)
        worker->job->ops->stopped(worker);
    speaker_set(before);
    if (!stopped)
        worker->stopped_outside = worker->cont_asked = false;
}

static bool reaper_has_died(const siginfo_t *info)
{
    return info->si_code != CLD_STOPPED && info->si_code != CLD_CONTINUED;
}

static void reaper_note_change(pid_t pid, const siginfo_t *info, const struct rusage *usage)
{
    struct worker *worker = worker_by_pid(pid);
    siginfo_t taken;
    if (!worker) // an orphan that a worker left to us
        reaper_next_change(P_PID, pid, ANY_CHANGE, &taken, NULL);
    else if (!reaper_has_died(info))
        reaper_note_stop(worker);
    else if (worker->kernel == KERNEL_ZOMBIE) // from when the dead were left lying
        reaper_reap_one(worker);
    else
        reaper_note_death(worker, info, usage);
}

static void reaper_ask_about(struct worker *worker)
{
    siginfo_t info;
    struct rusage usage;
    while (worker_lives(worker) &&
           reaper_next_change(P_PID, worker->pid, ANY_CHANGE | WNOWAIT, &info, &usage) > 0)
        reaper_note_change(info.si_pid, &info, &usage);
}

// Collects children that are not living workers: orphans that workers left behind, and zombies from
// a time of `reap off` (not during it: waitid(P_ALL) would return one of them again and again). The
// kernel looks through all children for each answer, so each worker was asked about first; one that
// has died since has its own SIGCHLD coming.
static void reaper_ask_about_others(void)
{
    siginfo_t info;
    struct rusage usage;
    pid_t pid;
    while (reaping &&
           (pid = reaper_next_change(P_ALL, 0, ANY_CHANGE | WNOWAIT, &info, &usage)) > 0) {
        const struct worker *worker = worker_by_pid(pid);
        if (worker && worker_lives(worker))
            return;
        reaper_note_change(pid, &info, &usage);
    }
}

// Returns how many it asked about.
static int64_t reaper_ask_about_all_of(struct job *job)
{
    int64_t asked = 0;
    while (job->first_alive < job->count && !worker_lives(job->workers[job->first_alive]))
        job->first_alive++;
    for (size_t i = job->first_alive; job->unfinished > 0 && i < job->count; i++) {
        asked += worker_lives(job->workers[i]);
        reaper_ask_about(job->workers[i]);
    }
    return asked;
}

void reaper_collect(void)
{
    int64_t asked = 0;
    for (struct job *job = jobs_first(); job; job = job->next)
        asked += reaper_ask_about_all_of(job);
    reaper_ask_about_others();
    rested_at = clock_now() + asked * REST_NS;
}

static void reaper_collect_later(void *data)
{
    (void)data;
    reaper_collect();
}

void reaper_child_changed(pid_t pid)
{
    struct worker *worker = worker_by_pid(pid);
    if (worker)
        reaper_ask_about(worker);
    int64_t now = clock_now();
    if (now >= rested_at) {
        reaper_collect();
    } else if (asking_at <= now) {
        asking_at = rested_at;
        loop_after(rested_at - now, reaper_collect_later, NULL);
    }
}

void reaper_set(bool now_reaping)
{
    reaping = now_reaping;
}

bool reaper_is_on(void)
{
    return reaping;
}

size_t reaper_reap(void (*each)(struct worker *worker))
{
    size_t reaped = 0;
    reaper_collect();
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++) {
            struct worker *worker = job->workers[i];
            if (worker->kernel != KERNEL_ZOMBIE)
                continue;
            reaper_reap_one(worker);
            reaped++;
            if (each)
                each(worker);
        }
    }
    return reaped;
}

bool reaper_has_children(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void reaper_kill_now(const struct worker *worker)
{
    siginfo_t info;
    if (worker->pid <= 0)
        return;
    // A worker that can't be killed is not waited for: PR_SET_PDEATHSIG ends it with forklab.
    if (kill(worker->pid, SIGKILL) < 0)
        return;
    kill(-worker->pid, SIGKILL); // and what it may have left behind
    while (waitid(P_PID, (id_t)worker->pid, &info, WEXITED) < 0 && errno == EINTR)
        continue;
    // Orphans of its group are our children, as fork_prepare() made them.
    while (waitid(P_PGID, (id_t)worker->pid, &info, WEXITED) == 0 || errno == EINTR)
        continue;
}

// No callbacks: this runs when forklab ends early, and its state may be broken.
void reaper_kill_all(void)
{
    for (struct job *job = jobs_first(); job; job = job->next)
        for (size_t i = 0; i < job->count; i++)
            reaper_kill_now(job->workers[i]);
}
