// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays that grow, and searches in sorted ones.
#ifndef FORKLAB_BASE_ARRAY_H
#define FORKLAB_BASE_ARRAY_H

#include <stddef.h>

// Returns `all`, an array with room for `*room` elements of `size` bytes, moved if it needs to be
// so that it holds `wanted`; `*room` at least doubles then. Starts from NULL and 0. What is new is
// not set. Dies when there is no memory; the caller frees the array.
void *array_grow(void *all, size_t *room, size_t wanted, size_t size);

// Returns the index of the first of `count` sorted elements for which `is_before(element, key)` is
// false; `count` when there is none.
size_t array_lower_bound(const void *all, size_t count, size_t size, const void *key,
                         int (*is_before)(const void *element, const void *key));

#endif
