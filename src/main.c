// SPDX-License-Identifier: GPL-3.0-or-later
// Options, wiring, exit status.
#include "base/die.h"
#include "base/out.h"
#include "commands/table.h"
#include "os/fork.h"
#include "shell/session.h"
#include "shell/usage.h"
#include "view/color.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// Those that have no letter.
enum { OPTION_JSON = 256, OPTION_COLOR };

struct options {
    struct session_options session;
    struct text commands; // of all -c, a line each
    bool has_commands;
    const char *file;
};

static _Noreturn void main_answer(const char *text)
{
    out_write(text, strlen(text));
    if (out_flush())
        exit(STATUS_OK);
    if (out_error() != EPIPE)
        out_complain("forklab: write(stdout): %s", strerror(out_error()));
    exit(STATUS_OUTPUT);
}

static _Noreturn void main_misuse(const char *complaint, const char *word)
{
    struct text message = {0};
    text_print(&message, "%s '%s'", complaint, text_visible(word));
    out_complain("forklab: %s; 'forklab --help' tells more", text_string(&message));
    text_free(&message);
    exit(STATUS_MISUSE);
}

static void main_set_color(const char *when)
{
    for (int i = 0; color_when_names[i]; i++) {
        if (strcmp(when, color_when_names[i]) == 0) {
            color_set((enum color_when)i);
            return;
        }
    }
    main_misuse("--color must be auto, always or never, not", when);
}

// For an option that getopt_long(3) does not take. A letter may stand among others in its word.
static _Noreturn void main_refuse_option(char **argv)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];
    if (optopt == OPTION_JSON || optopt == 'h' || optopt == 'V')
        main_misuse("option takes no value:", word);
    main_misuse("no such option:", optopt ? letter : word);
}

static void main_take_option(struct options *options, int option, char **argv)
{
    struct text answer = {0};
    switch (option) {
    case 'c':
        text_print(&options->commands, "%s\n", optarg);
        options->has_commands = true;
        break;
    case 'x':
        options->session.echo = true;
        break;
    case 'k':
        options->session.keep_going = true;
        break;
    case 'q':
        options->session.quiet = true;
        break;
    case OPTION_JSON:
        options->session.json = true;
        break;
    case OPTION_COLOR:
        main_set_color(optarg);
        break;
    case 'h':
        usage_write(80, &answer);
        main_answer(text_string(&answer));
    case 'V':
        usage_write_version(&answer);
        main_answer(text_string(&answer));
    case ':':
        main_misuse("option needs a value:", argv[optind - 1]);
    default:
        main_refuse_option(argv);
    }
}

static void main_read_options(struct options *options, int argc, char **argv)
{
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {"json", no_argument, NULL, OPTION_JSON},
                                          {"color", required_argument, NULL, OPTION_COLOR},
                                          {0}};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":c:xkqhV", longs, NULL)) >= 0)
        main_take_option(options, option, argv);
    if (optind < argc)
        options->file = argv[optind++];
    if (optind < argc)
        main_misuse("more than one FILE:", argv[optind]);
    if (options->file && options->has_commands)
        main_misuse("either -c or a FILE, not both:", options->file);
}

// Opens a file above the numbers that fork_prepare() takes; the file itself may be one of those, as
// /dev/fd/3. Returns -1 with errno.
static int main_open_high(const char *file)
{
    int low = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (low < 0)
        return -1;
    int high = fcntl(low, F_DUPFD_CLOEXEC, WORKER_DOWN_FD + 1);
    int error = errno;
    close(low);
    errno = error;
    return high;
}

static struct line_reader *main_open_script(const struct options *options)
{
    const char *file = options->file;
    if (options->has_commands)
        return line_reader_from_text(text_string(&options->commands), "-c");
    if (file && strcmp(file, "-") != 0) {
        int fd = main_open_high(file);
        if (fd >= 0)
            return line_reader_from_fd(fd, false, file);
        out_complain("forklab: open(%s): %s", text_visible(file), strerror(errno));
        exit(STATUS_MISUSE);
    }
    if (!file && !options->session.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return NULL;
    return line_reader_from_fd(STDIN_FILENO, true, "stdin");
}

// Our own writes report a closed pipe, or a file that may not grow, by their errno. nohup(1) asks
// for a script to outlive its terminal.
static void main_take_signals(void)
{
    struct sigaction before;
    sigset_t ignored;
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        sigaddset(&ignored, SIGHUP);
    fork_take_signals(&ignored);
}

// Many workers need many descriptors; the soft limit is ours to raise.
static void main_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    struct options options = {.session.table = command_table};
    // For what is a letter and how wide it is. Numbers keep their point.
    setlocale(LC_CTYPE, "");
    main_take_signals();
    color_set(COLOR_AUTO);
    fork_fill_standard();
    main_read_options(&options, argc, argv);
    main_raise_limit();
    if (options.session.json)
        color_set(COLOR_NEVER);
    options.session.script = main_open_script(&options);
    fork_prepare();
    int status = session_run(&options.session);
    text_free(&options.commands);
    return status;
}
