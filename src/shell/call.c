// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/call.h"

#include "base/fail.h"
#include "base/out.h"
#include "base/text.h"
#include "shell/error.h"
#include "shell/objects.h"
#include "shell/session.h"

#include <stdlib.h>
#include <string.h>

static void complain(struct call *call, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void complain(struct call *call, const char *format, va_list arguments)
{
    struct text message = {0};
    text_vprint(&message, format, arguments);
    error_tell(call->job ? call->job->id : 0, call->command->name, call->place,
               text_string(&message));
    text_free(&message);
    call->failed = true;
}

int call_fail(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(call, format, arguments);
    va_end(arguments);
    return STATUS_FAILED;
}

int call_misuse(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(call, format, arguments);
    va_end(arguments);
    return STATUS_MISUSE;
}

void call_summary(const struct call *call, const char *format, ...)
{
    if (session_is_quiet())
        return;
    struct text words = {0}, line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&words, format, arguments);
    va_end(arguments);
    if (objects_is_on()) {
        objects_words(call, "summary", text_string(&words));
        text_free(&words);
        return;
    }
    if (call->background)
        text_print(&line, "[%u] ", call->job ? call->job->id : 0);
    text_add_string(&line, "=> ");
    size_t columns = session_columns();
    text_add_wrapped(&line, text_string(&words), line.length, line.length,
                     columns > 0 ? columns : SIZE_MAX);
    out_print("%s\n", text_string(&line));
    text_free(&words);
    text_free(&line);
}

static void job_is_done(struct job *job)
{
    call_finish(job->owner, job->status);
}

struct job *call_job(struct call *call, const struct job_ops *ops, void *data)
{
    BUG_IF(call->job);
    call->job = job_new(call->text, ops, data);
    call->job->owner = call;
    call->job->on_done = job_is_done;
    return call->job;
}

void call_free(struct call *call)
{
    if (call->ops && call->ops->free)
        call->ops->free(call);
    for (size_t i = 0; i < call->word_count; i++)
        free(call->words[i]);
    free(call->words);
    free(call->args);
    free(call->text);
    free(call->place);
    free(call);
}
