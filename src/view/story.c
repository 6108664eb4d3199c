// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/story.h"

#include "base/must.h"
#include "base/text.h"

#include <stdlib.h>

static struct person *story_person_of(struct story *story, uint32_t worker)
{
    if (worker >= story->people_count) {
        size_t count = worker < 7 ? 8 : ((size_t)worker + 1) * 2;
        story->people = must_realloc(story->people, count, sizeof *story->people);
        for (size_t i = story->people_count; i < count; i++)
            story->people[i] = (struct person){.done = NEVER, .died = NEVER, .reaped = NEVER};
        story->people_count = count;
    }
    return &story->people[worker];
}

// Keeps what event number `index` says about its worker.
static void story_note(struct story *story, const struct event *event, size_t index)
{
    struct person *person = story_person_of(story, event->worker);
    if (event->kind == EVENT_FORKED) {
        free(person->name);
        person->name = event->text ? must_strdup(event->text) : NULL;
        person->pid = event->a;
        person->daemon = event->b;
    } else if (event->kind == EVENT_WORK_DONE) {
        person->done = index;
    } else if (event->kind == EVENT_DIED) {
        person->died = index;
    } else if (event->kind == EVENT_REAPED) {
        person->reaped = index;
    }
}

void story_add(struct story *story, const struct event *event)
{
    if (story->count == story->room) {
        story->room = story->room ? story->room * 2 : 256;
        story->events = must_realloc(story->events, story->room, sizeof(struct event *));
    }
    story->events[story->count++] = event;
    if (event->worker != NO_WORKER)
        story_note(story, event, story->count - 1);
    if (event->kind != EVENT_JOB_STARTED)
        return;
    story->is_whole = true;
    story->title = event->text;
    story->cores = event->a;
}

void story_read(struct story *story, uint32_t job)
{
    story->dropped = events_first();
    for (uint64_t number = events_first(); number < events_end(); number++)
        if (events_get(number)->job == job)
            story_add(story, events_get(number));
}

void story_know(struct story *story, const struct known *known)
{
    story->title = story->title ? story->title : known->title;
    for (size_t i = 0; i < known->count && i < story->people_count; i++) {
        struct person *person = &story->people[i];
        if (person->name)
            continue;
        person->name = must_strdup(known->workers[i].name);
        person->pid = known->workers[i].pid;
    }
}

void story_free(struct story *story)
{
    for (size_t i = 0; i < story->people_count; i++)
        free(story->people[i].name);
    free(story->people);
    free(story->events);
    *story = (struct story){0};
}

uint32_t story_last_job(void)
{
    uint32_t last = 0;
    for (uint64_t number = events_first(); number < events_end(); number++)
        if (events_get(number)->job > last)
            last = events_get(number)->job;
    return last;
}

const char *story_name(const struct story *story, int64_t worker)
{
    if (worker < 0 || (uint64_t)worker >= story->people_count || !story->people[worker].name)
        return "a worker";
    return text_visible(story->people[worker].name);
}

size_t story_find(const struct story *story, enum event_kind kind)
{
    for (size_t i = 0; i < story->count; i++)
        if (story->events[i]->kind == kind)
            return i;
    return NEVER;
}
