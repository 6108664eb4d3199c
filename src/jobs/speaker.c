// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/speaker.h"

#include <stddef.h>

static const struct job *speaker;
static void (*speaker_changed)(const struct job *job);

const struct job *speaker_set(const struct job *job)
{
    const struct job *before = speaker;
    speaker = job;
    if (speaker_changed && job != before)
        speaker_changed(job);
    return before;
}

const struct job *speaker_get(void)
{
    return speaker;
}

void speaker_on_change(void (*changed)(const struct job *job))
{
    speaker_changed = changed;
}
