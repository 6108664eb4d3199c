// SPDX-License-Identifier: GPL-3.0-or-later
// One worker in the parent: what the kernel says of it and, apart from that, what it reports
// itself.
#ifndef FORKLAB_JOBS_WORKER_H
#define FORKLAB_JOBS_WORKER_H

#include "log/model.h"
#include "worker/report.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct pipe;
struct job;

// The kernel's word. A dead worker is a zombie until it is reaped.
enum kernel_state { KERNEL_RUNNING, KERNEL_STOPPED, KERNEL_ZOMBIE, KERNEL_REAPED };

struct worker {
    struct job *job;
    char name[WORKER_NAME_ROOM];
    uint32_t number; // in its job, counted from 0
    pid_t pid;       // -1 once reaped: the kernel may give the pid to another process
    pid_t shown_pid; // the pid it had, to be shown
    bool daemon;     // terminated at the end of the session instead of joined
    bool own_pipe;   // it reports through a pipe of its own, not its job's
    bool torn;       // it died within a frame
    bool lost;       // no more reports are read from it: pipe closed, or garbage in it
    bool deaf;       // writing to it failed with EPIPE
    enum event_kind lost_by;
    bool finished; // it is dead, and all of its frames are handled

    enum kernel_state kernel;
    uint32_t stops, conts; // how often it was stopped, and went on
    bool stop_asked;       // forklab sent it a stop signal, and has not seen it stop yet
    bool cont_asked;       // the same for SIGCONT
    bool stopped_outside;  // another program stopped it
    bool laddered;         // kill --ladder tells how it ends, and nothing else does
    int exit_code;         // once it is dead; -1 when a signal ended it
    int exit_signal;       // that signal, or 0
    int exit_wanted;       // the exit code that it was told to end with
    uint64_t ended_with; // the signals that it was sent in order to end it: bit N - 1 for signal N
    int64_t forked, died, cpu_ns;
    int64_t ready_ns; // once it is dead: what worker_ready() returns

    enum claim claim;
    int64_t progress;              // up to PROGRESS_WHOLE
    int64_t said_pid, said_parent; // as its hello said, or 0
    int64_t results;               // as its `done` frame said, or -1 while it has not
    struct pipe *channel;          // where it reports; NULL once that is closed
    int down_fd;                   // where it is told what to do; owned, -1 for none
    int64_t writes, written;       // frames and bytes written there that are not in the log yet
    char failed[96];               // a call that it, or forklab for it, could not make, and why
    int64_t kill_at;               // when SIGKILL follows, or 0
    int kills_failed;              // of those
    int64_t silent_until; // its pipe has ended: when it is lost, should it still live; or 0
    int64_t waits_since;  // when it said that it waits for an object; 0 while it does not
    bool in_circle;       // of workers that wait for each other, which was told
    void *place;          // the command's own
    struct worker *next_by_pid;
};

// Logs what was written to it and is not in the log yet.
void worker_log_writes(struct worker *worker);

// True until it is dead, by what has been collected so far; see worker_is_alive_now().
bool worker_lives(const struct worker *worker);

// Asks the kernel, now, whether it lives; nothing is reaped, and the question is logged. Needs a
// pid. Dies when the kernel knows no such child.
bool worker_is_alive_now(const struct worker *worker);

// Asks the kernel whether it is on its way out: no longer running its program, not yet a zombie. By
// the flag PF_EXITING in /proc/PID/stat (proc(5)), which is set before its pipes are closed. False,
// and nothing in `exiting`, when that can't be read.
bool worker_is_exiting(const struct worker *worker, bool *exiting);

// Whether it was stopped and still is: by /proc, or where that can't be read by what the kernel
// said last. Needs a pid.
bool worker_is_stopped_now(const struct worker *worker);

// Sends a signal to a living worker. 0, or the errno: ESRCH when it is dead already. Another
// failure is kept in `failed`, too: a job whose worker could not be signalled is no success.
int worker_signal(struct worker *worker, int number);

// The same for a signal that is to end it: worker_was_ended() tells whether it did. A stopped
// worker is continued after SIGTERM, so that it can act on it.
int worker_end(struct worker *worker, int number);

// Whether it ended, or is about to, because forklab or its user asked for that: killed by a signal
// of worker_end(), or exited after one. False for a lost worker: its end is a failure.
bool worker_was_ended(const struct worker *worker);

// Its state in a word or two: running, waiting, stopped, zombie, exited N, killed SIGNAL or lost.
void worker_state(const struct worker *worker, char *text, size_t size);

// Returns the name of the object that it waits for, "lock A", or NULL. Valid for a few calls.
const char *worker_waits_for(const struct worker *worker);

// Returns what the log's model has of it, or NULL when that knows nothing of it.
const struct model_worker *worker_in_model(const struct worker *worker);

// Whether it did all of its work and ended as it was told to, and how it ended otherwise: "was
// killed by SIGSEGV", "exited 1", "closed its pipe, and was ended". For one that is finished or
// lost.
bool worker_did_well(const struct worker *worker);
void worker_describe_end(const struct worker *worker, char *text, size_t size);

// How long it was ready to run and had no core, until now or until its end, in ns; -1 when the
// kernel does not say.
int64_t worker_ready(const struct worker *worker);

// CPU time used until now or until its end, in ns; 0 when that is not known.
int64_t worker_cpu(const struct worker *worker);

// Return the inode of the pipe that it reports through, or that its tasks come from; 0 when there
// is none (any more).
uint64_t worker_reports_inode(const struct worker *worker);
uint64_t worker_tasks_inode(const struct worker *worker);

// Finds the worker with that pid among those not yet reaped; NULL when there is none.
struct worker *worker_by_pid(pid_t pid);

// Enter and leave the table that worker_by_pid() looks into.
void worker_enlist(struct worker *worker);
void worker_delist(struct worker *worker);

#endif
