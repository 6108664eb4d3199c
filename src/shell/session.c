// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/session.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/out.h"
#include "process/kept.h"
#include "process/loop.h"
#include "shell/ending.h"
#include "shell/history.h"
#include "shell/narrate.h"
#include "shell/notices.h"
#include "shell/objects.h"
#include "shell/record.h"
#include "shell/run.h"
#include "shell/source.h"
#include "shell/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

// A command that runs longer shows how far it is, and how often that is drawn.
#define BAR_AFTER NS_PER_S
#define BAR_EVERY (100 * NS_PER_MS)

static struct session_options options;
static struct settings settings;
static struct state state; // of all jobs
static bool interactive;
static bool input_ready;    // the source's descriptor was readable
static int awaited_fd = -1; // the same, while a turn waits for it
static bool things_changed; // some worker or job did; who is in front may be waiting for it
static int leaving;         // the status with which we are leaving before the input has ended, or 0
static int64_t bar_drawn;

const struct command *const *session_table(void)
{
    return options.table;
}

struct settings *session_settings(void)
{
    return &settings;
}

bool session_is_quiet(void)
{
    return options.quiet;
}

bool session_keeps_going(void)
{
    return options.keep_going;
}

bool session_is_leaving(void)
{
    return leaving != 0;
}

bool session_is_interactive(void)
{
    return interactive;
}

const struct state *session_state(void)
{
    return &state;
}

size_t session_columns(void)
{
    return interactive ? (size_t)terminal_columns() : 0;
}

static void hear_event(const struct event *event)
{
    state_add(&state, event);
    switch (event->kind) {
    case EVENT_DIED:
    case EVENT_REAPED:
    case EVENT_STOPPED:
    case EVENT_CONTINUED:
    case EVENT_JOB_DONE:
        things_changed = true;
        break;
    default:
        break;
    }
    objects_event(event);
    narrate_event(event);
    notices_tell(event);
}

static void stop_waiting(void)
{
    if (awaited_fd >= 0)
        loop_unwatch(awaited_fd);
    awaited_fd = -1;
}

// In the middle of a turn, too: what is opened next may have the descriptor's number.
static void drop_sources(void)
{
    stop_waiting();
    source_drop_all();
}

// A signal ends us, or nobody can read what we say: every worker is ended, then we go.
static void leave(int status)
{
    if (!leaving)
        leaving = status;
    out_hurry();
    drop_sources();
    terminal_prompt(false);
    ending_cancel_all();
    if (run_front() && !run_front()->job)
        run_interrupt();
}

static void take_interrupt(void)
{
    if (!interactive) {
        leave(128 + SIGINT);
        return;
    }
    drop_sources();
    if (run_front())
        run_interrupt();
    else
        terminal_abandon();
}

static void take_signal(int number, pid_t pid)
{
    switch (number) {
    case SIGCHLD:
        jobs_child_changed(pid);
        break;
    case SIGINT:
        take_interrupt();
        break;
    case SIGTSTP:
        run_to_background();
        break;
    case SIGWINCH:
        terminal_resized();
        break;
    case SIGCONT:
        terminal_resumed();
        break;
    case SIGQUIT:
        if (!interactive)
            leave(128 + number);
        break;
    default:
        leave(128 + number);
        break;
    }
}

static void note_input(void *data)
{
    (void)data;
    input_ready = true;
}

static void wait_for_input(void)
{
    if (!loop_watch_urgent(source_fd(), note_input, NULL)) {
        if (errno != EPERM)
            die("epoll_ctl: %s", strerror(errno));
        input_ready = true; // a plain file
        loop_turn(0);
        return;
    }
    awaited_fd = source_fd();
    loop_turn(-1);
    stop_waiting();
}

// The stack of sources is empty: asks the terminal for a line, or ends.
static void next_input(void)
{
    char *line = interactive ? terminal_line() : NULL;
    if (line) {
        source_push(script_from_text(line, "prompt"), false);
        free(line);
    } else if (!interactive || terminal_has_ended()) {
        ending_quit_at_end();
    } else {
        terminal_prompt(true);
        loop_turn(-1);
    }
}

// Shows a command before it runs.
static void echo(const struct part *part)
{
    struct text line = {0};
    text_add_string(&line, "+ ");
    text_add_visible(&line, part->source, strlen(part->source));
    text_add_string(&line, part->background ? " &\n" : "\n");
    out_write(line.bytes, line.length);
    text_free(&line);
}

static void take_part(struct part *part)
{
    if (source_is_typed())
        history_remember(part);
    if (options.echo && !options.json)
        echo(part);
    run_part(part);
}

static void step(void)
{
    struct part part;
    struct text message = {0};
    enum source_state next = source_next(input_ready, &part, &message);
    input_ready = false;
    switch (next) {
    case SOURCE_PART:
        take_part(&part);
        loop_turn(0);
        break;
    case SOURCE_WAIT:
        wait_for_input();
        break;
    case SOURCE_ERROR:
        run_refuse(text_string(&message), STATUS_MISUSE);
        break;
    case SOURCE_FAILED:
        run_refuse(text_string(&message), STATUS_FAILED);
        break;
    case SOURCE_SKIPPED:
        run_skip(text_string(&message));
        break;
    case SOURCE_EMPTY:
        next_input();
        break;
    }
    text_free(&message);
}

static void draw_bar(void)
{
    const struct call *front = run_front();
    int64_t now = clock_now();
    if (!interactive || !front || now - front->started < BAR_AFTER || now - bar_drawn < BAR_EVERY)
        return;
    bar_drawn = now;
    struct progress progress = {.part = -1, .elapsed = now - front->started};
    struct text line = {0};
    if (front->ops && front->ops->progress)
        front->ops->progress(front, &progress);
    progress_format(&progress, front->command->name, terminal_columns(), &line);
    terminal_status(text_string(&line));
    text_free(&line);
}

static void wait_for_front(void)
{
    loop_turn(interactive ? BAR_EVERY : -1);
    draw_bar();
}

// Tells who is in front that what it waits for may have come.
static void pass_changes_on(void)
{
    struct call *front = run_front();
    if (!things_changed)
        return;
    things_changed = false;
    if (front && front->ops && front->ops->changed)
        front->ops->changed(front);
}

// Returns false when the session is over.
static bool take_turn(void)
{
    run_free_finished();
    if (!run_front()) // who waits in front holds pointers to jobs and workers
        jobs_forget(false);
    if (out_error() && !leaving) {
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
        leave(STATUS_OUTPUT);
    }
    bool left = leaving && ending_is_complete();
    if (!left && (leaving || run_front()))
        wait_for_front();
    else if (!left)
        step();
    pass_changes_on();
    return !left && !ending_is_over();
}

static void flush(void)
{
    out_flush();
}

static void open_loop(void)
{
    sigset_t handled;
    struct sigaction before;
    sigemptyset(&handled);
    sigaddset(&handled, SIGCHLD);
    for (int number = 1; number <= SIGRTMAX; number++)
        if (loop_is_asked_to_end_by(number))
            sigaddset(&handled, number);
    // nohup(1) asks for a script to outlive its terminal.
    if (!interactive && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        sigdelset(&handled, SIGHUP);
    if (interactive) {
        sigaddset(&handled, SIGTSTP);
        sigaddset(&handled, SIGWINCH);
        sigaddset(&handled, SIGCONT);
    }
    loop_open(&handled, take_signal);
    loop_before_wait(flush);
    out_set_give_up(loop_leave_fd());
}

static void close_session(void)
{
    terminal_close();
    run_free_finished();
    source_drop_all();
    jobs_set_reaping(true);
    jobs_reap(NULL);
    ending_await_orphans();
    objects_close();
    narrate_set(false);
    out_flush();
    events_set_listener(NULL);
    jobs_forget(true);
    kept_free();
    record_close();
    events_free();
    state_free(&state);
    out_set_give_up(-1);
    loop_close();
    history_free();
}

static int exit_status(void)
{
    if (out_error())
        return STATUS_OUTPUT;
    if (leaving)
        return leaving;
    if (ending_status() >= 0)
        return ending_status();
    return interactive ? STATUS_OK : run_worst();
}

// For die(): kills and reaps all workers and gives the terminal back.
static void say_last_words(void)
{
    jobs_kill_all();
    terminal_close();
}

int session_run(const struct session_options *asked)
{
    options = *asked;
    interactive = !options.script;
    if (options.json)
        objects_open();
    open_loop();
    ending_note_foreign();
    fail_set_last_words(say_last_words);
    events_set_listener(hear_event);
    if (interactive)
        terminal_open(options.table);
    else
        source_push(options.script, true);
    if (interactive)
        notices_add("forklab %s: try 'spawn 6', or 'help'", FORKLAB_VERSION);
    while (take_turn())
        continue;
    out_flush();
    close_session();
    if (out_error() && leaving != STATUS_OUTPUT)
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
    return exit_status();
}
