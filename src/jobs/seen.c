// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/seen.h"

#include "base/must.h"

#include <stdlib.h>

static bool seen_put(uint64_t *all, size_t room, uint64_t hash)
{
    size_t place = (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (room - 1);
    while (all[place] != 0 && all[place] != hash)
        place = (place + 1) & (room - 1);
    bool is_new = all[place] == 0;
    all[place] = hash;
    return is_new;
}

static void seen_grow(struct seen *seen)
{
    size_t room = seen->room ? seen->room * 2 : 1024;
    uint64_t *all = must_calloc(room, sizeof *all);
    for (size_t i = 0; i < seen->room; i++)
        if (seen->all[i] != 0)
            seen_put(all, room, seen->all[i]);
    free(seen->all);
    seen->all = all;
    seen->room = room;
}

bool seen_add(struct seen *seen, uint64_t hash)
{
    if (seen->count * 2 >= seen->room)
        seen_grow(seen);
    bool is_new = seen_put(seen->all, seen->room, hash ? hash : 1);
    seen->count += is_new;
    return is_new;
}

void seen_free(struct seen *seen)
{
    free(seen->all);
    *seen = (struct seen){0};
}
