// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/cancel_line.h"

#include "base/must.h"
#include "base/text.h"
#include "jobs/target.h"
#include "shell/call.h"
#include "shell/error.h"
#include "shell/input_stack.h"
#include "shell/line.h"

#include <stdlib.h>
#include <string.h>

#define WORD LINE_CANCEL

// Lines that were heeded and have not had their turn, in order.
struct heeded {
    struct heeded *next;
    long number;
    int status;
};

static struct heeded *heeded;

static int cancel_line_fail(const char *place, int status, const char *message)
{
    error_tell(0, WORD, place, message, NULL);
    return status;
}

static int cancel_line_job(const char *word, const char *place)
{
    struct text error = {0};
    struct job *job = word[0] == '%' ? target_job(word, &error) : NULL;
    int status = STATUS_OK;
    if (word[0] != '%') {
        text_print(&error, "takes jobs, as %%1, not '%s'", text_visible(word));
        status = cancel_line_fail(place, STATUS_MISUSE, text_string(&error));
    } else if (!job) {
        status = cancel_line_fail(place, STATUS_FAILED, text_string(&error));
    } else if (job->done) {
        text_print(&error, "%%%u has ended", job->id);
        status = cancel_line_fail(place, STATUS_FAILED, text_string(&error));
    } else if (job->owner == call_front()) {
        input_stack_give_up_line();
        call_cancel_front();
    } else {
        call_cancel(job);
    }
    text_free(&error);
    return status;
}

static int cancel_line_front(const char *place)
{
    if (!call_front())
        return cancel_line_fail(place, STATUS_FAILED, "nothing runs in front");
    input_stack_give_up_line();
    call_cancel_front();
    return STATUS_OK;
}

static int cancel_line_heed(const char *line, const char *place)
{
    char *copy = must_strdup(line + strlen(WORD)), *rest = NULL;
    char *word = strtok_r(copy, " \t\r", &rest);
    int worst = word ? STATUS_OK : cancel_line_front(place);
    for (; word; word = strtok_r(NULL, " \t\r", &rest)) {
        int status = cancel_line_job(word, place);
        worst = status > worst ? status : worst;
    }
    free(copy);
    return worst;
}

void cancel_line_ahead(const char *line, long number, const char *place)
{
    struct heeded **end = &heeded;
    while (*end)
        end = &(*end)->next;
    *end = must_calloc(1, sizeof **end);
    **end = (struct heeded){.number = number, .status = cancel_line_heed(line, place)};
}

int cancel_line_in_turn(const char *line, long number, const char *place)
{
    struct heeded *first = heeded;
    if (!first || first->number != number)
        return cancel_line_heed(line, place);
    int status = first->status;
    heeded = first->next;
    free(first);
    return status;
}
