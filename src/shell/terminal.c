// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/terminal.h"

#include "base/die.h"
#include "base/must.h"
#include "base/out.h"
#include "os/loop.h"
#include "shell/context.h"
#include "shell/history_file.h"
#include "shell/keys.h"
#include "shell/moment.h"
#include "shell/notices.h"
#include "shell/readline.h"
#include "shell/screen.h"
#include "shell/tab.h"
#include "base/tty.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct typed {
    struct typed *next;
    char *line;
};

static struct termios original;
static FILE *bottom; // where readline and the bar are drawn
static bool is_open, is_prompting, has_ended;
static bool is_ours;        // its settings are those that we set
static struct typed *typed; // whole lines not taken yet
static struct text status;  // the line below everything
static bool status_shown;

static bool forgets; // lines are not remembered any more

// A full disk, or a home that can't be read, must not end a lesson: it is told once.
static void terminal_forget(void)
{
    forgets = true;
    notices_add("history: %s; what is typed is forgotten with the session", history_file_error());
}

static void terminal_remember(const char *line)
{
    if (!forgets && !history_file_append(line))
        terminal_forget();
}

// Keeps a line until it is taken, and remembers it.
static void terminal_keep_line(const char *begin, size_t length)
{
    struct typed *kept = must_calloc(1, sizeof *kept);
    kept->line = must_strndup(begin, length);
    struct typed **place = &typed;
    while (*place)
        place = &(*place)->next;
    *place = kept;
    if (kept->line[strspn(kept->line, " \t")] != '\0') {
        add_history(kept->line);
        terminal_remember(kept->line);
    }
}

static void terminal_drop_lines(void)
{
    for (char *line; (line = terminal_line());)
        free(line);
}

// Ctrl-C takes away what was typed before it: when a key was there a moment ago, reading it may
// find nothing, and must not wait for another, deaf to all signals.
static void terminal_never_block(struct termios *mode)
{
    mode->c_cc[VMIN] = 0;
    mode->c_cc[VTIME] = 0;
}

// While a command runs, keys are kept for the next prompt, unseen, and signals still come. Between
// two commands readline goes back to this, never to the original: no key is echoed twice or cooked.
static void terminal_set_running_mode(void)
{
    struct termios running = original;
    running.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    terminal_never_block(&running);
    is_ours = tty_is_ours(STDIN_FILENO);
    if (is_ours)
        tcsetattr(STDIN_FILENO, TCSANOW, &running);
}

// The settings of a terminal that belongs to another process group by now are left alone.
static void terminal_end_readline(void)
{
    if (tty_is_ours(STDIN_FILENO))
        rl_deprep_terminal();
}

// Readline takes the running mode, which does not echo, for the wish that it should not either.
static void terminal_prepare_readline(int meta)
{
    struct termios prepared;
    rl_prep_terminal(meta);
    rl_tty_set_echoing(1);
    if (tcgetattr(STDIN_FILENO, &prepared) < 0)
        return; // the terminal has gone, which reading will tell
    terminal_never_block(&prepared);
    tcsetattr(STDIN_FILENO, TCSANOW, &prepared);
}

static void terminal_leave_prompt(void)
{
    rl_callback_handler_remove();
    loop_unwatch(STDIN_FILENO);
    is_prompting = false;
}

// Readline has a whole line, or NULL at the end. A paste comes as one line with new lines in it.
static void terminal_take_line(char *text)
{
    terminal_leave_prompt();
    if (!text) {
        out_write("\n", 1);
        has_ended = true;
        return;
    }
    for (const char *begin = text; begin;) {
        const char *end = strchr(begin, '\n');
        terminal_keep_line(begin, end ? (size_t)(end - begin) : strlen(begin));
        begin = end ? end + 1 : NULL;
    }
    free(text);
}

// A window that has become narrower since has broken the line into several.
static void terminal_hide_status(void)
{
    if (status_shown) {
        for (int rows = ((int)status.length - 1) / tty_columns(); rows > 0; rows--)
            fputs("\033[A", bottom);
        fputs("\r\033[J", bottom);
    }
    status_shown = false;
}

static void terminal_hide_bottom(void)
{
    if (screen_is_open())
        screen_hide();
    else if (is_prompting)
        rl_clear_visible_line();
    else
        terminal_hide_status();
    // What follows is written without stdio.
    fflush(bottom);
}

static void terminal_show_bottom(void)
{
    if (screen_is_open()) {
        screen_show();
    } else if (is_prompting) {
        rl_on_new_line();
        rl_redisplay();
    } else if (status.length > 0) {
        fputs(text_string(&status), bottom);
        fflush(bottom);
        status_shown = true;
    }
}

void terminal_status(const char *line)
{
    if (!is_open || is_prompting || screen_is_open() || !screen_is_possible() ||
        !tty_is_ours(STDIN_FILENO))
        return;
    if (!is_ours) // the shell has given it back, and says nothing
        terminal_set_running_mode();
    terminal_hide_status();
    text_clear(&status);
    text_add_string(&status, line);
    terminal_show_bottom();
}

// All that is drawn at the bottom goes through here: a terminal that has stalled must not stop us.
static ssize_t terminal_write_bottom(void *cookie, const char *bytes, size_t length)
{
    (void)cookie;
    out_write_beside(bytes, length);
    return (ssize_t)length;
}

static void terminal_open_bottom(void)
{
    bottom = fopencookie(NULL, "w", (cookie_io_functions_t){.write = terminal_write_bottom});
    if (!bottom)
        die("fopencookie: %s", strerror(errno));
}

// Waits for the next key, or for a signal that ends things: false then, and when waiting fails.
static bool terminal_wait_for_key(FILE *stream)
{
    struct pollfd polled[2] = {{.fd = fileno(stream), .events = POLLIN},
                               {.fd = loop_leave_fd(), .events = POLLIN}};
    int count;
    do
        count = poll(polled, 2, -1);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        keys_fail("poll");
    return count > 0 && polled[0].revents;
}

// Readline waits for the end of a paste, and for nothing else, until it has come. When a signal
// comes instead, the paste ends here.
static int terminal_read_key(FILE *stream)
{
    static const char paste_end[] = "\033[201~";
    static size_t end_read;
    int key;
    while ((key = keys_take()) == KEYS_NONE)
        if (!terminal_wait_for_key(stream))
            return paste_end[end_read++ % strlen(paste_end)];
    end_read = 0;
    return key >= 0 ? key : EOF;
}

// The terminal has gone, or can't be read: what was typed is no command.
static void terminal_lose(void)
{
    terminal_leave_prompt();
    out_write("\n", 1);
    has_ended = true;
}

// Readline hears of a key that is there, and of no other.
static void terminal_key_ready(void *data)
{
    (void)data;
    int error, key = KEYS_NONE;
    while (is_prompting && (key = keys_peek()) >= 0) {
        rl_callback_read_char();
        if (!keys_are_held())
            break;
    }
    if (is_prompting && (key == KEYS_GONE || keys_failed_call(&error)))
        terminal_lose();
}

static void terminal_add_to_history(const char *line)
{
    struct text safe = {0};
    keys_add_line(&safe, line);
    add_history(text_string(&safe));
    text_free(&safe);
}

void terminal_open(const struct command *const *table)
{
    readline_load();
    keys_await_foreground();
    if (tcgetattr(STDIN_FILENO, &original) < 0)
        die("tcgetattr: the terminal does not answer");
    terminal_open_bottom();
    rl_readline_name = "forklab";
    rl_change_environment = 0;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_instream = stdin;
    rl_outstream = bottom;
    rl_getc_function = terminal_read_key;
    rl_prep_term_function = terminal_prepare_readline;
    rl_deprep_term_function = terminal_end_readline;
    tab_open(table);
    rl_initialize();
    rl_variable_bind("page-completions", "off");
    using_history();
    if (!history_file_load(terminal_add_to_history))
        terminal_forget();
    is_open = true;
    terminal_set_running_mode();
    out_set_bottom_line(terminal_hide_bottom, terminal_show_bottom);
}

void terminal_prompt(bool shown)
{
    if (shown == is_prompting)
        return;
    if (shown) {
        if (!keys_await_foreground())
            return;
        terminal_status("");
        if (!is_ours)
            terminal_set_running_mode();
        if (context_settings()->projector)
            out_write("\n", 1);
        out_flush();
        rl_callback_handler_install(moment_prompt(), terminal_take_line);
        is_prompting = true;
        if (!loop_watch_urgent(STDIN_FILENO, terminal_key_ready, NULL))
            die("epoll_ctl: %s", strerror(errno));
        if (keys_are_held()) // which the loop does not know of
            terminal_key_ready(NULL);
    } else {
        terminal_leave_prompt();
    }
}

bool terminal_is_prompting(void)
{
    return is_prompting;
}

char *terminal_line(void)
{
    struct typed *first = typed;
    if (!first)
        return NULL;
    char *line = first->line;
    typed = first->next;
    free(first);
    return line;
}

bool terminal_has_line(void)
{
    return typed != NULL;
}

bool terminal_has_ended(void)
{
    return has_ended;
}

void terminal_abandon(void)
{
    terminal_drop_lines();
    if (!is_prompting) {
        out_write("^C\n", 3); // what was being written may have been cut within a line
        return;
    }
    // Ends a search or a numeric argument as well; some leave their own prompt behind.
    bool is_replaced = RL_ISSTATE(RL_STATE_NUMERICARG | RL_STATE_NSEARCH);
    rl_callback_sigcleanup();
    if (is_replaced)
        rl_restore_prompt();
    rl_free_line_state();
    rl_clear_message();
    rl_point = rl_end;
    rl_redisplay();
    fputs("^C\n", bottom);
    fflush(bottom);
    // A new line in every respect: vi's command mode ends, too.
    rl_callback_handler_remove();
    rl_callback_handler_install(moment_prompt(), terminal_take_line);
}

void terminal_resized(void)
{
    if (is_prompting) {
        rl_resize_terminal();
    } else if (is_open) {
        rl_reset_screen_size();
        terminal_hide_status();
    }
}

void terminal_resumed(void)
{
    if (!is_open)
        return;
    if ((is_prompting || screen_is_open()) && !keys_await_foreground())
        return;
    // The process group that had the terminal in between may have left it in any mode.
    if (is_prompting)
        rl_deprep_terminal();
    terminal_set_running_mode();
    if (is_prompting) {
        terminal_prepare_readline(1);
        rl_forced_update_display();
    } else if (screen_is_open()) {
        screen_show();
    }
}

bool terminal_suspend(void)
{
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    out_flush();
    tcsetattr(STDIN_FILENO, TCSANOW, &original);
    if (sigprocmask(SIG_UNBLOCK, &stop, &before) < 0)
        return false;
    int error = kill(0, SIGTSTP) < 0 ? errno : 0; // it returns once we are continued
    sigprocmask(SIG_SETMASK, &before, NULL);
    terminal_set_running_mode();
    errno = error;
    return error == 0;
}

void terminal_close(void)
{
    if (!is_open)
        return;
    is_open = false;
    screen_close();
    if (is_prompting)
        terminal_leave_prompt();
    terminal_hide_status();
    text_free(&status);
    out_set_bottom_line(NULL, NULL);
    terminal_drop_lines();
    if (is_ours && tty_is_ours(STDIN_FILENO))
        tcsetattr(STDIN_FILENO, TCSANOW, &original);
    rl_outstream = NULL;
    fclose(bottom);
}
