// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/execute.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/must.h"
#include "base/text.h"
#include "shell/error.h"
#include "shell/help.h"
#include "shell/moment.h"
#include "shell/notices.h"
#include "shell/pager.h"
#include "shell/json_output.h"
#include "shell/recording.h"
#include "shell/context.h"
#include "shell/input_line.h"
#include "shell/input_stack.h"
#include "shell/terminal.h"
#include "jobs/terminate.h"
#include "shell/call.h"
#include "jobs/speaker.h"

#include <stdlib.h>
#include <string.h>

static struct call *execute_call_new(const struct command *command, struct part *part)
{
    struct call *call = must_calloc(1, sizeof *call);
    struct text place = {0};
    input_stack_place(&place);
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

static void execute_tell(const char *message)
{
    struct text place = {0};
    input_stack_place(&place);
    error_tell(0, NULL, text_string(&place), message, NULL);
    text_free(&place);
}

void execute_refuse(const char *message, int status)
{
    execute_tell(message);
    call_settle(status);
}

void execute_skip(const char *message)
{
    execute_tell(message);
    input_line_note(STATUS_MISUSE);
    call_note_status(STATUS_MISUSE);
}

// COMMAND --help: tells about the command instead of running it.
static int execute_help(struct call *call)
{
    struct text text = {0};
    help_command(call->command, help_columns(), &text);
    return pager_show(call, &text);
}

// What is done is done now, whatever the view is of.
static int execute_run(struct call *call)
{
    if (call->command->acts && moment_clear())
        notices_add("'%s' acts now: back from the past", call->command->name);
    return call->command->run(call);
}

static int execute_start(struct call *call)
{
    struct text error = {0};
    const struct command *command = call->command;
    if (command_asks_help(command, call->words + 1, call->word_count - 1))
        return execute_help(call);
    call->args = command_parse(command, call->words + 1, call->word_count - 1, &error);
    int status;
    if (!call->args)
        status = call_misuse(call, "%s", text_string(&error));
    else if (call->background && call->meant_to_fail)
        status = call_misuse(call, "'!' waits for the end, so it can't go with '&'; 'wait' can");
    else if (call->background && !command->background)
        status = call_refuse(call, "only a command that starts workers can run behind '&'");
    else
        status = execute_run(call);
    speaker_set(NULL);
    // What could not be understood did not fail as it was meant to.
    if (!call->args)
        call->meant_to_fail = false;
    text_free(&error);
    return status;
}

// Starts a command, and records it if it was typed and understood.
static int execute_start_recorded(struct call *call)
{
    // Asked first: the command itself may begin or end a recording.
    bool recorded = input_stack_is_typed() && recording_path() && !call->command->unrecorded;
    int status = execute_start(call);
    if (recorded && status != STATUS_MISUSE && !recording_command(call))
        call_note_status(STATUS_FAILED);
    return status;
}

static void execute_carry_out(struct call *call)
{
    if (!call->background)
        call_to_front(call);
    json_output_command(call);
    int status = execute_start_recorded(call);
    if (status == STATUS_PENDING) {
        if (call->background && call->job && !call->job->done)
            notices_add("[%u] %s &", call->job->id, text_visible(call->text));
        return;
    }
    status = call_status(call, call_outcome(call, status));
    call_leave_front(call);
    json_output_ended(call, status);
    call_settle(status);
    call_free(call);
}

// Takes a '!' away from the front of the words. Returns whether there was one.
static bool execute_take_mark(struct part *part)
{
    if (strcmp(part->words[0], "!") != 0)
        return false;
    free(part->words[0]);
    memmove(part->words, part->words + 1, part->count * sizeof *part->words);
    part->count--;
    return true;
}

void execute_part(struct part *part)
{
    struct text error = {0};
    bool meant_to_fail = execute_take_mark(part);
    const struct command *command = NULL;
    if (part->count > 0)
        command = command_find(context_table(), part->words[0], &error);
    else
        text_add_string(&error, "a command must follow '!'");
    struct call *call = execute_call_new(command, part);
    call->meant_to_fail = meant_to_fail;
    if (command) {
        execute_carry_out(call);
    } else {
        execute_refuse(text_string(&error), STATUS_MISUSE);
        call_free(call);
    }
    text_free(&error);
}
