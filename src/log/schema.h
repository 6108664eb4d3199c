// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of events.def as data: what kinds of events there are, what they hold, and what they
// mean.
#ifndef FORKLAB_LOG_SCHEMA_H
#define FORKLAB_LOG_SCHEMA_H

#include "log/events.h"

#include <stdbool.h>

// What one of an event's numbers is. Those without a comment are exported as the number that they
// are.
enum field_type {
    FIELD_NONE,
    FIELD_UNTOLD, // not exported
    FIELD_NUMBER,
    FIELD_CLAIM,      // an enum claim, as a word
    FIELD_PROGRESS,   // from 0 to 1
    FIELD_SIGNAL,     // and its name
    FIELD_END_SIGNAL, // the same, if a signal ended the worker; else not at all
    FIELD_EXIT,       // negative for the signal in the next field
    FIELD_CPU,        // ns
    FIELD_ERRNO,
    FIELD_OWNER,   // a worker's number, or OWNER_NONE or OWNER_UNKNOWN
    FIELD_WENT_ON, // an enum went_on, as a word
    FIELD_OUTCOME, // an enum outcome, as a word
    FIELD_ANSWER,  // of waitid(2): words
    FIELD_WALL,    // wall clock, in two parts that a double holds: wall_s and wall_ns
};

struct field {
    enum field_type type;
    const char *name; // in exports; NULL for what is not exported
};

enum speaker { SPEAKER_FORKLAB, SPEAKER_KERNEL, SPEAKER_WORKER };

// What pictures draw at the moment of an event.
enum sign { SIGN_NOT, SIGN_RELEASE, SIGN_BREAK, SIGN_SIGNAL, SIGN_DEATH, SIGN_LOSS, SIGN_WAKE };

// What the model makes of an event.
enum effect {
    EFFECT_NONE,
    EFFECT_JOB_BEGINS,
    EFFECT_JOB_ENDS,
    EFFECT_BEGIN,    // a worker is there
    EFFECT_GREET,    // it runs
    EFFECT_CLAIM,    // it says what it does
    EFFECT_FINISH,   // it has done its work
    EFFECT_DEAL,     // it has tasks
    EFFECT_RESULTS,  // it has done some
    EFFECT_OBJECT,   // an object is there
    EFFECT_WAIT,     // it waits for the object
    EFFECT_MEET,     // the same, until `b` workers do
    EFFECT_GO_ON,    // it waits no more
    EFFECT_HOLD,     // it has the object
    EFFECT_SIGN,     // the same, until it does something else
    EFFECT_DROP,     // it lets the object go
    EFFECT_VALUE,    // the object's value is another
    EFFECT_WAKE_ALL, // all that wait for the object go on
    EFFECT_BREAK,    // the same, and no worker waits for it any more
    EFFECT_STOP,
    EFFECT_CONTINUE,
    EFFECT_LOSE, // its pipe is closed, or it sent garbage
    EFFECT_DIE,
    EFFECT_REAP,
};

struct schema_kind {
    const char *name; // in exports
    enum speaker speaker;
    struct field a, b, c;
    const char *words, *mark; // sentences with places; `mark` may be NULL
    enum sign sign;
    enum effect effect;
};

// Returns what is known of a kind of events; and of a system call, whose `words` are the call with
// its arguments and whose `mark` is the result.
const struct schema_kind *schema_of(enum event_kind kind);
const struct schema_kind *schema_of_call(enum system_call call);

// Returns the one of them that names an event's fields: for EVENT_CALL that of the call.
const struct schema_kind *schema_of_event(const struct event *event);

// Return the word for an enum claim and an enum went_on in exports; "?" for any other number.
const char *schema_claim(int64_t claim);
const char *schema_went_on(int64_t why);

// Returns the word for an answer of waitid(2) in exports: "no_change", "exited", "killed",
// "stopped" or "continued".
const char *schema_answer(int64_t answer);

// Returns the exit code of an event that has one: negative for the signal that ended the worker.
int64_t schema_exit(const struct event *event);

// Returns what pictures draw for an event; a signal that could not be sent and an exit have no
// sign.
enum sign schema_sign(const struct event *event);

// Whether the condition holds that a sentence begins with, {?b}, or there is none; moves `sentence`
// on behind it.
bool schema_holds(const struct event *event, const char **sentence);

// Whether pictures mark the moment of an event.
bool schema_is_mark(const struct event *event);

#endif
