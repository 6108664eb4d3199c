// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/session.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/out.h"
#include "process/kept.h"
#include "process/loop.h"
#include "shell/ending.h"
#include "shell/error.h"
#include "shell/narrate.h"
#include "shell/notices.h"
#include "shell/record.h"
#include "shell/objects.h"
#include "shell/source.h"
#include "shell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A command that runs longer shows how far it is, and how often that is drawn.
#define BAR_AFTER NS_PER_S
#define BAR_EVERY (100 * NS_PER_MS)

enum { HISTORY_KEPT = 500 };

static struct session_options options;
static struct settings settings;
static struct state state; // of all jobs
static bool interactive;
static struct call *front;
static struct call *finished; // to be freed at the next turn
static bool input_ready;      // the source's descriptor was readable
static int awaited_fd = -1;   // the same, while a turn waits for it
static bool things_changed;   // some worker or job did; `front` may be waiting for it
static bool over;
static int leaving; // the status with which we are leaving before the input has ended, or 0
static int worst;   // of all statuses so far
static int quit_status;
static int64_t bar_drawn;
static char *history[HISTORY_KEPT];
static size_t history_count; // of the whole session

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

void session_notice(const char *format, ...)
{
    if (options.quiet)
        return;
    struct text line = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&line, format, arguments);
    va_end(arguments);
    if (objects_is_on())
        objects_words(NULL, "notice", text_string(&line));
    else
        out_print("%s\n", text_string(&line));
    text_free(&line);
}

static void remember(const struct part *part)
{
    struct text typed = {0};
    text_print(&typed, "%s%s", part->source, part->background ? " &" : "");
    free(history[history_count % HISTORY_KEPT]);
    history[history_count++ % HISTORY_KEPT] = typed.bytes;
}

const char *session_history(size_t index, size_t *number)
{
    size_t first = history_count > HISTORY_KEPT ? history_count - HISTORY_KEPT : 0;
    if (first + index >= history_count)
        return NULL;
    *number = first + index + 1;
    return history[(first + index) % HISTORY_KEPT];
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
    if (!options.keep_going)
        source_drop_all();
}

void session_call_finished(struct call *call, int status)
{
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

static void free_finished(void)
{
    while (finished) {
        struct call *call = finished;
        finished = call->next;
        call_free(call);
    }
}

static void interrupt(struct call *call)
{
    call->interrupted = true;
    if (call->ops && call->ops->interrupt)
        call->ops->interrupt(call);
    else if (call->job)
        job_cancel(call->job);
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
    if (front && !front->job)
        interrupt(front);
}

static void to_background(void)
{
    if (!front)
        return;
    if (!front->job) {
        session_notice("%s can't go to the background; Ctrl-C gives it up", front->command->name);
        return;
    }
    struct call *call = front;
    front = NULL;
    terminal_status("");
    call->background = true;
    session_notice("[%u] in the background: %s", call->job->id, text_visible(call->text));
}

static void take_interrupt(void)
{
    if (!interactive) {
        leave(128 + SIGINT);
        return;
    }
    drop_sources();
    if (front)
        interrupt(front);
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
        to_background();
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

void session_to_front(struct call *call)
{
    BUG_IF(!call->background);
    call->background = false;
    front = call;
}

size_t session_depth(void)
{
    return source_depth();
}

bool session_source(const char *path)
{
    // A FIFO without a writer must not block us.
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        errno = EISDIR;
        return false;
    }
    source_push(script_from_fd(fd, false, path), true);
    return true;
}

void session_repeat(int64_t count, const char *text, bool background)
{
    source_push_repeat(count, text, background);
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

// Tells what is wrong with the text taken last. Returns `status`.
static int refuse(const char *message, int status)
{
    struct text place = {0};
    source_place(&place);
    error_tell(NULL, text_string(&place), message);
    text_free(&place);
    return status;
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
    bool typed = source_is_typed() && record_path();
    int status = start(call);
    if (typed && status != STATUS_MISUSE && !record_command(call))
        note_status(STATUS_FAILED);
    if (status == STATUS_PENDING) {
        if (call->background && call->job && !call->job->done)
            session_notice("[%u] %s &", call->job->id, text_visible(call->text));
        return;
    }
    if (front == call)
        front = NULL;
    objects_done(call, status);
    settle(status);
    call_free(call);
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

static void run_part(struct part *part)
{
    struct text error = {0};
    if (source_is_typed())
        remember(part);
    if (options.echo && !options.json)
        echo(part);
    const struct command *command = command_find(options.table, part->words[0], &error);
    struct call *call = call_new(command, part);
    if (!command) {
        settle(refuse(text_string(&error), STATUS_MISUSE));
        call_free(call);
    } else {
        carry_out(call);
    }
    text_free(&error);
}

static void check_quit(struct call *call)
{
    if (!ending_is_complete())
        return;
    over = true;
    call_finish(call, STATUS_OK);
}

static void hurry_quit(struct call *call)
{
    (void)call;
    if (!leaving) // leave() has done it; twice would be SIGKILL at once
        ending_cancel_all();
}

void session_quit(struct call *call, int status)
{
    static const struct call_ops quit_ops = {.interrupt = hurry_quit, .changed = check_quit};
    struct text names = {0};
    quit_status = status;
    source_drop_all();
    jobs_collect();
    size_t ended = ending_dismiss_daemons();
    if (ended > 0)
        session_notice("quit: terminating %zu daemon worker%s", ended, ended == 1 ? "" : "s");
    size_t joined = ending_join(&names);
    if (joined > 0)
        session_notice("quit: waiting for %s%s", text_string(&names),
                       interactive ? " (Ctrl-C terminates them)" : "");
    text_free(&names);
    call->ops = &quit_ops;
    things_changed = true;
}

// The input has ended, which is `quit`.
static void quit_at_end(void)
{
    struct text error = {0};
    struct part part = {.words = must_calloc(2, sizeof(char *)), .count = 1};
    part.words[0] = must_strdup("quit");
    part.source = must_strdup("quit");
    front = call_new(command_find(options.table, "quit", &error), &part);
    objects_command(front);
    session_quit(front, -1);
    text_free(&error);
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
        quit_at_end();
    } else {
        terminal_prompt(true);
        loop_turn(-1);
    }
}

static void step(void)
{
    struct part part;
    struct text message = {0};
    enum source_state next = source_next(input_ready, &part, &message);
    input_ready = false;
    switch (next) {
    case SOURCE_PART:
        run_part(&part);
        loop_turn(0);
        break;
    case SOURCE_WAIT:
        wait_for_input();
        break;
    case SOURCE_ERROR:
        settle(refuse(text_string(&message), STATUS_MISUSE));
        break;
    case SOURCE_FAILED:
        settle(refuse(text_string(&message), STATUS_FAILED));
        break;
    case SOURCE_SKIPPED:
        note_status(refuse(text_string(&message), STATUS_MISUSE));
        break;
    case SOURCE_EMPTY:
        next_input();
        break;
    }
    text_free(&message);
}

static void draw_bar(void)
{
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

static void take_turn(void)
{
    free_finished();
    if (!front) // who waits in front holds pointers to jobs and workers
        jobs_forget(false);
    if (out_error() && !leaving) {
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
        leave(STATUS_OUTPUT);
    }
    if (leaving && ending_is_complete())
        over = true;
    else if (leaving || front)
        wait_for_front();
    else
        step();
    if (things_changed) {
        things_changed = false;
        if (front && front->ops && front->ops->changed)
            front->ops->changed(front);
    }
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
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGTERM);
    sigaddset(&handled, SIGQUIT);
    // nohup(1) asks for a script to outlive its terminal.
    if (interactive || sigaction(SIGHUP, NULL, &before) < 0 || before.sa_handler != SIG_IGN)
        sigaddset(&handled, SIGHUP);
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
    free_finished();
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
    for (size_t i = 0; i < HISTORY_KEPT; i++)
        free(history[i]);
}

static int exit_status(void)
{
    if (out_error())
        return STATUS_OUTPUT;
    if (leaving)
        return leaving;
    if (quit_status >= 0)
        return quit_status;
    return interactive ? STATUS_OK : worst;
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
    quit_status = -1;
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
        session_notice("forklab %s: try 'spawn 6', or 'help'", FORKLAB_VERSION);
    while (!over)
        take_turn();
    out_flush();
    close_session();
    if (out_error() && leaving != STATUS_OUTPUT)
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
    return exit_status();
}
