// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/steps.h"

#include <string.h>

static const struct {
    const char *word, *verb;
} steps_table[STEP_END] = {
    [STEP_NONE] = {"", ""},
#define STEP(name, word, verb) [STEP_##name] = {word, verb},
#include "worker/steps.def"
#undef STEP
};

const char *steps_word(enum step step)
{
    return steps_table[step].word;
}

const char *steps_verb(enum step step)
{
    return steps_table[step].verb;
}

enum step steps_named(const char *word)
{
    for (int step = STEP_NONE + 1; step < STEP_END; step++)
        if (strcmp(steps_table[step].word, word) == 0)
            return (enum step)step;
    return STEP_NONE;
}
