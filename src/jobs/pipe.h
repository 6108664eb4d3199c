// SPDX-License-Identifier: GPL-3.0-or-later
// The parent's end of a pipe through which workers report: one worker's own, or shared by a whole
// job.
#ifndef FORKLAB_JOBS_PIPE_H
#define FORKLAB_JOBS_PIPE_H

#include "log/events.h"
#include "worker/frame.h"

#include <stdbool.h>

struct pipe;
struct worker;

// Callbacks of a pipe; `job` is what pipe_open() was given.
struct pipe_ops {
    void (*frame)(void *job, struct pipe *channel, const struct frame *frame, const void *block);
    void (*heard)(void *job, struct pipe *channel);   // all frames that one read has brought
    void (*garbage)(void *job, struct pipe *channel); // and nothing after it is read
    void (*ended)(void *job, struct pipe *channel);   // no process holds the other end any more
    // It made a system call; `made` has all but job and worker. May be NULL.
    void (*called)(void *job, const struct pipe *channel, struct event made);
};

// Opens a pipe and watches it. NULL with errno, and the failed call's name in `call`.
struct pipe *pipe_open(const struct pipe_ops *ops, void *job, const char **call);

// Names the one worker that reports through it; there is none, NULL, while a job's workers share
// it.
void pipe_set_only(struct pipe *channel, struct worker *only);
struct worker *pipe_only(const struct pipe *channel);

// Returns the workers' end. The pipe owns it.
int pipe_worker_end(const struct pipe *channel);

// Returns the parent's end. The pipe owns it.
int pipe_fd(const struct pipe *channel);

// Closes the workers' end here: from now on only workers hold it.
void pipe_close_worker_end(struct pipe *channel);

// Reads all that was written before this call, and makes the callbacks: for the last frames of a
// dead worker.
void pipe_drain(struct pipe *channel);

// True while a process still holds the other end. Reads nothing.
bool pipe_is_held(const struct pipe *channel);

// True while part of a frame has come and not the rest.
bool pipe_is_within_frame(const struct pipe *channel);

// Closes what is open of it, logs what was read, and frees it. No callback but `called` is made.
void pipe_close(struct pipe *channel);

#endif
