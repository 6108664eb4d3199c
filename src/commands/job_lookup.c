// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/job_lookup.h"

#include "base/clock.h"
#include "base/must.h"
#include "jobs/target.h"

#include <inttypes.h>
#include <stdlib.h>

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
        call_fail(call, "there is no job %%%" PRIu32, job);
    else
        call_fail(call, "the log has dropped all events of %%%" PRIu32, job);
    return STATUS_FAILED;
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
    if (status != STATUS_OK || (*past)->has_lanes)
        return status;
    status = job_lookup_miss(call, (*past)->job->id);
    past_free(*past);
    *past = NULL;
    return status;
}

// Takes over `past`, unless that job is there already.
static void job_lookup_add(struct job_lookup *found, struct past *past)
{
    for (size_t i = 0; i < found->count; i++) {
        if (found->pasts[i]->job->id == past->job->id) {
            past_free(past);
            return;
        }
    }
    found->pasts = must_realloc(found->pasts, found->count + 1, sizeof(struct past *));
    found->pasts[found->count++] = past;
}

static int job_lookup_all(struct call *call, struct job_lookup *found)
{
    int64_t now = clock_now();
    for (uint32_t job = 1; job <= model_last_job(); job++) {
        struct past *past = past_read(job, now);
        if (past && past->has_lanes)
            job_lookup_add(found, past);
        else
            past_free(past);
    }
    if (found->count == 0)
        return call_fail(call, "there has been no job yet; 'spawn 2' would be one");
    return STATUS_OK;
}

int job_lookup_each(struct call *call, const struct words *words, bool all,
                    struct job_lookup *found)
{
    int status = STATUS_OK;
    size_t count = words->count > 0 ? words->count : 1;
    if (all && words->count > 0)
        return call_misuse(call, "--all are all jobs: no %%J goes with it");
    if (all)
        return job_lookup_all(call, found);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct past *past = NULL;
        status = job_lookup_lanes(call, words->count > 0 ? words->all[i] : NULL, &past);
        if (status == STATUS_OK)
            job_lookup_add(found, past);
    }
    return status;
}

void job_lookup_free(struct job_lookup *found)
{
    for (size_t i = 0; i < found->count; i++)
        past_free(found->pasts[i]);
    free(found->pasts);
    *found = (struct job_lookup){0};
}
