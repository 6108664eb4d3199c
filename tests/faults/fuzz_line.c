// SPDX-License-Identifier: GPL-3.0-or-later
// libFuzzer: whatever the line, its parts are whole, and a part's source means what the part says.
#include "shell/line.h"

#include "base/die.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(char *const *words, char *const *others, size_t count)
{
    for (size_t i = 0; i < count; i++)
        BUG_IF(strcmp(words[i], others[i]) != 0);
}

// Expects that `text` is one command with these words, or none when there are none.
static void expect_words(const char *text, char *const *words, size_t count)
{
    struct line line;
    struct text error = {0};
    BUG_IF(!line_parse(text, &line, &error));
    BUG_IF(line.count != (count > 0 ? 1 : 0));
    if (count > 0) {
        BUG_IF(line.parts[0].count != count);
        expect_same(line.parts[0].words, words, count);
    }
    line_free(&line);
    text_free(&error);
}

static void check_part(const struct part *part)
{
    enum { TAILS = 8 };
    BUG_IF(part->count == 0 || part->words[part->count]);
    expect_words(part->source, part->words, part->count);
    for (size_t i = 0; i <= part->count && i < TAILS; i++)
        expect_words(line_behind_words(part->source, i), part->words + i, part->count - i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct line line;
    struct text error = {0};
    char *text = strndup((const char *)data, size);
    BUG_IF(!text);
    if (line_parse(text, &line, &error)) {
        for (size_t i = 0; i < line.count; i++)
            check_part(&line.parts[i]);
        line_free(&line);
    } else {
        BUG_IF(error.length == 0 || line.parts);
    }
    text_free(&error);
    free(text);
    return 0;
}
