// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/suggest.h"

#include <string.h>

// Without the '-' that all options have in common: it would make the short ones near to everything.
static const char *suggest_bare(const char *word)
{
    return word + strspn(word, "-");
}

// Returns how far from a name a word may be to be taken for it: short words are near to everything.
static size_t suggest_meant(const char *word)
{
    return strlen(word) > 3 ? 2 : 1;
}

void suggest_consider(struct suggestion *suggestion, const char *name)
{
    const char *word = suggest_bare(suggestion->word);
    if (word[0] != '\0' && text_begins_with(suggest_bare(name), word)) {
        if (suggestion->last)
            text_print(&suggestion->begun, "%s'%s'", suggestion->begun.length > 0 ? ", " : "",
                       suggestion->last);
        suggestion->last = name;
    }
    size_t distance = text_distance(word, suggest_bare(name));
    bool is_nearer = !suggestion->nearest || distance < suggestion->distance;
    if (is_nearer && distance <= suggest_meant(word) && distance < strlen(suggest_bare(name))) {
        suggestion->nearest = name;
        suggestion->distance = distance;
    }
}

bool suggest_end(struct suggestion *suggestion, struct text *text)
{
    const char *name = suggestion->last ? suggestion->last : suggestion->nearest;
    if (name)
        text_print(text, "did you mean %s%s'%s'?", text_string(&suggestion->begun),
                   suggestion->begun.length > 0 ? " or " : "", name);
    text_free(&suggestion->begun);
    return name != NULL;
}
