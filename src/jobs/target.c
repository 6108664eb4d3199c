// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/target.h"

#include "base/must.h"
#include "base/number.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = WORKER_NAME_ROOM - 1 };

bool target_name_is_fit(const char *name)
{
    size_t length = strlen(name);
    int64_t pid;
    return length > 0 && length <= NAME_LONGEST && name[0] != '%' && name[0] != '-' &&
           strspn(name, "0123456789") < length && !number_parse_count(name, 0, INT64_MAX, &pid);
}

static void target_add(struct targets *targets, struct worker *worker)
{
    for (size_t i = 0; i < targets->count; i++)
        if (targets->workers[i] == worker)
            return;
    targets->workers = must_realloc(targets->workers, targets->count + 1, sizeof(struct worker *));
    targets->workers[targets->count++] = worker;
}

void targets_free(struct targets *targets)
{
    free(targets->workers);
    *targets = (struct targets){0};
}

struct job *target_job(const char *word, struct text *error)
{
    int64_t id = 0;
    if (word[0] != '%' || !number_parse_count(word + 1, 1, UINT32_MAX, &id)) {
        text_print(error, "a job is %%1, %%2, ..., not '%s'", text_visible(word));
        return NULL;
    }
    struct job *job = jobs_find((uint32_t)id);
    if (!job)
        text_print(error, "there is no job %s", text_visible(word));
    return job;
}

static bool target_add_job(struct targets *targets, const char *word, bool living,
                           struct text *error)
{
    struct job *job = target_job(word, error);
    if (!job)
        return false;
    bool any = false;
    for (size_t i = 0; i < job->count; i++) {
        if (living && !worker_lives(job->workers[i]))
            continue;
        target_add(targets, job->workers[i]);
        any = true;
    }
    if (living && !any) {
        text_print(error, "job %s has no running worker%s", word,
                   job_has_zombies(job) ? "; a zombie can't be killed: it is dead already" : "");
        return false;
    }
    return true;
}

static bool target_is_meant(const struct worker *worker, const char *word, int64_t pid)
{
    return pid >= 0 ? worker->shown_pid == pid : strcmp(worker->name, word) == 0;
}

static bool target_refuse_many(const char *word, int64_t pid, struct text *error)
{
    text_print(error, "'%s' is the name of several workers; their pids:", text_visible(word));
    for (struct job *job = jobs_first(); job; job = job->next)
        for (size_t i = 0; i < job->count; i++)
            if (worker_lives(job->workers[i]) && target_is_meant(job->workers[i], word, pid))
                text_print(error, " %d", (int)job->workers[i]->shown_pid);
    return false;
}

static bool target_add_worker(struct targets *targets, const char *word, bool living,
                              struct text *error)
{
    int64_t pid = -1;
    number_parse_count(word, 0, INT_MAX, &pid);
    struct worker *dead = NULL, *live = NULL;
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++) {
            struct worker *worker = job->workers[i];
            if (!target_is_meant(worker, word, pid))
                continue;
            if (worker_lives(worker) && live)
                return target_refuse_many(word, pid, error);
            if (worker_lives(worker))
                live = worker;
            else
                dead = worker;
        }
    }
    if (!live && !dead) {
        text_print(error, "'%s' is no worker of this session", text_visible(word));
        return false;
    }
    if (!live && living) {
        char state[32];
        worker_state(dead, state, sizeof state);
        if (dead->kernel == KERNEL_ZOMBIE)
            text_print(error, "%s is a zombie, which can't be killed: it is dead already",
                       text_visible(word));
        else
            text_print(error, "%s has ended already (%s)", text_visible(word), state);
        return false;
    }
    target_add(targets, live ? live : dead);
    return true;
}

bool targets_add(struct targets *targets, const char *word, bool living, struct text *error)
{
    return word[0] == '%' ? target_add_job(targets, word, living, error)
                          : target_add_worker(targets, word, living, error);
}
