// SPDX-License-Identifier: GPL-3.0-or-later
// Workers, objects, states and ends in words: each of them once.
#ifndef FORKLAB_LOG_DESCRIBE_H
#define FORKLAB_LOG_DESCRIBE_H

#include "log/past.h"
#include "log/model.h"

#include <stddef.h>
#include <stdint.h>

// Return the name of a worker and of an object, safe to show, or words in their place: "a worker",
// "lock A", "the queue" for an object whose name is one word. `job` may be NULL. Valid for a few
// calls.
const char *describe_worker(const struct model_job *job, int64_t number);
const char *describe_object(const struct model_job *job, uint16_t number);

// Returns an object's name without an article, for tables.
const char *describe_object_name(const struct model_job *job, uint16_t number);

// Return "running", "waiting", ... for a state, and "exited" and "killed" alone.
const char *describe_state_word(enum state state);

// Write a worker's state: running, waiting, stopped, zombie, exited N, killed SIGNAL or lost; and
// how it ended: "exited 0", "killed SIGTERM".
void describe_state(const struct model_worker *worker, char *text, size_t size);
void describe_exit(int64_t code, int64_t signal, char *text, size_t size);

// Writes what a worker does: "working", "waiting for lock A", "holding queue".
void describe_activity(const struct model_job *job, enum activity activity, uint16_t object,
                       char *text, size_t size);

// Writes the name of a lane, safe to show, into `text`: "#3" for a worker whose name was dropped.
void describe_lane(const struct lane *lane, char *text, size_t size);

// Writes how many workers the job had, how long it took, and how it ended: "2 workers, 0.11 s,
// done". A job whose origin is not known has only its last part told: "its last 0.11 s".
void describe_summary(const struct past *past, char *text, size_t size);

// Writes what the log has dropped, as a sentence without an end; "" when it has dropped nothing.
void describe_dropped(const struct past *past, char *text, size_t size);

#endif
