// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/call.h"

#include "base/die.h"
#include "base/lines.h"
#include "base/out.h"
#include "base/text.h"
#include "base/clock.h"
#include "jobs/terminate.h"
#include "shell/error.h"
#include "shell/help.h"
#include "shell/hints.h"
#include "shell/input_line.h"
#include "shell/input_stack.h"
#include "shell/notices.h"
#include "shell/terminal.h"
#include "shell/json_output.h"
#include "shell/context.h"
#include "jobs/speaker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct call *front;
static struct call *finished; // to be freed at the next turn
static int worst;             // of all statuses so far

struct call *call_front(void)
{
    return front;
}

int call_worst(void)
{
    return worst;
}

void call_note_status(int status)
{
    worst = status > worst ? status : worst;
}

// What a command's status means for those that follow.
void call_settle(int status)
{
    input_line_note(status);
    if (status == STATUS_OK)
        return;
    call_note_status(status);
    if (!context_keeps_going())
        input_stack_give_up(status);
}

int call_outcome(struct call *call, int status)
{
    if (!call->meant_to_fail || call->interrupted)
        return status;
    call->meant_to_fail = false;
    if (status != STATUS_OK)
        return STATUS_OK;
    return call_fail(call, "it was meant to fail, by the '!', and did not");
}

int call_status(const struct call *call, int status)
{
    if (call == front && context_is_leaving())
        return context_leave(0);
    if (call->cancelled)
        return status == STATUS_OK ? STATUS_FAILED : status;
    return call->interrupted ? 128 + SIGINT : status;
}

void call_finish(struct call *call, int status)
{
    BUG_IF(call->finished);
    status = call_status(call, call_outcome(call, status));
    call->finished = true;
    json_output_ended(call, status);
    if (call == front) {
        front = NULL;
        terminal_status("");
        if (status == STATUS_OK || status == STATUS_FAILED)
            hints_tell(call, status == STATUS_FAILED);
        call_settle(status);
    } else {
        call_note_status(status);
    }
    if (call->job)
        call->job->owner = NULL;
    call->next = finished;
    finished = call;
}

void call_free_finished(void)
{
    while (finished) {
        struct call *call = finished;
        finished = call->next;
        call_free(call);
    }
}

void call_interrupt(void)
{
    if (!front->interrupted)
        front->interrupted_at = clock_now();
    front->interrupted = true;
    if (front->ops && front->ops->interrupt)
        front->ops->interrupt(front);
    else if (front->job)
        terminate_unwanted(front->job);
}

void call_cancel(struct job *job)
{
    struct call *call = job->owner;
    if (!call->dismissed)
        call->dismissed = "cancelled";
    terminate_unwanted(job);
}

void call_mark_output(const struct job *job)
{
    const struct call *call = job ? job->owner : NULL;
    char mark[16] = "";
    if (call && call->background)
        snprintf(mark, sizeof mark, "[%u] ", job->id);
    lines_set_mark(mark);
}

void call_cancel_front(void)
{
    front->cancelled = true;
    if (front->job)
        call_cancel(front->job);
    else
        call_interrupt();
}

void call_to_background(void)
{
    if (!front)
        return;
    if (!front->job) {
        notices_add("%s can't go to the background; Ctrl-C gives it up", front->command->name);
        return;
    }
    struct call *call = front;
    front = NULL;
    terminal_status("");
    call->background = true;
    notices_add("[%u] in the background: %s", call->job->id, text_visible(call->text));
}

void call_leave_front(const struct call *call)
{
    if (front == call)
        front = NULL;
}

void call_to_front(struct call *call)
{
    call->background = false;
    front = call;
}

static void call_complain(struct call *call, bool usage, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

// With `usage` it ends with how the command is used.
static void call_complain(struct call *call, bool usage, const char *format, va_list arguments)
{
    struct text how = {0};
    if (usage)
        help_usage(call->command, &how);
    struct text message = {0};
    text_vprint(&message, format, arguments);
    error_tell(call->job ? call->job->id : 0, call->command->name, call->place,
               text_string(&message), usage ? text_string(&how) : NULL);
    text_free(&message);
    text_free(&how);
    call->failed = true;
}

int call_fail(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    call_complain(call, false, format, arguments);
    va_end(arguments);
    return STATUS_FAILED;
}

void call_warn(const struct call *call, const char *format, ...)
{
    struct text message = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&message, format, arguments);
    va_end(arguments);
    error_warn(call->job ? call->job->id : 0, call->command->name, call->place,
               text_string(&message));
    text_free(&message);
}

int call_misuse(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    call_complain(call, true, format, arguments);
    va_end(arguments);
    return STATUS_MISUSE;
}

int call_refuse(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    call_complain(call, false, format, arguments);
    va_end(arguments);
    return STATUS_MISUSE;
}

void call_summary(const struct call *call, const char *format, ...)
{
    if (context_is_quiet())
        return;
    struct text words = {0}, line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&words, format, arguments);
    va_end(arguments);
    if (json_output_is_on()) {
        json_output_words(call, "summary", text_string(&words));
        text_free(&words);
        return;
    }
    if (call->background)
        text_print(&line, "[%u] ", call->job ? call->job->id : 0);
    text_add_string(&line, "=> ");
    size_t columns = context_prose_columns();
    text_add_wrapped(&line, text_string(&words), line.length, line.length,
                     columns > 0 ? columns : SIZE_MAX);
    out_print("%s\n", text_string(&line));
    text_free(&words);
    text_free(&line);
}

static void call_job_is_done(struct job *job)
{
    call_finish(job->owner, job->status);
}

struct job *call_job(struct call *call, const struct job_ops *ops, void *data)
{
    BUG_IF(call->job);
    call->job = job_new(call->text, ops, data);
    call->job->owner = call;
    call->job->on_done = call_job_is_done;
    speaker_set(call->job); // until run() is over
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
