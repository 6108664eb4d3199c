// SPDX-License-Identifier: GPL-3.0-or-later
// How a list of results looks: "[0, 1, 4, 9]". Unlike all else in view/ it prints by itself,
// through a small block: a million results would be a text of ten megabytes first.
#ifndef FORKLAB_VIEW_LIST_H
#define FORKLAB_VIEW_LIST_H

#include <stdbool.h>
#include <stdint.h>

// What to print where a result is missing, or NULL where it is there.
typedef const char *list_gap_fn(const void *data, int64_t index);

// Prints the list and a new line: whole when it is short or with `all`, else its first ten, "...",
// its last three and the count. `gap` may be NULL.
void list_print(const char *title, const int64_t *results, int64_t count, bool all,
                list_gap_fn *gap, const void *data);

#endif
