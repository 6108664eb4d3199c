// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/job_lookup.h"

#include "base/clock.h"
#include "base/must.h"
#include "jobs/job.h"
#include "jobs/target.h"

#include <inttypes.h>
#include <stdlib.h>

// Fills in what the log has dropped, as long as the job is remembered. The lanes or the story, the
// other is NULL.
static void job_lookup_know(uint32_t id, struct lanes *lanes, struct story *story)
{
    const struct job *job = jobs_find(id);
    if (!job)
        return;
    struct known_worker *workers = must_calloc(job->count + 1, sizeof *workers);
    for (size_t i = 0; i < job->count; i++)
        workers[i] = (struct known_worker){job->workers[i]->name, job->workers[i]->shown_pid};
    struct known known = {.title = job->title,
                          .started = job->started,
                          .ended = job->done ? job->ended : 0,
                          .outcome = job->outcome,
                          .workers = workers,
                          .count = job->count};
    if (lanes)
        lanes_know(lanes, &known);
    else
        story_know(story, &known);
    free(workers);
}

// Returns STATUS_OK, or a status after it told that there is no job.
static int job_lookup_find(struct call *call, const char *word, uint32_t *job)
{
    struct text error = {0};
    int status = STATUS_OK;
    *job = story_last_job();
    if (word && !target_job_id(word, job, &error))
        status = call_fail(call, "%s", text_string(&error));
    else if (*job == 0)
        status = call_fail(call, "there has been no job yet; 'spawn 2' would be one");
    text_free(&error);
    return status;
}

static int job_lookup_miss(struct call *call, uint32_t job)
{
    if (job > story_last_job())
        return call_fail(call, "there is no job %%%" PRIu32, job);
    return call_fail(call, "the log has dropped all events of %%%" PRIu32, job);
}

int job_lookup_lanes(struct call *call, const char *word, struct lanes **lanes)
{
    uint32_t job = 0;
    int status = job_lookup_find(call, word, &job);
    if (status != STATUS_OK)
        return status;
    *lanes = lanes_read(job, clock_now());
    if (!*lanes)
        return job_lookup_miss(call, job);
    job_lookup_know(job, *lanes, NULL);
    return STATUS_OK;
}

int job_lookup_story(struct call *call, const char *word, uint32_t *job, struct story *story)
{
    int status = job_lookup_find(call, word, job);
    if (status != STATUS_OK)
        return status;
    story_read(story, *job);
    if (story->count == 0) {
        story_free(story);
        return job_lookup_miss(call, *job);
    }
    job_lookup_know(*job, NULL, story);
    return STATUS_OK;
}
