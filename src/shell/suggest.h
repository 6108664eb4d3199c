// SPDX-License-Identifier: GPL-3.0-or-later
// "did you mean": which of some names was meant by a word that is none of them. Neither capitals
// nor the '-' before an option matter.
#ifndef FORKLAB_SHELL_SUGGEST_H
#define FORKLAB_SHELL_SUGGEST_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// One search: all zero but for the word. suggest_end() ends it.
struct suggestion {
    const char *word;
    struct text begun; // the names that begin with the word, but for the last
    const char *last;
    const char *nearest; // of all names, or NULL while none is near
    size_t distance;
};

// Looks at one more name, which must live until the end.
void suggest_consider(struct suggestion *suggestion, const char *name);

// Adds "did you mean 'spawn'?": the names that begin with the word or, when there are none, the
// nearest. False, and nothing is added, when none is near.
bool suggest_end(struct suggestion *suggestion, struct text *text);

#endif
