// SPDX-License-Identifier: GPL-3.0-or-later
// One job's part of the log, for those who tell about it.
#ifndef FORKLAB_VIEW_STORY_H
#define FORKLAB_VIEW_STORY_H

#include "log/events.h"
#include "view/known.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An index into the story that stands for "it did not happen".
#define NEVER SIZE_MAX

// A worker, as the log introduces it, and when it was through, died, and was reaped.
struct person {
    char *name; // NULL when the log has dropped it
    int64_t pid;
    bool daemon;
    size_t done, died, reaped; // indices, or NEVER
};

// All zero is its start; story_free() releases it. The events stay where they are, so the story of
// a log lasts until the next event.
struct story {
    const struct event **events; // in the order of time
    size_t count, room;
    struct person *people; // by number of the worker
    size_t people_count;
    const char *title; // the command as typed, or NULL when nobody knows it any more
    int64_t cores;     // when it began, or 0
    bool is_whole;     // its beginning is still in the log
    uint64_t dropped;  // events that the log had dropped before; of any job
};

// Adds the next event.
void story_add(struct story *story, const struct event *event);

// Adds all that the log has about job `job`.
void story_read(struct story *story, uint32_t job);
void story_free(struct story *story);

// Fills in the title, names and pids that the log has dropped. The title of what is `known` must
// outlive the story.
void story_know(struct story *story, const struct known *known);

// Returns the number of the youngest job in the log, or 0 when there is none.
uint32_t story_last_job(void);

// Returns a worker's name, made safe to show, or a word in its place. Valid for a few calls.
const char *story_name(const struct story *story, int64_t worker);

// Returns the index of the first event of that kind, or NEVER.
size_t story_find(const struct story *story, enum event_kind kind);

#endif
