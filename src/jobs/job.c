// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/job.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/must.h"
#include "base/slab.h"
#include "jobs/pipe.h"
#include "log/events.h"
#include "os/fork.h"
#include "jobs/inbox.h"
#include "jobs/results.h"
#include "os/loop.h"
#include "worker/workload.h"
#include "jobs/reaper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct job *jobs;
static struct slab job_records = {.size = sizeof(struct job)};
static struct slab worker_records = {.size = sizeof(struct worker)};
static uint32_t last_job;
static uint64_t last_worker; // counts every worker of the session, for the default names

struct job *jobs_first(void)
{
    return jobs;
}

struct job *jobs_find(uint32_t id)
{
    struct job *job = jobs;
    while (job && job->id != id)
        job = job->next;
    return job;
}

int jobs_cores(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); // there may be more than a set has room for
    return online > 0 ? (int)online : 1;
}

struct job *job_new(const char *title, const struct job_ops *ops, void *data)
{
    struct job *job = slab_take(&job_records);
    *job = (struct job){.id = ++last_job,
                        .title = must_strdup(title),
                        .ops = ops,
                        .data = data,
                        .started = clock_now()};
    struct job **place = &jobs;
    while (*place)
        place = &(*place)->next;
    *place = job;
    events_add(EVENT_JOB_STARTED, job->id, NO_WORKER, jobs_cores(), 0, title);
    return job;
}

// Finds or opens the channel for the next worker.
static struct pipe *job_channel_for(struct job *job, const struct assignment *assignment)
{
    if (assignment->own_pipe)
        return pipe_open(&inbox_ops, job, &job->failed_call);
    if (!job->shared)
        job->shared = pipe_open(&inbox_ops, job, &job->failed_call);
    return job->shared;
}

struct birth {
    struct self self;
    char name[WORKER_NAME_ROOM];
    const struct assignment *assignment;
};

static int job_be_born(void *data, const char *failed)
{
    struct birth *birth = data;
    int error = errno;
    die_set_last_words(NULL); // the parent's workers are not this process's to end
    workload_prepare(&birth->self);
    if (!fork_unblock_signals() && !failed) {
        failed = "sigprocmask";
        error = errno;
    }
    errno = error;
    if (failed) {
        report_failure(&birth->self, failed);
        return 1;
    }
    return birth->assignment->run(&birth->self, birth->assignment->argument);
}

// Opens the pipe for frames to the worker. False with errno.
static bool job_open_down(struct worker *worker, int down[2])
{
    struct job *job = worker->job;
    job->failed_call = "pipe2";
    int result = pipe2(down, O_CLOEXEC);
    events_call(
        job->id, worker->number,
        (struct event){
            .call = CALL_PIPE2, .a = down[0], .b = down[1], .error = result < 0 ? errno : 0});
    if (result < 0)
        return false;
    job->failed_call = "fcntl(O_NONBLOCK)";
    result = fcntl(down[1], F_SETFL, O_NONBLOCK);
    events_call(
        job->id, worker->number,
        (struct event){.call = CALL_NONBLOCK, .a = down[1], .error = result < 0 ? errno : 0});
    return result == 0;
}

static void job_close_logged(const struct worker *worker, int fd)
{
    int error = close(fd) < 0 ? errno : 0;
    events_call(worker->job->id, worker->number,
                (struct event){.call = CALL_CLOSE, .a = fd, .error = error});
}

// Makes a worker that was just forked one of the job's: from now on reaper_kill_all() finds it.
static void job_take_in(struct worker *worker, pid_t pid)
{
    struct job *job = worker->job;
    last_worker++;
    worker->pid = worker->shown_pid = pid;
    worker_enlist(worker);
    job->workers[job->count++] = worker;
    job->unfinished++;
    job_note_standing(job);
}

// Forks the worker, which reads from `down` if that is not -1, and takes it in. False with errno.
static bool job_fork(struct worker *worker, const struct assignment *assignment, int down)
{
    struct birth birth = {.self = assignment->self, .assignment = assignment};
    birth.self.number = worker->number;
    // The child can't read the worker, which is in memory that a fork leaves out.
    birth.self.name = memcpy(birth.name, worker->name, sizeof birth.name);
    worker->job->failed_call = "fork";
    fork_keep(assignment->keep, assignment->kept);
    pid_t pid = fork_worker(pipe_worker_end(worker->channel), down, job_be_born, &birth);
    if (pid > 0)
        job_take_in(worker, pid);
    int error = pid < 0 ? errno : 0;
    events_call(worker->job->id, worker->number,
                (struct event){.call = CALL_FORK, .a = pid, .error = error});
    errno = error;
    return pid > 0;
}

// Opens what the worker needs, forks it, and takes it in. False with errno, and nothing is left
// open.
static bool job_give_birth(struct worker *worker, const struct assignment *assignment)
{
    int down[2] = {-1, -1};
    worker->channel = job_channel_for(worker->job, assignment);
    if (!worker->channel)
        return false;
    if (assignment->down_pipe && !job_open_down(worker, down))
        goto err;
    if (!job_fork(worker, assignment, down[0]))
        goto err;
    worker->down_fd = down[1];
    if (down[0] >= 0)
        job_close_logged(worker, down[0]);
    if (assignment->own_pipe) {
        pipe_set_only(worker->channel, worker);
        pipe_close_worker_end(worker->channel);
    }
    return true;
err:;
    int error = errno;
    if (down[0] >= 0) {
        job_close_logged(worker, down[0]);
        job_close_logged(worker, down[1]);
    }
    if (assignment->own_pipe)
        pipe_close(worker->channel);
    errno = error;
    return false;
}

static void job_name_worker(struct worker *worker, const char *name)
{
    BUG_IF(name && strlen(name) >= sizeof worker->name);
    if (name)
        snprintf(worker->name, sizeof worker->name, "%s", name);
    else
        snprintf(worker->name, sizeof worker->name, "Process-%llu",
                 (unsigned long long)last_worker + 1);
}

struct worker *job_start(struct job *job, const struct assignment *assignment)
{
    if (job->count == job->room) {
        job->room = job->room ? job->room * 2 : 8;
        job->workers = must_realloc(job->workers, job->room, sizeof(struct worker *));
    }
    struct worker *worker = slab_take(&worker_records);
    *worker = (struct worker){.job = job,
                              .number = (uint32_t)job->count,
                              .daemon = assignment->daemon,
                              .own_pipe = assignment->own_pipe,
                              .exit_code = -1,
                              .exit_wanted = assignment->self.exit_status,
                              .forked = clock_now(),
                              .results = -1,
                              .down_fd = -1};
    job_name_worker(worker, assignment->name);
    if (!job_give_birth(worker, assignment)) {
        int error = errno;
        slab_give(&worker_records, worker);
        errno = error;
        return NULL;
    }
    events_add(EVENT_FORKED, job->id, worker->number, worker->pid, worker->daemon, worker->name);
    return worker;
}

// Writes of chunks are many: they are summed up by worker_log_writes().
static void job_note_write(struct worker *worker, const struct frame *frames, size_t count,
                           bool written)
{
    int64_t bytes = (int64_t)(count * sizeof *frames);
    if (written && frames->type == FRAME_CHUNK) {
        worker->writes++;
        worker->written += bytes;
        return;
    }
    worker_log_writes(worker);
    events_call(worker->job->id, worker->number,
                (struct event){.call = CALL_WRITE,
                               .a = worker->down_fd,
                               .b = bytes,
                               .text = frames->type == FRAME_STOP ? "stop" : NULL,
                               .error = written ? 0 : errno});
}

bool job_tell_all(struct worker *worker, struct frame *frames, size_t count)
{
    if (worker->down_fd < 0) {
        errno = EBADF;
        return false;
    }
    for (size_t i = 0; i < count; i++)
        frames[i].worker = worker->number;
    bool written = frame_write_all(worker->down_fd, frames, count);
    job_note_write(worker, frames, count, written);
    return written;
}

bool job_tell(struct worker *worker, enum frame_type type, int64_t a, int64_t b)
{
    struct frame frame = {.type = (uint16_t)type, .a = a, .b = b};
    return job_tell_all(worker, &frame, 1);
}

struct job_plan job_plan(const struct job *job)
{
    struct job_plan plan = {0};
    if (!job->done && job->ops->plan)
        job->ops->plan(job, &plan);
    return plan;
}

void job_note_standing(struct job *job)
{
    bool stands = job->unfinished > 0 && job->stopped == job->unfinished;
    if (stands == (job->standing_since > 0))
        return;
    job->stood = job_stood(job);
    job->standing_since = stands ? clock_now() : 0;
}

int64_t job_stood(const struct job *job)
{
    return job->stood + (job->standing_since > 0 ? clock_now() - job->standing_since : 0);
}

static enum outcome job_judge(const struct job *job)
{
    if (job->unwanted)
        return OUTCOME_CANCELLED;
    if (job->status != 0)
        return OUTCOME_FAILED;
    return job->cut_short ? OUTCOME_KILLED : OUTCOME_DONE;
}

void job_finish(struct job *job, int status)
{
    BUG_IF(job->done || job->unfinished > 0);
    job->done = true;
    job->status = status;
    job->outcome = job_judge(job);
    job->ended = clock_now();
    job->data = NULL;
    if (job->grace)
        loop_cancel(job->grace);
    job->grace = NULL;
    if (job->silence)
        loop_cancel(job->silence);
    job->silence = NULL;
    if (job->shared)
        pipe_close(job->shared);
    job->shared = NULL;
    events_add(EVENT_JOB_DONE, job->id, NO_WORKER, status, job->outcome, NULL);
    if (job->on_done)
        job->on_done(job);
}

static void job_forget(struct job *job)
{
    struct job **place = &jobs;
    while (*place != job)
        place = &(*place)->next;
    *place = job->next;
    for (size_t i = 0; i < job->count; i++) {
        if (job->workers[i]->pid > 0)
            worker_delist(job->workers[i]);
        slab_give(&worker_records, job->workers[i]);
    }
    results_drop(job->id);
    free(job->workers);
    free(job->title);
    slab_give(&job_records, job);
}

bool job_has_zombies(const struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        if (job->workers[i]->kernel == KERNEL_ZOMBIE)
            return true;
    return false;
}

// The youngest job and one with zombies stay, unless all go.
static bool job_may_go(const struct job *job, bool all)
{
    return job->done && (all || (job->next && !job_has_zombies(job)));
}

void jobs_forget(bool all)
{
    size_t kept = 0, workers = 0;
    for (struct job *job = jobs; job; job = job->next) {
        kept += job->done;
        workers += job->done ? job->count : 0;
    }
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        if (!all && kept <= JOBS_KEPT && workers <= WORKERS_KEPT)
            return;
        if (!job_may_go(job, all))
            continue;
        kept--;
        workers -= job->count;
        job_forget(job);
    }
}
