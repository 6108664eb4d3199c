// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the field that `help` explains: src/help/concepts.txt.
#ifndef FORKLAB_SHELL_CONCEPTS_H
#define FORKLAB_SHELL_CONCEPTS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

// Adds what `word` means, as lines of at most `columns`. Capitals don't matter; the beginning of a
// word will do if no other begins so. False, and nothing is added, when it is none of the words.
bool concepts_tell(const char *word, size_t columns, struct text *text);

// Adds "did you mean 'zombie'?" for a word near one of them. False, and nothing is added, when none
// is.
bool concepts_suggest(const char *word, struct text *text);

// Adds all words, as lines of at most `columns`.
void concepts_list(size_t columns, struct text *text);

#endif
