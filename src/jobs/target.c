// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/target.h"

#include "base/must.h"
#include "base/number.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
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

// The bytes of the job's part of `word`, "%4" of "%4.1"; 0 when it has none.
static size_t target_job_length(const char *word)
{
    if (word[0] != '%')
        return strspn(word, "0123456789");
    if (word[1] == '%' || word[1] == '-')
        return 2;
    size_t digits = strspn(word + 1, "0123456789");
    return digits > 0 ? digits + 1 : 0;
}

bool target_is_job(const char *word)
{
    size_t length = target_job_length(word);
    return length > 0 && word[length] == '\0';
}

// Finds the youngest job but `back`. False with a message.
static bool target_youngest(unsigned back, uint32_t *id, struct text *error)
{
    struct job *before = NULL, *last = NULL;
    for (struct job *job = jobs_first(); job; job = job->next) {
        before = last;
        last = job;
    }
    struct job *job = back ? before : last;
    if (job)
        *id = job->id;
    else
        text_add_string(error,
                        back ? "there is no job before the youngest" : "there has been no job yet");
    return job != NULL;
}

// Reads the number of "%3", or of "3". False for any other word.
static bool target_read_job_number(const char *word, int64_t *number)
{
    return target_is_job(word) && number_parse_count(word + (*word == '%'), 1, UINT32_MAX, number);
}

bool target_names_job(const char *word)
{
    int64_t number;
    return strcmp(word, "%%") == 0 || strcmp(word, "%-") == 0 ||
           target_read_job_number(word, &number);
}

bool target_job_id(const char *word, uint32_t *id, struct text *error)
{
    int64_t number;
    if (strcmp(word, "%%") == 0 || strcmp(word, "%-") == 0)
        return target_youngest(word[1] == '-', id, error);
    if (target_read_job_number(word, &number)) {
        *id = (uint32_t)number;
        return true;
    }
    text_print(error,
               "a job is %%1, %%2, ..., %%%% (the youngest) or %%- (the one before), not '%s'",
               text_visible(word));
    return false;
}

struct job *target_job(const char *word, struct text *error)
{
    uint32_t id;
    if (!target_job_id(word, &id, error))
        return NULL;
    struct job *job = jobs_find(id);
    if (!job)
        text_print(error, "there is no job %s", text_visible(word));
    return job;
}

void target_format(const struct worker *worker, char *text, size_t size)
{
    snprintf(text, size, "%%%" PRIu32 ".%" PRIu32, worker->job->id,
             worker->job->counted_from + worker->number);
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

static bool target_refuse_dead(const char *word, const struct worker *dead, struct text *error)
{
    char state[32];
    worker_state(dead, state, sizeof state);
    if (dead->kernel == KERNEL_ZOMBIE)
        text_print(error, "%s is a zombie, which can't be killed: it is dead already",
                   text_visible(word));
    else
        text_print(error, "%s has ended already (%s)", text_visible(word), state);
    return false;
}

// Finds the worker that %J.I means, whose job's part is `length` bytes. NULL with a message.
static struct worker *target_of_job(const char *word, size_t length, struct text *error)
{
    int64_t number;
    char *job_word = must_strndup(word, length);
    struct job *job = target_job(job_word, error);
    free(job_word);
    if (!job)
        return NULL;
    uint32_t first = job->counted_from;
    if (!number_parse_count(word + length + 1, 0, UINT32_MAX, &number))
        text_print(error, "a worker of a job is %%%u.%u, %%%u.%u, ..., not '%s'", job->id, first,
                   job->id, first + 1, text_visible(word));
    else if (job->count == 0)
        text_print(error, "%%%u had no worker", job->id);
    else if (number < first || number >= (int64_t)(first + job->count))
        text_print(error, "%%%u has workers %%%u.%u to %%%u.%zu, not %s", job->id, job->id, first,
                   job->id, first + job->count - 1, text_visible(word));
    else
        return job->workers[number - first];
    return NULL;
}

static bool target_add_of_job(struct targets *targets, const char *word, size_t length, bool living,
                              struct text *error)
{
    struct worker *worker = target_of_job(word, length, error);
    if (!worker)
        return false;
    if (living && !worker_lives(worker))
        return target_refuse_dead(word, worker, error);
    target_add(targets, worker);
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

// Workers of one name or pid: the youngest that lives, how many do, and the youngest that is dead.
struct namesakes {
    struct worker *live, *dead;
    size_t living;
};

static struct namesakes target_find_namesakes(const char *word, int64_t pid)
{
    struct namesakes found = {0};
    for (struct job *job = jobs_first(); job; job = job->next) {
        for (size_t i = 0; i < job->count; i++) {
            struct worker *worker = job->workers[i];
            if (!target_is_meant(worker, word, pid))
                continue;
            *(worker_lives(worker) ? &found.live : &found.dead) = worker;
            found.living += worker_lives(worker);
        }
    }
    return found;
}

static bool target_add_worker(struct targets *targets, const char *word, bool living,
                              struct text *error)
{
    int64_t pid = -1;
    number_parse_count(word, 0, INT_MAX, &pid);
    struct namesakes found = target_find_namesakes(word, pid);
    if (found.living > 1)
        return target_refuse_many(word, pid, error);
    if (!found.live && !found.dead) {
        text_print(error, "'%s' is no worker of this session", text_visible(word));
        return false;
    }
    if (!found.live && living)
        return target_refuse_dead(word, found.dead, error);
    target_add(targets, found.live ? found.live : found.dead);
    return true;
}

bool targets_add(struct targets *targets, const char *word, bool living, struct text *error)
{
    size_t length = target_job_length(word);
    if (word[0] != '%')
        return target_add_worker(targets, word, living, error);
    if (length > 0 && word[length] == '.')
        return target_add_of_job(targets, word, length, living, error);
    return target_add_job(targets, word, living, error);
}
