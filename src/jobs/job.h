// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs: the workers of one command, from the first fork to the end of the last.
#ifndef FORKLAB_JOBS_JOB_H
#define FORKLAB_JOBS_JOB_H

#include "jobs/worker.h"
#include "os/fork.h"
#include "log/outcome.h"
#include "worker/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What of a job has not been started yet.
struct job_plan {
    int64_t starting;  // workers of the start that is under way, forked in turns of the loop
    int64_t following; // workers that are started later by design, when one before them has ended
    int64_t replacing; // workers in whose place others would be started, were they killed
};

// What a command learns about its job. Any may be NULL. Each is called with the job as the speaker
// (speaker_set()).
struct job_ops {
    // A worker reported something; `block` has frame->length bytes. False when it can't be true,
    // which is taken as garbage.
    bool (*frame)(struct worker *worker, const struct frame *frame, const void *block);
    // All that one read brought from a worker with a pipe of its own has been passed on: the moment
    // to answer it all at once.
    void (*heard)(struct worker *worker);
    // A living worker has closed its pipe or sent garbage. It is being ended.
    void (*lost)(struct worker *worker);
    // A worker is dead, and all of its frames were passed on.
    void (*ended)(struct worker *worker);
    // A worker was stopped.
    void (*stopped)(struct worker *worker);
    // All workers are being ended. What ended() does must now not start any more.
    void (*cancelled)(struct job *job);
    // What is still to be started; `plan` is all 0 before.
    void (*plan)(const struct job *job, struct job_plan *plan);
};

struct job {
    uint32_t id;
    char *title; // the command as typed
    const struct job_ops *ops;
    void *data; // the command's own, as long as the job is not done
    struct worker **workers;
    size_t count, room;
    size_t unfinished;     // workers that have not finished
    size_t stopped;        // of those
    size_t first_alive;    // no worker before this one lives
    uint16_t objects;      // that its workers share, numbered from 1
    uint32_t counted_from; // the number of its first worker, as it prints and --which counts them
    bool daemon;           // all its workers are daemons
    bool cancelled;        // all its workers are being ended, for whatever reason
    bool unwanted;         // for the reason that its user asked for its end
    bool cut_short;        // a worker was ended by its user before its work was done
    bool done;
    int status;           // once it is done: 0 or what the command failed with
    enum outcome outcome; // once it is done
    int64_t started, ended;
    int64_t deadline;              // when it ends by itself at the latest, or 0
    int64_t stood, standing_since; // how long it has, but since then, if that is not 0
    bool replaces;                 // workers that die, so that their deaths are no failures
    struct pipe *shared;
    const char *failed_call; // of a job_start() that failed
    struct timer *grace;
    struct timer *silence;
    void (*on_done)(struct job *job); // called by job_finish()
    void *owner;                      // for on_done: the struct call
    struct job *next;
};

// What one worker is to be.
struct assignment {
    const char *name; // NULL for Process-N
    bool daemon;
    bool own_pipe;  // for one that is not to be trusted, or sends more than FRAME_ATOMIC bytes
    bool down_pipe; // it gets frames, too
    int keep[FORK_KEPT_MOST]; // as fork_keep()
    size_t kept;
    struct self self;
    int (*run)(const struct self *self, const void *argument);
    const void *argument; // the child sees it as it is at the fork
};

// Begins a job that has no workers yet. Jobs live until they are forgotten, after they are done.
struct job *job_new(const char *title, const struct job_ops *ops, void *data);

// Forks one worker. NULL with errno, and job->failed_call names what failed; nothing is left of it.
struct worker *job_start(struct job *job, const struct assignment *assignment);

// Sends a frame down to a worker. False with errno when that fails: EPIPE once the worker has
// closed its pipe.
bool job_tell(struct worker *worker, enum frame_type type, int64_t a, int64_t b);

// The same for up to FRAMES_ATOMIC frames of one type, in one write. Type, `a` and `b` are the
// caller's, the rest is filled in.
bool job_tell_all(struct worker *worker, struct frame *frames, size_t count);

// Returns what of the job is still to be started.
struct job_plan job_plan(const struct job *job);

// Notes that a worker was stopped, went on, ended or was started: a job stands while all its
// workers are stopped.
void job_note_standing(struct job *job);

// Returns how long it has stood in all, ns.
int64_t job_stood(const struct job *job);

// Ends the job: all its workers have finished. Its outcome is made of the status and of what was
// asked of it. Calls on_done.
void job_finish(struct job *job, int status);

// All jobs, oldest first: for (job = jobs_first(); job; job = job->next). jobs_find() is NULL where
// there is none of that number.
struct job *jobs_first(void);
struct job *jobs_find(uint32_t id);

// Whether any of its workers is dead and not reaped.
bool job_has_zombies(const struct job *job);

// The cores that forklab and its workers may run on.
int jobs_cores(void);

// Forgets the oldest done jobs while many are kept; with `all`, every done job.
void jobs_forget(bool all);

#endif
