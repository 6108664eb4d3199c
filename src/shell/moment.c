// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/moment.h"

#include "base/clock.h"
#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>

static struct {
    bool is_past;
    uint32_t job;
    int64_t time, origin;
} moment;

static char prompt[64];

void moment_set(uint32_t job, int64_t time, int64_t origin)
{
    moment.is_past = true;
    moment.job = job;
    moment.time = time;
    moment.origin = origin;
    snprintf(prompt, sizeof prompt, "forklab (%%%" PRIu32 " at %.6f s)> ", job,
             (double)(time - origin) / NS_PER_S);
}

bool moment_clear(void)
{
    bool was_past = moment.is_past;
    moment.is_past = false;
    return was_past;
}

bool moment_is_past(void)
{
    return moment.is_past;
}

uint32_t moment_job(void)
{
    return moment.job;
}

int64_t moment_time(void)
{
    return moment.time;
}

void moment_describe(struct text *text)
{
    text_print(text, "%%%" PRIu32 " at %.6f s", moment.job,
               (double)(moment.time - moment.origin) / NS_PER_S);
}

void moment_add_json(struct text *object)
{
    if (moment.is_past)
        json_number(object, "moment_ns",
                    (moment.time - moment.origin + NS_PER_US / 2) / NS_PER_US * NS_PER_US);
}

const char *moment_prompt(void)
{
    return moment.is_past ? prompt : "forklab> ";
}
