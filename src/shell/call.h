// SPDX-License-Identifier: GPL-3.0-or-later
// One command being carried out, from its checked arguments to its status.
#ifndef FORKLAB_SHELL_CALL_H
#define FORKLAB_SHELL_CALL_H

#include "jobs/job.h"
#include "shell/command.h"
#include "view/progress.h"

#include <stdarg.h>
#include <stdbool.h>

// What a pending call can do. Any may be NULL.
struct call_ops {
    // Ctrl-C, or the end of the session: it is to end soon and call call_finish().
    void (*interrupt)(struct call *call);
    // Something ended, stopped or went on in some job: what it waits for may have come.
    void (*changed)(struct call *call);
    // How far it is; for the bar.
    void (*progress)(const struct call *call, struct progress *progress);
    // Frees `state`.
    void (*free)(struct call *call);
};

struct call {
    const struct command *command;
    void *args;   // the command's own struct, from its words
    char **words; // what `args` points into: the command's name and what stands behind it
    size_t word_count;
    char *text;  // as typed, without the '&'
    char *place; // "FILE:LINE: " for messages, or ""
    bool background;
    bool meant_to_fail; // behind '!'
    bool failed;        // it has said what went wrong
    bool interrupted;
    bool cancelled;         // it was ended by !cancel, and has failed
    bool finished;          // it has ended, and is not freed yet
    int64_t interrupted_at; // the first time
    // How, when it was ended early and that is no failure: "cancelled", or "ended with the session"
    // where its workers are daemons; else NULL.
    const char *dismissed;
    struct job *job; // the one that it started, or NULL
    void *state;     // the command's own, while it is pending
    const struct call_ops *ops;
    int64_t started;
    struct call *next; // of those that are to be freed
};

// Says what went wrong: "error: COMMAND: MESSAGE". Returns STATUS_FAILED, for run() to return.
int call_fail(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Says what went wrong and is no failure: "warning: COMMAND: MESSAGE".
void call_warn(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The same as call_fail() for wrong arguments: behind the message stands how the command is used.
// Returns STATUS_MISUSE.
int call_misuse(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same for a mistake that its usage would not explain. Returns STATUS_MISUSE.
int call_refuse(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Adds a summary line, "=> ...", unless the session is quiet; a terminal shows it broken between
// words.
void call_summary(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Begins a job for this call; call_finish() follows from job_finish().
struct job *call_job(struct call *call, const struct job_ops *ops, void *data);

// Ends a pending call: once. It is freed in a later turn of the loop, when none of its functions is
// running; none of its timers may fire until then.
void call_finish(struct call *call, int status);

// Returns what its end counts as: of one that is meant to fail, success if it failed, and a
// failure, which it tells, if it did not.
int call_outcome(struct call *call, int status);

// Frees the call and all that is its own; its job, if it has one, stays.
void call_free(struct call *call);

// Returns the command in front, which all others wait for, or NULL.
struct call *call_front(void);

// Cancels a running job: it is to end, and no failure.
void call_cancel(struct job *job);

// Asks it to end soon; there must be one.
void call_interrupt(void);

// Marks what is printed while it is the job's turn (speaker_set()), in the background with its
// number.
void call_mark_output(const struct job *job);

// Cancels it, which makes it fail: for a line of !cancel.
void call_cancel_front(void);

// Sends it to the background, or says why it can't go.
void call_to_background(void);

// Makes it the one in front; of one from the background, in the place of the command that asks for
// it.
void call_to_front(struct call *call);

// Returns the worst status of all commands so far.
int call_worst(void);

// Frees the calls that have ended. Nothing may be running that still knows one.
void call_free_finished(void);

// Ends its being in front, if it is.
void call_leave_front(const struct call *call);

// Counts a status among all statuses so far; the second is for what was in front: it counts for the
// line, too, and drops what was to follow a command that failed, unless the session keeps going.
void call_note_status(int status);
void call_settle(int status);

// Returns the status that a command's own becomes where something ended it.
int call_status(const struct call *call, int status);

#endif
