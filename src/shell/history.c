// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/history.h"

#include "base/number.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT = 500 };

static char *kept[KEPT]; // the last commands of this session
static size_t count;     // of all its commands

void history_remember(const struct part *part)
{
    struct text typed = {0};
    text_print(&typed, "%s%s", part->source, part->background ? " &" : "");
    free(kept[count % KEPT]);
    kept[count++ % KEPT] = typed.bytes;
}

const char *history_command(size_t index, size_t *number)
{
    size_t first = count > KEPT ? count - KEPT : 0;
    if (first + index >= count)
        return NULL;
    *number = first + index + 1;
    return kept[(first + index) % KEPT];
}

// Finds the command that "!N" or "!!" means. NULL with a message.
static const char *history_find(const char *word, struct text *error)
{
    int64_t number = (int64_t)count;
    if (count == 0)
        text_print(error, "%s: the history is empty", text_visible(word));
    else if (strcmp(word, "!!") != 0 &&
             !number_parse_count(word + 1, (int64_t)(count > KEPT ? count - KEPT : 0) + 1,
                                 (int64_t)count, &number))
        text_print(error, "%s: no such command in the history; it has %zu", text_visible(word),
                   count);
    else
        return kept[((size_t)number - 1) % KEPT];
    return NULL;
}

static bool history_is_recall(const struct part *part)
{
    const char *word = part->words[0];
    return part->count == 1 && word[0] == '!' &&
           (strcmp(word, "!!") == 0 || (word[1] >= '0' && word[1] <= '9'));
}

bool history_recall(struct part *part, bool *recalled, struct text *error)
{
    struct line line;
    *recalled = history_is_recall(part);
    if (!*recalled)
        return true;
    const char *command = history_find(part->words[0], error);
    if (!command || !line_parse(command, &line, error))
        return false;
    line.parts[0].background |= part->background;
    struct part typed = *part;
    *part = line.parts[0];
    line.parts[0] = typed;
    line_free(&line);
    return true;
}

void history_free(void)
{
    for (size_t i = 0; i < KEPT; i++)
        free(kept[i]);
}
