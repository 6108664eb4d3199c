// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/history.h"

#include "base/text.h"

#include <stdlib.h>

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

void history_free(void)
{
    for (size_t i = 0; i < KEPT; i++)
        free(kept[i]);
}
