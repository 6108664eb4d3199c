// SPDX-License-Identifier: GPL-3.0-or-later
// What several unit tests need: children that check things, and a session with a loop and jobs.
#ifndef FORKLAB_TESTS_UNIT_HELP_H
#define FORKLAB_TESTS_UNIT_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "log/events.h"
#include "jobs/job.h"

#include <stdbool.h>

// Runs body(data) in a child, under an alarm, and returns waitpid's status: 0 when it returned.
int status_of(void (*body)(void *data), void *data);

// In such a child, where cmocka's own checks would go on with the parent's tests.
void must_be(bool so, const char *file, int line, const char *what);
#define MUST(condition) must_be(condition, __FILE__, __LINE__, #condition)

// Reads until the end of `fd`, closes it, and returns the number of bytes.
size_t read_all(int fd, char *bytes, size_t room);

// The objects of made-up logs of a barrier: the one that events of this kind are about, or NO_OBJECT.
enum { THE_BARRIER = 1, THE_LOCK = 2 };
uint16_t object_of(enum event_kind kind, int64_t a);

// Adds an event to the log as if it had happened at `event.time`.
void log_at(struct event event);

// Logs at `time` that job 1 has these two objects.
void log_objects(int64_t time);

// Returns a pseudo-random number from 0 to `below` - 1, and moves `seed` on.
int64_t pick(uint64_t *seed, int64_t below);

// The calls noted since the test emptied this: a letter for each, in order.
extern char calls[64];

// A loop_fn that notes its data, which letter() makes of one letter.
void note(void *letter);
void *letter(const char *text);

// Setup and teardown: a loop that hears of children, and no job left afterwards.
int open_session(void **state);
int close_session(void **state);
#define IN_SESSION(test) cmocka_unit_test_setup_teardown(test, open_session, close_session)

// What a job of begin_job() was told.
struct heard {
    size_t frames, lost, ended, cancelled;
    size_t ended_undone; // before the worker's `done` was heard
    struct frame last;
    bool doubts; // takes every frame for a lie
};

// For a test whose workers crash: cmocka would report that as a crash of the test.
void take_crashes_as_they_are(void);

struct job *begin_job(struct heard *heard);

// Starts a worker, on the job's shared pipe or on its own.
struct worker *start(struct job *job, bool own_pipe, int (*run)(const struct self *, const void *));

// Runs the loop until nobody in the job is unfinished.
void finish(struct job *job);

// Runs the loop until `count` events of `kind` are in the log for the job.
void turn_until(struct job *job, enum event_kind kind, size_t count);

size_t count_events(const struct job *job, enum event_kind kind);

// The first such event of the job, or NULL.
const struct event *find_event(const struct job *job, enum event_kind kind);

// Until a signal ends the process.
_Noreturn void wait_for_ever(void);

// Workers' lives: says hello and that it is done; says hello and waits for a signal.
int end_at_once(const struct self *self, const void *argument);
int wait_for_signal(const struct self *self, const void *argument);

#endif
