// SPDX-License-Identifier: GPL-3.0-or-later
// Lines on their way out: broken between words where a terminal would break them within one, and
// marked with whose they are.
#ifndef FORKLAB_BASE_LINES_H
#define FORKLAB_BASE_LINES_H

#include "base/text.h"

#include <stddef.h>

// Sets what asks how wide lines may be; NULL: as long as they like.
void lines_set_width(int (*columns)(void));

// Sets what each line begins with from its next one on, "" for nothing; one that begins so already
// is left as it is. Copied.
void lines_set_mark(const char *mark);

// Adds bytes of lines to `out`. The last word is held back until it has come whole, or lines_end().
void lines_add(struct text *out, const char *bytes, size_t length);
void lines_end(struct text *out);

#endif
