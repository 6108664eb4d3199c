// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/values.h"

#include "base/array.h"
#include "base/must.h"

#include <stdlib.h>

static void values_add(struct values *values, const struct event *event)
{
    int64_t value = event->kind == EVENT_OBJECT ? event->b : event->a;
    values->all = array_grow(values->all, &values->room, values->count + 1, sizeof *values->all);
    if (values->count == 0)
        values->least = values->most = value;
    values->all[values->count++] = (struct value_change){event->time, value};
    values->least = value < values->least ? value : values->least;
    values->most = value > values->most ? value : values->most;
}

struct values *values_read(const struct past *past, size_t *count)
{
    const struct model_job *job = past->job;
    struct values *all = must_calloc(job->object_count + 1, sizeof *all);
    size_t *places = must_calloc(job->object_count + 1, sizeof *places);
    *count = 0;
    for (size_t i = 0; i < job->object_count; i++) {
        places[i] = *count;
        if (job->objects[i].has_value)
            all[(*count)++].object = &job->objects[i];
    }
    for (size_t i = 0; i < past->event_count; i++) {
        const struct event *event = past->events[i];
        const struct model_object *object = model_object(job, event->object);
        if ((event->kind == EVENT_VALUE || event->kind == EVENT_OBJECT) && object &&
            object->has_value)
            values_add(&all[places[event->object - 1]], event);
    }
    free(places);
    return all;
}

void values_free(struct values *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(values[i].all);
    free(values);
}

double values_part(const struct values *values, int64_t value)
{
    if (values->most == values->least)
        return 0.5;
    return (double)(value - values->least) / (double)(values->most - values->least);
}
