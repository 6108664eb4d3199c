// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/concepts.h"

#include "base/embedded.h"
#include "base/must.h"
#include "shell/suggest.h"

#include <stdlib.h>
#include <string.h>

// An entry is four lines: "# word, other word", what it means, "shows: ...", "man: ...".
struct concept {
    const char *line[4]; // without what stands before them
    size_t length[4];
};

// Takes the entry at `*place` and moves that behind it. False at the end.
static bool concepts_next(const char **place, struct concept *concept)
{
    static const size_t prefix[4] = {sizeof "# " - 1, 0, sizeof "shows: " - 1, sizeof "man: " - 1};
    for (size_t i = 0; i < 4; i++) {
        size_t length = strcspn(*place, "\n");
        if (length <= prefix[i])
            return false;
        concept->line[i] = *place + prefix[i];
        concept->length[i] = length - prefix[i];
        *place += length + 1;
    }
    return true;
}

// Takes the next word of an entry's first line, for the caller to free; NULL behind the last.
static char *concepts_next_word(const char **words, const char *end)
{
    if (*words >= end)
        return NULL;
    size_t length = 0;
    while (*words + length < end && (*words)[length] != ',')
        length++;
    char *word = must_strndup(*words, length);
    *words += length + strlen(", ");
    return word;
}

enum concepts_fit { FIT_NONE, FIT_BEGINNING, FIT_WHOLE };

static enum concepts_fit concepts_fits(const struct concept *concept, const char *wanted)
{
    enum concepts_fit best = FIT_NONE;
    const char *words = concept->line[0], *end = words + concept->length[0];
    for (char *word; (word = concepts_next_word(&words, end)); free(word)) {
        if (text_is_same(word, wanted))
            best = FIT_WHOLE;
        else if (best == FIT_NONE && text_begins_with(word, wanted))
            best = FIT_BEGINNING;
    }
    return best;
}

static bool concepts_find(const char *wanted, struct concept *found)
{
    const char *place = embedded_concepts[0].text;
    struct concept each;
    size_t begun = 0;
    while (concepts_next(&place, &each)) {
        enum concepts_fit fit = concepts_fits(&each, wanted);
        if (fit != FIT_NONE)
            *found = each;
        if (fit == FIT_WHOLE)
            return true;
        begun += fit == FIT_BEGINNING;
    }
    return begun == 1;
}

static void concepts_add_line(const char *label, const struct concept *concept, size_t line,
                              size_t columns, struct text *text)
{
    char *words = must_strndup(concept->line[line], concept->length[line]);
    text_add_string(text, label);
    text_add_wrapped(text, words, strlen(label), strlen(label), columns);
    text_add_string(text, "\n");
    free(words);
}

bool concepts_tell(const char *word, size_t columns, struct text *text)
{
    struct concept concept;
    if (!concepts_find(word, &concept))
        return false;
    concepts_add_line("", &concept, 0, columns, text);
    concepts_add_line("  ", &concept, 1, columns, text);
    concepts_add_line("  seen in: ", &concept, 2, columns, text);
    concepts_add_line("  manual:  man ", &concept, 3, columns, text);
    return true;
}

bool concepts_suggest(const char *word, struct text *text)
{
    const char *place = embedded_concepts[0].text;
    struct suggestion suggestion = {.word = word};
    struct concept concept;
    char **names = NULL;
    size_t count = 0;
    while (concepts_next(&place, &concept)) {
        const char *words = concept.line[0], *end = words + concept.length[0];
        for (char *name; (name = concepts_next_word(&words, end));) {
            names = must_realloc(names, count + 1, sizeof *names);
            names[count++] = name;
            suggest_consider(&suggestion, name);
        }
    }
    bool is_near = suggest_end(&suggestion, text);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return is_near;
}

void concepts_list(size_t columns, struct text *text)
{
    const char *place = embedded_concepts[0].text;
    struct concept concept;
    struct text words = {0};
    while (concepts_next(&place, &concept))
        text_print(&words, "%s%.*s", words.length > 0 ? "; " : "", (int)concept.length[0],
                   concept.line[0]);
    text_add_string(text, "help WORD explains these words:\n");
    text_add_wrapped(text, text_string(&words), 0, 0, columns);
    text_add_string(text, "\n");
    text_free(&words);
}
