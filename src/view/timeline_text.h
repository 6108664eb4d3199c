// SPDX-License-Identifier: GPL-3.0-or-later
// A job's lanes drawn in the terminal.
#ifndef FORKLAB_VIEW_TIMELINE_TEXT_H
#define FORKLAB_VIEW_TIMELINE_TEXT_H

#include "base/text.h"
#include "log/past.h"

#include <stddef.h>

// Adds the picture, lines of at most `columns` columns: a title, a time axis, a bar for each lane,
// and a legend with what occurs. Each cell of a bar shows what took the most of its time.
void timeline_text_write(const struct past *past, size_t columns, struct text *text);

#endif
