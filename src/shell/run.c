// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/run.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/text.h"
#include "shell/error.h"
#include "shell/notices.h"
#include "shell/objects.h"
#include "shell/record.h"
#include "shell/session.h"
#include "shell/source.h"
#include "shell/terminal.h"

#include <signal.h>

static struct call *front;
static struct call *finished; // to be freed at the next turn
static int worst;             // of all statuses so far

struct call *run_front(void)
{
    return front;
}

int run_worst(void)
{
    return worst;
}

static void note_status(int status)
{
    worst = status > worst ? status : worst;
}

// What a command's status means for those that follow.
static void settle(int status)
{
    if (status == STATUS_OK)
        return;
    note_status(status);
    if (!session_keeps_going())
        source_drop_all();
}

void call_finish(struct call *call, int status)
{
    BUG_IF(call->finished);
    call->finished = true;
    objects_done(call, status);
    if (call == front) {
        front = NULL;
        terminal_status("");
        settle(call->interrupted ? 128 + SIGINT : status);
    } else {
        note_status(status);
    }
    if (call->job)
        call->job->owner = NULL;
    call->next = finished;
    finished = call;
}

void run_free_finished(void)
{
    while (finished) {
        struct call *call = finished;
        finished = call->next;
        call_free(call);
    }
}

void run_interrupt(void)
{
    if (!front->interrupted)
        front->interrupted_at = clock_now();
    front->interrupted = true;
    if (front->ops && front->ops->interrupt)
        front->ops->interrupt(front);
    else if (front->job)
        job_cancel(front->job);
}

void run_to_background(void)
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

void run_to_front(struct call *call)
{
    BUG_IF(!call->background);
    call->background = false;
    front = call;
}

static struct call *call_new(const struct command *command, struct part *part)
{
    struct call *call = must_calloc(1, sizeof *call);
    struct text place = {0};
    source_place(&place);
    *call = (struct call){.command = command,
                          .words = part->words,
                          .word_count = part->count,
                          .text = part->source,
                          .place = must_strdup(text_string(&place)),
                          .background = part->background,
                          .started = clock_now()};
    text_free(&place);
    return call;
}

static void tell(const char *message)
{
    struct text place = {0};
    source_place(&place);
    error_tell(0, NULL, text_string(&place), message);
    text_free(&place);
}

void run_refuse(const char *message, int status)
{
    tell(message);
    settle(status);
}

void run_skip(const char *message)
{
    tell(message);
    note_status(STATUS_MISUSE);
}

static int start(struct call *call)
{
    struct text error = {0};
    const struct command *command = call->command;
    call->args = command_parse(command, call->words + 1, call->word_count - 1, &error);
    int status;
    if (!call->args)
        status = call_misuse(call, "%s", text_string(&error));
    else if (call->background && !command->background)
        status = call_misuse(call, "only a command that starts workers can run behind '&'");
    else
        status = command->run(call);
    text_free(&error);
    return status;
}

static void carry_out(struct call *call)
{
    if (!call->background)
        front = call;
    objects_command(call);
    bool recorded = source_is_typed() && record_path() && !call->command->unrecorded;
    int status = start(call);
    if (recorded && status != STATUS_MISUSE && !record_command(call))
        note_status(STATUS_FAILED);
    if (status == STATUS_PENDING) {
        if (call->background && call->job && !call->job->done)
            notices_add("[%u] %s &", call->job->id, text_visible(call->text));
        return;
    }
    if (front == call)
        front = NULL;
    objects_done(call, status);
    settle(status);
    call_free(call);
}

void run_part(struct part *part)
{
    struct text error = {0};
    const struct command *command = command_find(session_table(), part->words[0], &error);
    struct call *call = call_new(command, part);
    if (command) {
        carry_out(call);
    } else {
        run_refuse(text_string(&error), STATUS_MISUSE);
        call_free(call);
    }
    text_free(&error);
}
