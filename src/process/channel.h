// SPDX-License-Identifier: GPL-3.0-or-later
// The REPL's end of a pipe through which workers report: one worker's own, or shared by a whole job.
#ifndef FORKLAB_PROCESS_CHANNEL_H
#define FORKLAB_PROCESS_CHANNEL_H

#include "process/events.h"
#include "process/frame.h"

#include <stdbool.h>

struct channel;
struct worker;

// What a channel tells its job.
struct channel_ops {
    void (*frame)(void *job, struct channel *channel, const struct frame *frame, const void *block);
    void (*heard)(void *job, struct channel *channel);   // all frames that one read has brought
    void (*garbage)(void *job, struct channel *channel); // and nothing after it is read
    void (*ended)(void *job, struct channel *channel);   // nobody holds the other end any more
    // It made a system call; `made` has all but job and worker. May be NULL.
    void (*called)(void *job, const struct channel *channel, struct event made);
};

// Opens a pipe and watches it. NULL with errno, and the failed call's name in `call`.
struct channel *channel_open(const struct channel_ops *ops, void *job, const char **call);

// Names the one worker that reports through it; there is none, NULL, while a job's workers share it.
void channel_set_only(struct channel *channel, struct worker *only);
struct worker *channel_only(const struct channel *channel);

// Returns the end for the workers. The channel owns it.
int channel_worker_end(const struct channel *channel);

// Returns the REPL's own end. The channel owns it.
int channel_fd(const struct channel *channel);

// Closes the workers' end here: from now on only workers hold it.
void channel_close_worker_end(struct channel *channel);

// Reads all that was written before this call, and makes its calls. For the words of the dead.
void channel_drain(struct channel *channel);

// True when someone still holds the other end. Reads nothing.
bool channel_is_held(const struct channel *channel);

// True while part of a frame has come and not the rest.
bool channel_is_within_frame(const struct channel *channel);

// Closes what is open of it, logs what was read, and frees it. Its job hears nothing of that.
void channel_close(struct channel *channel);

#endif
