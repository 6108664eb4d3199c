// SPDX-License-Identifier: GPL-3.0-or-later
// The log of all that happened: what forklab did, what workers reported, what the kernel said.
#ifndef FORKLAB_PROCESS_EVENTS_H
#define FORKLAB_PROCESS_EVENTS_H

#include <stddef.h>
#include <stdint.h>

// What `a`, `b` and `text` hold stands behind each kind.
enum event_kind {
    EVENT_JOB_STARTED, // text: the command as typed
    EVENT_JOB_DONE,    // a: its status
    EVENT_FORKED,      // a: pid; text: name
    EVENT_HELLO,       // a: the pid and b: the parent's pid, as the worker sees them
    EVENT_CLAIMED,     // a: enum claim; b: progress
    EVENT_ARRIVED,     // a: round; b: how many meet at the barrier
    EVENT_PASSED,      // a: round; b: wall time, ns
    EVENT_RELEASED,    // a: round; worker: NO_WORKER
    EVENT_BROKEN,      // a: number of the worker that is to blame, or -1; worker: NO_WORKER
    EVENT_LOCKED,      // a: number of the worker that died with the lock, or -1
    EVENT_OUTPUT,      // text: the line
    EVENT_DEALT,       // a: first task; b: number of tasks
    EVENT_RESULTS,     // a: first task; b: number of tasks
    EVENT_TASK_LOST,   // a: task; worker: NO_WORKER
    EVENT_FAILED,      // a: errno; text: the call and its errno's text, as the worker told
    EVENT_WORK_DONE,   // a: number of results
    EVENT_SIGNALLED,   // a: signal; b: 0 or errno
    EVENT_STOPPED,     // a: signal
    EVENT_CONTINUED,   //
    EVENT_PIPE_CLOSED, // while the worker lives
    EVENT_GARBAGE,     //
    EVENT_TORN,        //
    EVENT_ORPHAN,      // a process that the worker left behind held its pipe, and was killed
    EVENT_DIED,        // a: exit code, or -1; b: signal, or 0
    EVENT_REAPED,      //
};

#define NO_WORKER UINT32_MAX

// Returns the word for a kind in everything that is exported: "forked", "arrived", "died".
const char *event_name(enum event_kind kind);

// Return what `a` and `b` are called there, "exit_code" and "signal", or NULL when they mean nothing
// or only repeat the worker's name and pid.
const char *event_a_name(enum event_kind kind);
const char *event_b_name(enum event_kind kind);

struct event {
    int64_t time; // monotonic ns
    int64_t a, b;
    char *text; // owned by the log, or NULL
    uint32_t job;
    uint32_t worker; // number in its job, or NO_WORKER
    enum event_kind kind;
};

// How many events the log keeps; older ones are dropped, and counted.
#define EVENTS_KEPT 65536

// Appends an event of now; `text` is copied. Then tells the listener.
void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text);

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

void events_free(void);

#endif
