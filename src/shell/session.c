// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/session.h"

#include "base/clock.h"
#include "base/die.h"
#include "base/lines.h"
#include "base/out.h"
#include "jobs/results.h"
#include "os/loop.h"
#include "shell/quit.h"
#include "shell/cancel_line.h"
#include "shell/history.h"
#include "shell/input_line.h"
#include "shell/keypress.h"
#include "shell/keys.h"
#include "shell/live_explain.h"
#include "shell/notices.h"
#include "shell/json_output.h"
#include "shell/recording.h"
#include "shell/execute.h"
#include "shell/input_stack.h"
#include "shell/terminal.h"
#include "jobs/reaper.h"
#include "jobs/speaker.h"
#include "base/tty.h"
#include "shell/call.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A command that runs longer shows how far it is, and how often that is drawn.
#define BAR_AFTER NS_PER_S
#define BAR_EVERY (100 * NS_PER_MS)

static bool input_ready;    // the source's descriptor was readable
static int awaited_fd = -1; // the same, while a turn waits for it
static bool things_changed; // some worker or job did; the command in front may be waiting for it
static int64_t bar_drawn;
static int ahead_fd = -1;    // the own script's, while it is read ahead of its turn
static bool ahead_has_ended; // nothing more can be read ahead for this line

// Most events are heard by the model alone: what else may listen is asked once.
static void session_hear_event(const struct event *event)
{
    context_add_event(event);
    if (json_output_is_on())
        json_output_event(event);
    if (live_explain_is_on())
        live_explain_event(event);
    switch (event->kind) {
    case EVENT_DIED:
    case EVENT_JOB_DONE:
        things_changed = true;
        notices_tell(event);
        break;
    case EVENT_REAPED:
        things_changed = true;
        break;
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
        things_changed = true;
        notices_tell(event);
        break;
    case EVENT_ORPHAN:
        notices_tell(event);
        break;
    default:
        break;
    }
}

static void session_stop_waiting(void)
{
    if (awaited_fd >= 0)
        loop_unwatch(awaited_fd);
    awaited_fd = -1;
}

static void session_stop_ahead(void)
{
    if (ahead_fd >= 0)
        loop_unwatch(ahead_fd);
    ahead_fd = -1;
}

// In the middle of a turn, too: what is opened next may have the descriptor's number.
static void session_drop_sources(void)
{
    session_stop_waiting();
    session_stop_ahead();
    input_stack_drop_all();
}

// A signal ends forklab, or its output has no reader any more: ends every worker, then the session.
static void session_leave(int status)
{
    context_leave(status);
    out_hurry();
    session_drop_sources();
    terminal_prompt(false);
    quit_cancel_all();
    if (call_front() && !call_front()->job)
        call_interrupt();
}

// Whether a SIGINT can be a Ctrl-C that is meant for what runs: in the background it can't.
static bool session_has_keyboard(void)
{
    return context_is_interactive() && tty_is_ours(STDIN_FILENO);
}

static void session_take_interrupt(void)
{
    if (!session_has_keyboard()) {
        session_leave(128 + SIGINT);
        return;
    }
    session_stop_waiting();
    if (call_front()) {
        input_stack_give_up(128 + SIGINT);
        call_interrupt();
    } else {
        input_stack_give_up(0);
        terminal_abandon();
    }
}

static void session_take_signal(int number, pid_t pid)
{
    switch (number) {
    case SIGCHLD:
        reaper_child_changed(pid);
        break;
    case SIGINT:
        session_take_interrupt();
        break;
    case SIGTTIN: // only blocked: terminal.c asks before it touches the terminal
    case SIGTTOU:
        break;
    case SIGTSTP:
        call_to_background();
        break;
    case SIGWINCH:
        terminal_resized();
        break;
    case SIGCONT:
        terminal_resumed();
        break;
    case SIGQUIT:
        if (!session_has_keyboard())
            session_leave(128 + number);
        break;
    default:
        session_leave(128 + number);
        break;
    }
}

static void session_heed_ahead(const char *line, long number)
{
    struct text place = {0};
    if (!line_is_cancel(line))
        return;
    input_stack_own_place(number, &place);
    cancel_line_ahead(line, number, text_string(&place));
    text_free(&place);
}

static void session_look_ahead(void *data)
{
    (void)data;
    if (input_stack_look_ahead(true, session_heed_ahead))
        return;
    ahead_has_ended = true;
    session_stop_ahead();
}

// With --json lines are looked at while a command runs: !cancel can't wait for its turn.
static void session_begin_ahead(void)
{
    int fd = input_stack_own_fd();
    if (!context_options()->json || ahead_fd >= 0 || ahead_has_ended || fd != STDIN_FILENO)
        return;
    if (loop_watch_urgent(fd, session_look_ahead, NULL)) {
        ahead_fd = fd;
        input_stack_look_ahead(false, session_heed_ahead);
    } else if (errno == EPERM) {
        ahead_has_ended = true; // a plain file is all there already, and waits for its turn
    } else {
        die("epoll_ctl: %s", strerror(errno));
    }
}

// Tells that a line is done once nothing of it is left.
static void session_end_line(void)
{
    if (!input_line_is_open() || call_front() || !input_stack_line_is_through())
        return;
    session_stop_ahead();
    ahead_has_ended = false;
    input_line_end(json_output_done);
}

static void session_take_cancel(const char *line)
{
    struct text place = {0};
    input_stack_place(&place);
    int status = cancel_line_in_turn(line, input_stack_own_line(), text_string(&place));
    call_settle(status);
    text_free(&place);
}

static void session_note_input(void *data)
{
    (void)data;
    input_ready = true;
}

static void session_wait_for_input(void)
{
    if (input_stack_fd() < 0) { // a feed, which watches for itself
        loop_turn(-1);
        return;
    }
    if (!loop_watch_urgent(input_stack_fd(), session_note_input, NULL)) {
        if (errno != EPERM)
            die("epoll_ctl: %s", strerror(errno));
        input_ready = true; // a plain file
        loop_turn(0);
        return;
    }
    awaited_fd = input_stack_fd();
    loop_turn(-1);
    session_stop_waiting();
}

// The stack of sources is empty: asks the terminal for a line, or ends.
static void session_next_input(void)
{
    char *line = context_is_interactive() ? terminal_line() : NULL;
    if (line) {
        input_stack_push(line_reader_from_text(line, "prompt"), false);
        free(line);
    } else if (!context_is_interactive() || terminal_has_ended()) {
        quit_at_end_of_input();
    } else {
        terminal_prompt(true);
        loop_turn(terminal_is_prompting() ? -1 : 0);
    }
}

// Shows a command before it runs.
static void session_echo(const struct part *part)
{
    struct text line = {0};
    text_add_string(&line, "+ ");
    text_add_visible(&line, part->source, strlen(part->source));
    text_add_string(&line, part->background ? " &\n" : "\n");
    out_write(line.bytes, line.length);
    text_free(&line);
}

// Shows which command a "!3" was. With --json it is in its `command`.
static void session_show_recalled(const struct part *part)
{
    if (!context_options()->json && !context_options()->echo)
        out_print("%s%s\n", text_visible(part->source), part->background ? " &" : "");
}

static void session_take_part(struct part *part)
{
    struct text error = {0};
    bool recalled;
    if (!history_recall(part, &recalled, &error)) {
        execute_refuse(text_string(&error), STATUS_MISUSE);
        line_free_part(part);
        text_free(&error);
        return;
    }
    if (recalled)
        session_show_recalled(part);
    if (input_stack_is_typed())
        history_remember(part);
    if (context_options()->echo && !context_options()->json)
        session_echo(part);
    execute_part(part);
}

static void session_step(void)
{
    struct part part;
    struct text message = {0};
    enum input_state next = input_stack_next(input_ready, &part, &message);
    input_ready = false;
    switch (next) {
    case SOURCE_PART:
        session_take_part(&part);
        if (input_line_is_open() && !input_stack_line_is_through())
            session_begin_ahead();
        loop_turn(0);
        break;
    case SOURCE_NOTHING:
        break;
    case SOURCE_WAIT:
        session_wait_for_input();
        break;
    case SOURCE_ERROR:
        execute_refuse(text_string(&message), STATUS_MISUSE);
        break;
    case SOURCE_FAILED:
        execute_refuse(text_string(&message), STATUS_FAILED);
        break;
    case SOURCE_CANCEL:
        session_take_cancel(text_string(&message));
        break;
    case SOURCE_SKIPPED:
        execute_skip(text_string(&message));
        break;
    case SOURCE_PAST:
    case SOURCE_EMPTY:
        session_next_input();
        break;
    }
    text_free(&message);
}

static void session_draw_bar(void)
{
    const struct call *front = call_front();
    int64_t now = clock_now();
    if (!context_is_interactive() || !front || now - front->started < BAR_AFTER ||
        now - bar_drawn < BAR_EVERY || keypress_is_open()) // whose question stands there
        return;
    bar_drawn = now;
    const struct job *job = front->job;
    struct progress progress = {.part = -1,
                                .elapsed = now - front->started - (job ? job_stood(job) : 0),
                                .stands = job && job->standing_since > 0};
    struct text line = {0};
    if (front->ops && front->ops->progress)
        front->ops->progress(front, &progress);
    progress_format(&progress, front->command->name, tty_columns(), &line);
    terminal_status(text_string(&line));
    text_free(&line);
}

static void session_wait_for_front(void)
{
    session_begin_ahead();
    loop_turn(context_is_interactive() ? BAR_EVERY : -1);
    session_draw_bar();
}

// Tells the command in front that what it waits for may have come.
static void session_pass_changes_on(void)
{
    struct call *front = call_front();
    if (!things_changed)
        return;
    things_changed = false;
    if (front && front->ops && front->ops->changed)
        front->ops->changed(front);
}

// A reader that has left has seen what it wanted to.
static void session_tell_lost_output(void)
{
    if (out_error() != EPIPE)
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
}

// A terminal whose keys can't be read any more ends the session, and is named.
static void session_leave_if_deaf(void)
{
    int error;
    const char *call = keys_failed_call(&error);
    if (!call || context_is_leaving())
        return;
    out_complain("forklab: %s(terminal): %s", call, strerror(error));
    session_leave(STATUS_FAILED);
}

// Returns false when the session is over.
static bool session_take_turn(void)
{
    call_free_finished();
    session_end_line();
    if (!call_front()) // a command in front holds pointers to jobs and workers
        jobs_forget(false);
    if (out_error() && !context_is_leaving()) {
        session_tell_lost_output();
        session_leave(STATUS_OUTPUT);
    }
    session_leave_if_deaf();
    bool left = context_is_leaving() && quit_is_complete();
    if (!left && (context_is_leaving() || call_front()))
        session_wait_for_front();
    else if (!left)
        session_step();
    session_pass_changes_on();
    return !left && !quit_is_over();
}

static void session_flush(void)
{
    out_flush();
}

static void session_open_loop(void)
{
    sigset_t handled;
    struct sigaction before;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    sigaddset(&handled, SIGTTIN);
    sigaddset(&handled, SIGTTOU);
    for (int number = 1; number <= SIGRTMAX; number++)
        if (loop_is_asked_to_end_by(number))
            sigaddset(&handled, number);
    // nohup(1) asks for a script to outlive its terminal.
    if (!context_is_interactive() && sigaction(SIGHUP, NULL, &before) == 0 &&
        before.sa_handler == SIG_IGN)
        sigdelset(&handled, SIGHUP);
    if (context_is_interactive()) {
        sigaddset(&handled, SIGTSTP);
        sigaddset(&handled, SIGWINCH);
        sigaddset(&handled, SIGCONT);
    }
    loop_open(&handled, session_take_signal);
    loop_before_wait(session_flush);
    out_set_give_up(loop_leave_fd());
}

// Says that output was given up: at a prompt that is what Ctrl-C asks for.
static bool session_is_cut_short(void)
{
    return out_cut() > 0 && (!context_is_interactive() || context_is_leaving());
}

static void session_tell_cut(void)
{
    if (session_is_cut_short() && !out_error())
        out_complain("forklab: %zu bytes of output were not written: its reader took no more",
                     out_cut());
}

static void session_close(void)
{
    keypress_close();
    terminal_close();
    call_free_finished();
    input_stack_drop_all();
    reaper_set(true);
    reaper_reap(NULL);
    quit_await_orphans();
    input_line_end(json_output_done);
    json_output_close();
    live_explain_set(false);
    out_flush();
    events_set_listener(NULL);
    jobs_forget(true);
    results_free();
    recording_close();
    events_free();
    context_free();
    session_tell_cut();
    out_set_give_up(-1);
    loop_close();
    history_free();
}

static int session_exit_status(void)
{
    if (out_error())
        return STATUS_OUTPUT;
    if (context_is_leaving())
        return context_leave(0);
    if (session_is_cut_short())
        return STATUS_OUTPUT;
    if (quit_status() >= 0)
        return quit_status();
    return context_is_interactive() ? STATUS_OK : call_worst();
}

// For die(): kills and reaps all workers and gives the terminal back.
static void session_say_last_words(void)
{
    reaper_kill_all();
    terminal_close();
}

int session_run(const struct session_options *asked)
{
    context_set(asked, !asked->script);
    bool interactive = context_is_interactive();
    if (asked->json)
        json_output_open();
    session_open_loop();
    quit_note_foreign();
    die_set_last_words(session_say_last_words);
    events_set_listener(session_hear_event);
    speaker_on_change(call_mark_output);
    if (isatty(STDOUT_FILENO))
        lines_set_width(tty_columns);
    if (interactive)
        terminal_open(asked->table);
    else
        input_stack_push(asked->script, true);
    if (interactive)
        notices_add("forklab %s: try 'spawn 6', or 'help'", FORKLAB_VERSION);
    while (session_take_turn())
        continue;
    out_flush();
    if (out_cut() > 0 && !context_is_leaving())
        loop_turn(0); // hears the signal for which it was given up
    session_close();
    if (out_error() && context_leave(0) != STATUS_OUTPUT)
        session_tell_lost_output();
    return session_exit_status();
}
