// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/logged.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/number.h"
#include "view/story.h"

#include <inttypes.h>

int logged_job(struct call *call, const char *word, struct lanes **lanes)
{
    int64_t id = story_last_job();
    // As an ARG_JOB it has been checked.
    bool is_job = !word || number_parse_count(word + 1, 1, UINT32_MAX, &id);
    BUG_IF(!is_job);
    if (id == 0)
        return call_fail(call, "there is no job yet");
    *lanes = lanes_read((uint32_t)id, clock_now());
    if (*lanes)
        return STATUS_OK;
    if (id > story_last_job())
        return call_fail(call, "there is no job %%%" PRId64, id);
    return call_fail(call, "the log has dropped all events of %%%" PRId64, id);
}
