// SPDX-License-Identifier: GPL-3.0-or-later
#include "commands/aim.h"

#include "base/clock.h"
#include "base/must.h"
#include "base/out.h"
#include "os/loop.h"

#include <inttypes.h>
#include <stdlib.h>

// How often it is asked whether the start is over.
#define AIM_EVERY NS_PER_MS

struct aim {
    struct call *call;
    const struct words *words;
    int (*go)(struct call *call);
    struct timer *timer;
};

// Returns the job that a word means, or NULL where it means none.
static struct job *aim_job(const char *word)
{
    struct text error = {0};
    struct job *job = word[0] == '%' && target_is_job(word) ? target_job(word, &error) : NULL;
    text_free(&error);
    return job;
}

static bool aim_is_starting(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct job *job = aim_job(words->all[i]);
        if (job && job_plan(job).starting > 0)
            return true;
    }
    return false;
}

static void aim_drop(struct aim *aim)
{
    if (aim->timer)
        loop_cancel(aim->timer);
    aim->timer = NULL;
}

static void aim_free(struct call *call)
{
    aim_drop(call->state);
    free(call->state);
}

static void aim_give_up(struct call *call)
{
    aim_drop(call->state);
    call_finish(call, call_fail(call, "interrupted"));
}

static void aim_look_again(void *data)
{
    struct aim *aim = data;
    struct call *call = aim->call;
    aim->timer = NULL;
    if (aim_is_starting(aim->words)) {
        aim->timer = loop_after(AIM_EVERY, aim_look_again, aim);
        return;
    }
    int (*go)(struct call * call) = aim->go;
    call->state = NULL;
    call->ops = NULL;
    free(aim);
    int status = go(call);
    if (status != STATUS_PENDING)
        call_finish(call, status);
}

int aim_when_started(struct call *call, const struct words *words, int (*go)(struct call *call))
{
    static const struct call_ops aim_ops = {.interrupt = aim_give_up, .free = aim_free};
    if (!aim_is_starting(words))
        return go(call);
    struct aim *aim = must_calloc(1, sizeof *aim);
    *aim = (struct aim){.call = call, .words = words, .go = go};
    aim->timer = loop_after(AIM_EVERY, aim_look_again, aim);
    call->state = aim;
    call->ops = &aim_ops;
    return STATUS_PENDING;
}

int aim_find(struct call *call, const struct words *words, struct targets *targets)
{
    struct text error = {0};
    int status = STATUS_OK;
    for (size_t i = 0; i < words->count && status == STATUS_OK; i++)
        if (!targets_add(targets, words->all[i], true, &error))
            status = call_fail(call, "%s", text_string(&error));
    text_free(&error);
    return status;
}

void aim_tell_following(const struct words *words, bool ends)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct job *job = aim_job(words->all[i]);
        struct job_plan plan = job ? job_plan(job) : (struct job_plan){0};
        int64_t following = plan.following + (ends ? plan.replacing : 0);
        if (following > 0)
            out_print("%" PRId64 " more worker%s of %%%u will follow; 'cancel %%%u' ends the job\n",
                      following, following == 1 ? "" : "s", job->id, job->id);
    }
}
