// SPDX-License-Identifier: GPL-3.0-or-later
// A time axis with round ticks.
#ifndef FORKLAB_VIEW_TICKS_H
#define FORKLAB_VIEW_TICKS_H

#include <stddef.h>
#include <stdint.h>

// Returns the smallest step of 1, 2 or 5 times a power of ten, in ns, that divides `span` ns into
// at most `most` parts.
int64_t ticks_step(int64_t span, int64_t most);

// Returns the first multiple of `step` that is not below `begin` ns.
int64_t ticks_first(int64_t begin, int64_t step);

// Writes time `ns` of an axis with that step that ends at `span`: "0", "500 ms", "1.5 s". All
// labels of an axis have the same unit and as many digits as its step needs.
void ticks_format(int64_t ns, int64_t step, int64_t span, char *text, size_t size);

// Returns the whole number that an axis up to `end` counts in, so that it has at most `most` ticks.
size_t ticks_whole_step(size_t end, size_t most);

#endif
