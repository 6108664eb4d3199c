// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/live_explain.h"

#include "base/clock.h"
#include "base/out.h"
#include "shell/context.h"
#include "log/past.h"
#include "view/explain.h"

// Jobs that can be told of at a time; the oldest are forgotten first.
enum { TALES = 64 };

struct tale {
    uint32_t job;
    struct explain *explain; // or NULL, for a free place
};

static bool is_on;
static struct tale tales[TALES];
static size_t next_place;

void live_explain_set(bool on)
{
    is_on = on;
    for (size_t i = 0; i < TALES && !on; i++) {
        if (tales[i].explain)
            explain_free(tales[i].explain);
        tales[i].explain = NULL;
    }
}

// Begins to tell of a job, perhaps in the middle of it.
static struct explain *live_explain_begin(uint32_t job)
{
    struct explain_style style = {.columns = context_columns(), .mark = "| "};
    struct tale *tale = &tales[next_place++ % TALES];
    if (tale->explain)
        explain_free(tale->explain);
    *tale = (struct tale){job, explain_new(&style)};
    return tale->explain;
}

static struct explain *live_explain_find(uint32_t job)
{
    for (size_t i = 0; i < TALES; i++)
        if (tales[i].explain && tales[i].job == job)
            return tales[i].explain;
    return live_explain_begin(job);
}

bool live_explain_is_on(void)
{
    return is_on;
}

void live_explain_event(const struct event *event)
{
    struct explain *explain = live_explain_find(event->job);
    struct text text = {0};
    explain_event(explain, event, model_job(model_now(), event->job), &text);
    if (event->kind == EVENT_JOB_DONE) {
        struct past *past = past_read(event->job, clock_now());
        explain_end(explain, past, &text);
        past_free(past);
    }
    out_write(text_string(&text), text.length);
    text_free(&text);
}
