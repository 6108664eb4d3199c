// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/job_lookup.h"

#include "base/clock.h"
#include "jobs/target.h"

#include <inttypes.h>

// Returns STATUS_OK, or a status after it told that there is no job.
static int job_lookup_find(struct call *call, const char *word, uint32_t *job)
{
    struct text error = {0};
    int status = STATUS_OK;
    *job = model_last_job();
    if (word && !target_job_id(word, job, &error))
        status = target_names_job(word) ? call_fail(call, "%s", text_string(&error))
                                        : call_misuse(call, "%s", text_string(&error));
    else if (*job == 0)
        status = call_fail(call, "there has been no job yet; 'spawn 2' would be one");
    text_free(&error);
    return status;
}

static int job_lookup_miss(struct call *call, uint32_t job)
{
    if (job > model_last_job())
        return call_fail(call, "there is no job %%%" PRIu32, job);
    return call_fail(call, "the log has dropped all events of %%%" PRIu32, job);
}

int job_lookup_past(struct call *call, const char *word, struct past **past)
{
    uint32_t job = 0;
    int status = job_lookup_find(call, word, &job);
    if (status != STATUS_OK)
        return status;
    *past = past_read(job, clock_now());
    return *past ? STATUS_OK : job_lookup_miss(call, job);
}

int job_lookup_lanes(struct call *call, const char *word, struct past **past)
{
    int status = job_lookup_past(call, word, past);
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): call_fail() never returns STATUS_OK.
    if (status != STATUS_OK || (*past)->has_lanes)
        return status;
    status = job_lookup_miss(call, (*past)->job->id);
    past_free(*past);
    *past = NULL;
    return status;
}
