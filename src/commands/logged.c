// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/logged.h"

#include "base/clock.h"
#include "base/number.h"

#include <inttypes.h>

uint32_t logged_job_number(struct call *call, const char *word)
{
    int64_t id = lanes_last_job();
    if (!word && id == 0)
        call_fail(call, "there is no job yet");
    if (!word)
        return (uint32_t)id;
    if (!number_parse_count(word + 1, 1, UINT32_MAX, &id)) {
        call_misuse(call, "a job is %%1, %%2, ..., not '%s'", text_visible(word));
        return 0;
    }
    return (uint32_t)id;
}

int logged_job(struct call *call, const char *word, struct lanes **lanes)
{
    uint32_t id = logged_job_number(call, word);
    if (id == 0)
        return word ? STATUS_MISUSE : STATUS_FAILED;
    *lanes = lanes_read(id, clock_now());
    if (*lanes)
        return STATUS_OK;
    if (id > lanes_last_job())
        return call_fail(call, "there is no job %%%u", id);
    return call_fail(call, "the log has dropped all events of %%%u", id);
}
