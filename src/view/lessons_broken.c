// SPDX-License-Identifier: GPL-3.0-or-later
// The half of lessons.h that knows why a barrier broke.
#include "view/lessons.h"

#include <inttypes.h>

static bool died_before(const struct story *story, int64_t worker, size_t end)
{
    return (uint64_t)worker < story->people_count && story->people[worker].died < end;
}

// Whether it was ever forked, as far as the log reaches back.
static bool was_forked(const struct story *story, int64_t worker, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (story->events[i]->kind == EVENT_FORKED && story->events[i]->worker == worker)
            return true;
    return !story->is_whole;
}

// Whether it had arrived for a round that was not released.
static bool was_there(const struct story *story, int64_t worker, size_t end)
{
    bool there = false;
    for (size_t i = 0; i < end; i++) {
        const struct event *event = story->events[i];
        if (event->kind == EVENT_ARRIVED && event->worker == worker)
            there = true;
        else if (event->kind == EVENT_RELEASED)
            there = false;
    }
    return there;
}

void lessons_say_broken(const struct story *story, size_t at, struct text *text)
{
    int64_t worker = story->events[at]->a;
    const char *end = died_before(story, worker, at) ? "died" : "fell silent";
    text_add_string(text, "The barrier broke because ");
    if (was_there(story, worker, at)) {
        text_print(
            text,
            "%s %s while it waited there. It had arrived, but all go on together or nobody "
            "does: a barrier that only counts arrivals would let the others go on without it.",
            story_name(story, worker), end);
        return;
    }
    if (was_forked(story, worker, at))
        text_print(text, "%s %s", story_name(story, worker), end);
    else
        text_print(text, "party %" PRId64 " could not be started", worker + 1);
    text_add_string(text, ": it waits for all, and that one would never arrive. Unbroken, it would "
                          "keep the others for ever.");
}
