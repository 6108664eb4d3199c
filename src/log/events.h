// SPDX-License-Identifier: GPL-3.0-or-later
// The log of all that happened: what forklab did, what workers reported, what the kernel said.
#ifndef FORKLAB_LOG_EVENTS_H
#define FORKLAB_LOG_EVENTS_H

#include <stddef.h>
#include <stdint.h>

// What `a`, `b`, `c` and `text` hold stands behind each kind.
enum event_kind {
    EVENT_JOB_STARTED, // a: the cores there are; text: the command as typed
    EVENT_JOB_DONE,    // a: its status; b: enum outcome
    EVENT_FORKED,      // a: pid; b: 1 for a daemon; text: name
    EVENT_HELLO,       // a: the pid and b: the parent's pid, as the worker sees them
    EVENT_CLAIMED,     // a: enum claim; b: progress
    EVENT_ARRIVED,     // a: round; b: how many meet at the barrier
    EVENT_PASSED,      // a: round; b: wall time, ns
    EVENT_RELEASED,    // a: round; worker: NO_WORKER
    EVENT_BROKEN,      // a: number of the worker that is to blame, or -1; worker: NO_WORKER
    EVENT_LOCKED,      // a: number of the worker that died with the lock, -1 for none, -2 for some
    EVENT_OUTPUT,      // text: the line
    EVENT_DEALT,       // a: first task; b: number of tasks
    EVENT_RESULTS,     // a: first task; b: number of tasks
    EVENT_TASK_LOST, // a: first task; b: number of tasks; worker: the last it killed, or NO_WORKER
    EVENT_FAILED,    // a: errno; text: the call and its errno's text, as the worker told
    EVENT_WORK_DONE, // a: number of results
    EVENT_SIGNALLED, // a: signal; b: 0 or errno
    EVENT_STOPPED,   // a: signal
    EVENT_CONTINUED, //
    EVENT_PIPE_CLOSED, // while the worker lives
    EVENT_GARBAGE,     //
    EVENT_TORN,        //
    EVENT_ORPHAN,      // a process that the worker left behind held its pipe, and was killed
    EVENT_DIED,        // a: exit code, or -1; b: signal, or 0; c: CPU time, ns
    EVENT_REAPED,      //
    EVENT_MAIN_ENDED,  // the main program: the job's daemons are terminated; worker: NO_WORKER
    EVENT_CALL,        // a system call of forklab's; see enum system_call
};

// The system calls that are logged, and what `a`, `b` and `text` hold for each. `error` is the
// errno of one that failed. Reads, and writes of chunks, are many: those of one descriptor are
// summed up, and `c` is how many they were. They are logged before anything else about the
// descriptor is: its end, another kind of write, its close. For all other calls `c` is 1.
enum system_call {
    CALL_PIPE2,        // a: the end to read from; b: the end to write to
    CALL_NONBLOCK,     // fcntl(F_SETFL, O_NONBLOCK); a: descriptor
    CALL_EPOLL_ADD,    // a: descriptor
    CALL_EPOLL_DELETE, // a: descriptor
    CALL_MMAP,         // a: bytes; b: 1 for memory shared with the workers; text: what for
    CALL_FORK,         // a: pid
    CALL_CLOSE,        // a: descriptor
    CALL_READ,         // a: descriptor; b: bytes, 0 at the end of the pipe
    CALL_WRITE,        // a: descriptor; b: bytes; text: what was written, or NULL for chunks
    CALL_KILL,         // a: pid, or a process group as a negative number; b: signal
    CALL_LOOK,         // waitid(WNOWAIT), which leaves a zombie; a: pid; b: the answer
    CALL_REAP,         // waitid(), which takes what it tells; a: pid; b: the answer
    CALL_FUTEX_WAKE,   // a: processes woken
    CALL_END           // their number
};

// The answer of waitid(2) in one number: siginfo_t's si_code and si_status, or 0 for "no change".
#define WAIT_ANSWER(code, status) ((int64_t)(code)*256 + (status))
#define WAIT_CODE(answer)         ((int)((answer) / 256))
#define WAIT_STATUS(answer)       ((int)((answer) % 256))

#define NO_WORKER UINT32_MAX

// The objects that the workers of a job share are numbered from 1.
#define NO_OBJECT 0

// Where a worker's number is expected and none is meant, or it is not known which.
#define OWNER_NONE    (-1)
#define OWNER_UNKNOWN (-2)

// Why a worker waits no more for an object.
enum went_on { WENT_ON_WOKEN, WENT_ON_TIMED_OUT, WENT_ON_BROKEN };

// Returns the word for a kind in everything that is exported: "forked", "arrived", "died".
const char *events_name(enum event_kind kind);

// Return what `a` and `b` are called there, "exit_code" and "signal", or NULL when they mean
// nothing or only repeat the worker's name and pid.
const char *events_a_name(enum event_kind kind);
const char *events_b_name(enum event_kind kind);

// Return the name of a system call, "waitid", and what its `a` and `b` are called; NULL when they
// mean nothing.
const char *events_call_name(enum system_call call);
const char *events_call_a_name(enum system_call call);
const char *events_call_b_name(enum system_call call);

struct event {
    int64_t time; // monotonic ns: when forklab did it, or heard of it
    int64_t a, b, c;
    const char *text;      // owned by the log, or NULL
    uint64_t texts_before; // the log's own: bytes of text that came before it
    uint32_t job;
    uint32_t worker; // number in its job, or NO_WORKER
    enum event_kind kind : 8;
    enum system_call call : 8; // of EVENT_CALL
    int error;                 // of EVENT_CALL: its errno, or 0
};

// How many events the log keeps at most, in 2 MiB, and with them 1 MiB of texts; older ones are
// dropped, and counted.
#define EVENTS_KEPT 32768

// Bytes of a text that are kept: as many as a frame brings.
#define EVENT_TEXT_MOST 4096

// Appends an event of now; `text` is copied, cut to EVENT_TEXT_MOST. Then tells the listener. Dies
// when there is no memory for the log.
void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text);

// The same for an `event` that has more to tell; its time is set.
void events_log(const struct event *event);

// Appends a system call that was just made for a worker of a job, or for all of it (NO_WORKER);
// `made` gives all but time, kind, job and worker. A `c` of 0 counts as 1. Leaves errno as it is.
void events_call(uint32_t job, uint32_t worker, struct event made);

// Names the one function that hears of every event as it is added. It must not add events.
void events_set_listener(void (*listener)(const struct event *event));

// The events kept are numbered from events_first() to events_end() - 1, over the whole session; the
// first ones were dropped when events_first() is not 0.
uint64_t events_first(void);
uint64_t events_end(void);

// Returns the time of the session's first event, whether it is still kept or not; 0 before there is
// one.
int64_t events_origin(void);

// Returns event `number`, valid until the next one is added.
const struct event *events_get(uint64_t number);

// Drops all events, and gives the memory back.
void events_free(void);

#endif
