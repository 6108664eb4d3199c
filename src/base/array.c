// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/array.h"

#include "base/must.h"

enum { ARRAY_FIRST_ROOM = 8 };

void *array_grow(void *all, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room)
        return all;
    size_t more = *room > 0 ? *room * 2 : ARRAY_FIRST_ROOM;
    *room = more > wanted ? more : wanted;
    return must_realloc(all, *room, size);
}

size_t array_lower_bound(const void *all, size_t count, size_t size, const void *key,
                         int (*is_before)(const void *element, const void *key))
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before((const char *)all + middle * size, key))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
