// SPDX-License-Identifier: GPL-3.0-or-later
// lesson: plays, rehearses or seals a lesson; and follows a presenter's notes.
#include "commands/table.h"

#include "base/embedded.h"
#include "base/must.h"
#include "base/out.h"
#include "os/loop.h"
#include "shell/call.h"
#include "shell/context.h"
#include "shell/keypress.h"
#include "shell/lesson_player.h"
#include "shell/pager.h"
#include "shell/suggest.h"
#include "shell/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lesson_args {
    const char *name;
    bool check;
    const char *grade;
    const char *notes;
    bool seal;
    bool print;
};

static const struct arg args[] = {
    {.name = "LESSON",
     .type = ARG_FILE,
     .field = offsetof(struct lesson_args, name),
     .help = "one of forklab's own, or a file; alone it lists its own"},
    {.name = "--check",
     .type = ARG_FLAG,
     .field = offsetof(struct lesson_args, check),
     .help = "rehearses: runs all commands without asking, and fails unless every check holds; all "
             "of forklab's own without a LESSON"},
    {.name = "--grade",
     .type = ARG_FILE,
     .field = offsetof(struct lesson_args, grade),
     .help = "adds every answer to FILE, and asks until it is right"},
    {.name = "--notes",
     .type = ARG_FILE,
     .field = offsetof(struct lesson_args, notes),
     .help = "writes the presenter's notes to FILE; without a LESSON it follows them on a second "
             "terminal"},
    {.name = "--seal",
     .type = ARG_FLAG,
     .field = offsetof(struct lesson_args, seal),
     .help = "prints the lesson with its right answers hidden in hashes"},
    {.name = "--print",
     .type = ARG_FLAG,
     .field = offsetof(struct lesson_args, print),
     .help = "prints the lesson as it is, to begin one of your own from"},
    {0},
};

// The longest lesson that is read.
enum { LESSON_LONGEST = 1 << 20 };

// Returns the lesson's first heading, or its name; the caller frees it.
static char *lesson_title(const struct embedded *lesson)
{
    static const char mark[] = "#: # ";
    const char *begin = strstr(lesson->text, mark);
    if (!begin)
        return must_strdup(lesson->name);
    begin += strlen(mark);
    return must_strndup(begin, strcspn(begin, "\n"));
}

// The name without ".fl".
static size_t lesson_name_length(const struct embedded *lesson)
{
    return strcspn(lesson->name, ".");
}

static int lesson_list(struct call *call)
{
    struct text list = {0};
    for (const struct embedded *lesson = embedded_lessons; lesson->name; lesson++) {
        char *title = lesson_title(lesson);
        text_print(&list, "%-12.*s %s\n", (int)lesson_name_length(lesson), lesson->name, title);
        free(title);
    }
    text_add_string(&list, "'lesson NAME' plays one: Return goes on, b back, q leaves.\n");
    return pager_show(call, &list);
}

// The names of forklab's own.
static const char *const *lesson_offer(const char *before)
{
    enum { MOST = 64 };
    static const char *names[MOST];
    (void)before;
    if (names[0])
        return names;
    for (size_t i = 0; embedded_lessons[i].name && i + 1 < MOST; i++)
        names[i] = must_strndup(embedded_lessons[i].name, lesson_name_length(&embedded_lessons[i]));
    return names;
}

static const struct embedded *lesson_find(const char *name)
{
    for (const struct embedded *lesson = embedded_lessons; lesson->name; lesson++)
        if (strlen(name) == lesson_name_length(lesson) &&
            strncmp(name, lesson->name, strlen(name)) == 0)
            return lesson;
    return NULL;
}

// Reads all that fits. False with errno.
static bool lesson_read_all(int fd, struct text *text)
{
    char piece[4096];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) != 0) {
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            text_add(text, piece, (size_t)got);
        if (text->length > LESSON_LONGEST) {
            errno = EFBIG;
            return false;
        }
    }
    return true;
}

static int lesson_refuse_name(struct call *call, const char *name)
{
    struct suggestion suggestion = {.word = name};
    struct text guess = {0};
    for (const char *const *own = lesson_offer(NULL); *own; own++)
        suggest_consider(&suggestion, *own);
    bool is_near = suggest_end(&suggestion, &guess);
    call_fail(call, "%s: no such lesson and no such file; %s", text_visible(name),
              is_near ? text_string(&guess) : "'lesson' lists those that there are");
    text_free(&guess);
    return STATUS_FAILED;
}

static int lesson_read_file(struct call *call, const char *path, struct text *text)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return lesson_refuse_name(call, path);
    if (fd < 0)
        return call_fail(call, "open(%s): %s", text_visible(path), strerror(errno));
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        close(fd);
        return call_fail(call, "%s is no plain file", text_visible(path));
    }
    bool good = lesson_read_all(fd, text);
    int error = errno;
    close(fd);
    if (!good)
        return call_fail(call, "read(%s): %s", text_visible(path), strerror(error));
    if (text->length > 0 && memchr(text->bytes, '\0', text->length))
        return call_fail(call, "%s has a NUL byte in it", text_visible(path));
    return STATUS_OK;
}

static int lesson_read(struct call *call, const char *name, struct text *text)
{
    const struct embedded *own = lesson_find(name);
    if (!own)
        return lesson_read_file(call, name, text);
    text_add(text, own->text, own->length);
    return STATUS_OK;
}

static int lesson_seal(struct call *call, const struct text *text)
{
    struct text sealed = {0};
    int status = STATUS_OK;
    if (lesson_text_seal(text_string(text), &sealed))
        out_write(text_string(&sealed), sealed.length);
    else
        status = call_fail(call, "getrandom: %s", strerror(errno));
    text_free(&sealed);
    return status;
}

// Understands the lesson and hands it to the player.
static int lesson_begin(struct call *call, const char *name, const struct text *text)
{
    const struct lesson_args *lesson_args = call->args;
    struct lesson_plan plan = {
        .name = name, .grade.fd = -1, .notes.fd = -1, .check = lesson_args->check};
    struct text error = {0};
    int status = STATUS_OK;
    if (!lesson_text_parse(text_string(text), name, &plan.text, &error)) {
        status = call_fail(call, "%s:%s", text_visible(name), text_string(&error));
        text_free(&error);
        return status;
    }
    if (lesson_args->grade && !lesson_log_open(&plan.grade, lesson_args->grade))
        status = call_fail(call, "open(%s): %s", text_visible(lesson_args->grade), strerror(errno));
    else if (lesson_args->notes && !lesson_log_open(&plan.notes, lesson_args->notes))
        status = call_fail(call, "open(%s): %s", text_visible(lesson_args->notes), strerror(errno));
    if (status == STATUS_OK) {
        lesson_player_begin(&plan);
        return STATUS_OK;
    }
    lesson_log_close(&plan.grade);
    lesson_text_free(&plan.text);
    return status;
}

static int lesson_play(struct call *call, const char *name)
{
    const struct lesson_args *lesson_args = call->args;
    struct text text = {0};
    int status = lesson_read(call, name, &text);
    if (status == STATUS_OK && lesson_args->seal)
        status = lesson_seal(call, &text);
    else if (status == STATUS_OK && lesson_args->print)
        out_write(text_string(&text), text.length);
    else if (status == STATUS_OK)
        status = lesson_begin(call, name, &text);
    text_free(&text);
    return status;
}

// The last one that begins is the first that is played.
static int lesson_check_all(struct call *call)
{
    int status = STATUS_OK;
    size_t count = 0;
    while (embedded_lessons[count].name)
        count++;
    while (count > 0 && status == STATUS_OK) {
        const struct embedded *lesson = &embedded_lessons[--count];
        char *name = must_strndup(lesson->name, lesson_name_length(lesson));
        status = lesson_play(call, name);
        free(name);
    }
    return status;
}

#define LESSON_LOOK_EVERY (200 * INT64_C(1000000))

// Follows a file that grows, until q or Ctrl-C is pressed.
struct lesson_following {
    int fd;
    struct timer *timer;
};

static void lesson_follow(void *data)
{
    struct call *call = data;
    struct lesson_following *following = call->state;
    char piece[4096];
    ssize_t got;
    following->timer = NULL;
    while ((got = read(following->fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
        struct text safe = {0};
        for (ssize_t at = 0; at < got; at++) {
            if (piece[at] == '\n')
                text_add_string(&safe, "\n");
            else
                text_add_visible(&safe, piece + at, 1);
        }
        out_write(text_string(&safe), safe.length);
        text_free(&safe);
    }
    if (got < 0 && errno != EAGAIN) {
        keypress_close();
        call_finish(call, call_fail(call, "read: %s", strerror(errno)));
    } else
        following->timer = loop_after(LESSON_LOOK_EVERY, lesson_follow, call);
}

static void lesson_end_following(struct call *call)
{
    keypress_close();
    call_finish(call, STATUS_OK);
}

static void lesson_take_key(int key, void *data)
{
    enum { CONTROL_D = 4 };
    if (key == 'q' || key == CONTROL_D || key == KEYPRESS_GONE)
        lesson_end_following(data);
}

static void lesson_free_following(struct call *call)
{
    struct lesson_following *following = call->state;
    if (following->timer)
        loop_cancel(following->timer);
    close(following->fd);
    free(following);
}

static const struct call_ops lesson_following_ops = {.interrupt = lesson_end_following,
                                                     .free = lesson_free_following};

static int lesson_begin_following(struct call *call, const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0)
        return call_fail(call, "open(%s): %s", text_visible(path), strerror(errno));
    struct lesson_following *following = must_calloc(1, sizeof *following);
    following->fd = fd;
    call->state = following;
    call->ops = &lesson_following_ops;
    following->timer = loop_after(0, lesson_follow, call);
    if (keypress_is_possible()) {
        keypress_open(lesson_take_key, call);
        terminal_status("-- the presenter's notes, as they come; q leaves");
    }
    return STATUS_PENDING;
}

static int lesson_run(struct call *call)
{
    const struct lesson_args *lesson_args = call->args;
    if (lesson_args->check && (lesson_args->grade || lesson_args->notes))
        return call_misuse(call, "--check asks no question: not with --grade or --notes");
    if (lesson_args->seal && (!lesson_args->name || lesson_args->check || lesson_args->grade))
        return call_misuse(call, "--seal takes a LESSON, and no other option");
    if (lesson_args->print &&
        (!lesson_args->name || lesson_args->check || lesson_args->grade || lesson_args->seal))
        return call_misuse(call, "--print takes a LESSON, and no other option");
    if (lesson_args->grade && !lesson_args->name)
        return call_misuse(call, "--grade needs a LESSON");
    if (lesson_args->grade && !keypress_is_possible())
        return call_misuse(call, "--grade needs a terminal to ask on");
    if (lesson_player_is_playing() && !lesson_args->seal && !lesson_args->print &&
        lesson_args->name)
        return call_fail(call, "one is being played; 'resume' goes on with it, and q leaves it");
    if (lesson_args->name)
        return lesson_play(call, lesson_args->name);
    if (lesson_args->check)
        return lesson_check_all(call);
    if (lesson_args->notes)
        return lesson_begin_following(call, lesson_args->notes);
    return lesson_list(call);
}

const struct command command_lesson = {
    .name = "lesson",
    .group = "Teaching",
    .summary = "plays a lesson: tells, asks first, then runs; alone it lists forklab's own",
    .details =
        "A lesson is a script; these lines are more than comments in it:\n"
        "  #: # Title           a heading, in narration\n"
        "  #: text              narration; {wall} is a figure of the last command, and\n"
        "                       '#:' alone begins a new paragraph\n"
        "  #? question          asked before what follows runs\n"
        "  #- answer            a wrong one, and\n"
        "  #+ answer            the right one; the next checks must prove it\n"
        "  #> text              for the presenter only, see --notes\n"
        "  #. text              a pause\n"
        "All other lines are commands, each shown and run at Return; a 'check' runs by itself. A "
        "whole lesson:\n"
        "  #: # Two or three?\n"
        "  #? How many workers does it start?\n"
        "  #- three\n"
        "  #+ two\n"
        "  spawn 2\n"
        "  check workers = 2\n"
        "  #: It started {workers}, which took {wall}.\n"
        "In a file two.fl, 'lesson two.fl --check' rehearses it, and 'lesson two.fl' plays it. "
        "'check' alone lists the figures of the last command.\n"
        "Keys: Return goes on, b goes back, . runs the command again, : gives the prompt until "
        "'resume', q leaves.",
    .example = "lesson race",
    .args = args,
    .args_size = sizeof(struct lesson_args),
    .offer = lesson_offer,
    .run = lesson_run,
};
