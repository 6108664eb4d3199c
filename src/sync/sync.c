// SPDX-License-Identifier: GPL-3.0-or-later
#include "sync/sync.h"

#include "base/die.h"
#include "base/must.h"
#include "log/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int64_t sync_kind_number(const struct sync_kind *kind)
{
    int64_t number = 0;
    while (sync_kinds[number] && sync_kinds[number] != kind)
        number++;
    BUG_IF(!sync_kinds[number]);
    return number;
}

// Maps memory that is all zero, and logs that or the failure. NULL with errno.
static void *sync_map(uint32_t job, size_t size, const char *name)
{
    char what[SYNC_NAME_ROOM + 8];
    void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int error = shared == MAP_FAILED ? errno : 0;
    snprintf(what, sizeof what, "the %s", name);
    events_call(job, NO_WORKER,
                (struct event){.call = CALL_MMAP, .b = 1, .text = what, .error = error});
    errno = error;
    return error ? NULL : shared;
}

void *sync_add(struct sync_set *set, const struct sync_kind *kind, const char *name,
               uint32_t workers, int64_t capacity)
{
    BUG_IF(set->count >= SYNC_MOST);
    if (set->count == set->room) {
        set->room = set->room ? set->room * 2 : 4;
        set->all = must_realloc(set->all, set->room, sizeof *set->all);
    }
    struct sync *object = &set->all[set->count];
    *object = (struct sync){.kind = kind, .size = kind->size(workers, capacity)};
    snprintf(object->name, sizeof object->name, "%s", name ? name : kind->name);
    object->shared = sync_map(set->job, object->size, object->name);
    if (!object->shared)
        return NULL;
    object->number = (uint16_t)++set->count;
    kind->init(object->shared, object->number, workers, capacity);
    events_log(&(struct event){.kind = EVENT_OBJECT,
                               .job = set->job,
                               .worker = NO_WORKER,
                               .object = object->number,
                               .a = sync_kind_number(kind),
                               .b = kind->value ? kind->value(object->shared) : 0,
                               .text = object->name});
    return object->shared;
}

void sync_free(struct sync_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        munmap(set->all[i].shared, set->all[i].size);
    free(set->all);
    set->all = NULL;
    set->count = set->room = 0;
}

const struct sync *sync_find(const struct sync_set *set, uint16_t number)
{
    return number > 0 && number <= set->count ? &set->all[number - 1] : NULL;
}

void sync_died(struct sync_set *set, uint32_t worker, sync_death_fn *each, void *data)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct sync *object = &set->all[i];
        if (!object->kind->died)
            continue;
        struct sync_death death = object->kind->died(object->shared, worker);
        if (death.fate != SYNC_UNTOUCHED || death.waited)
            each(data, object, death);
    }
}
