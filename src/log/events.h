// SPDX-License-Identifier: GPL-3.0-or-later
// The log of all that happened: what forklab did, what workers reported, what the kernel said. What
// kinds of events there are, and what they hold, stands in events.def.
#ifndef FORKLAB_LOG_EVENTS_H
#define FORKLAB_LOG_EVENTS_H

#include <stddef.h>
#include <stdint.h>

// EVENT_JOB_STARTED and all others, and their number.
enum event_kind {
#define EVENT(kind, ...) EVENT_##kind,
#define SYSTEM_CALL(...)
#include "log/events.def"
#undef EVENT
#undef SYSTEM_CALL
    EVENT_KINDS
};

// The system calls of EVENT_CALL: CALL_PIPE2 and all others, and their number.
enum system_call {
#define EVENT(...)
#define SYSTEM_CALL(call, ...) CALL_##call,
#include "log/events.def"
#undef EVENT
#undef SYSTEM_CALL
    CALL_END
};

// What a worker says that it is doing (EVENT_CLAIMED), and the progress of one that has done
// everything.
enum claim { CLAIM_STARTING, CLAIM_WORKING, CLAIM_AT_BARRIER, CLAIM_AT_LOCK, CLAIM_DONE };
#define PROGRESS_WHOLE 10000

// Why a wait has ended without the object (EVENT_GOES_ON).
enum went_on { WENT_ON_WOKEN, WENT_ON_TIMED_OUT, WENT_ON_BROKEN };

// In the place of a worker's number: no worker, and some worker that can't be named.
#define OWNER_NONE    (-1)
#define OWNER_UNKNOWN (-2)

// The answer of waitid(2) in one number: siginfo_t's si_code and si_status, or 0 for "no change".
#define WAIT_ANSWER(code, status) ((int64_t)(code)*256 + (status))
#define WAIT_CODE(answer)         ((int)((answer) / 256))
#define WAIT_STATUS(answer)       ((int)((answer) % 256))

#define NO_WORKER UINT32_MAX
#define NO_OBJECT 0

struct event {
    int64_t time; // monotonic ns: when forklab did it, or learned of it
    int64_t a, b, c;
    const char *text;      // owned by the log, or NULL
    uint64_t texts_before; // the log's own: bytes of text that came before it
    uint32_t job;
    uint32_t worker; // number in its job, or NO_WORKER
    enum event_kind kind : 8;
    enum system_call call : 8; // of EVENT_CALL
    uint16_t object;           // number in its job, from 1 on, or NO_OBJECT
    int error;                 // of EVENT_CALL: its errno, or 0
};

_Static_assert(sizeof(struct event) == 64, "an event is a line of the processor's cache");

// How many events the log keeps at most, in 2 MiB, and with them 1 MiB of texts; older ones are
// dropped, and counted.
#define EVENTS_KEPT 32768

// Bytes of a text that are kept: as many as a frame brings.
#define EVENT_TEXT_MOST 4096

// Appends an event of now that is about no object; `text` is copied, cut to EVENT_TEXT_MOST. Then
// tells the listener. Dies when there is no memory for the log.
void events_add(enum event_kind kind, uint32_t job, uint32_t worker, int64_t a, int64_t b,
                const char *text);

// The same for an `event` that has more to tell; its time is set.
void events_log(const struct event *event);

// Appends a system call that was just made for a worker of a job, or for all of it (NO_WORKER);
// `made` gives all but time, kind, job and worker. A `c` of 0 counts as 1. Leaves errno as it is.
void events_call(uint32_t job, uint32_t worker, struct event made);

// Sets the one function that is called with every event as it is added. It must not add events.
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
