// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/input_stack.h"

#include "base/die.h"
#include "base/file.h"
#include "base/must.h"
#include "shell/context.h"
#include "shell/input_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
    struct source *below;
    struct line_reader *script;    // or NULL, for a repetition or a feed
    const struct input_feed *feed; // or NULL
    void *data;                    // the feed's
    char *text;                    // what is repeated
    bool background;
    int64_t left;
    char *place; // of the line that asks for a repetition
    bool has_place;
    bool keeps_going; // when one of its commands fails
    bool typed;       // at the prompt, or in the session's own script
    struct line line; // the parts from `next` on are still to come
    size_t next;
};

static struct source *top;
static char *last_place;

static void input_stack_push_one(struct source source)
{
    source.below = top;
    top = must_calloc(1, sizeof *top);
    *top = source;
}

void input_stack_push(struct line_reader *script, bool has_place)
{
    input_stack_push_one((struct source){.script = script, .has_place = has_place, .typed = true});
}

bool input_stack_push_file(const char *path, bool keeps_going)
{
    // A FIFO without a writer must not block us.
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat status;
    if (fd < 0)
        return false;
    bool is_folder = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    if (is_folder || file_is_written(fd)) {
        close(fd);
        errno = is_folder ? EISDIR : ETXTBSY;
        return false;
    }
    input_stack_push(line_reader_from_fd(fd, false, path), true);
    top->keeps_going = keeps_going;
    top->typed = false;
    return true;
}

void input_stack_push_feed(const struct input_feed *feed, void *data)
{
    input_stack_push_one((struct source){.feed = feed, .data = data});
}

size_t input_stack_depth(void)
{
    size_t depth = 0;
    for (const struct source *source = top; source; source = source->below)
        depth++;
    return depth;
}

void input_stack_push_repeat(int64_t count, const char *text, bool background)
{
    input_stack_push_one((struct source){.text = must_strdup(text),
                                         .background = background,
                                         .left = count,
                                         .place = must_strdup(last_place ? last_place : "")});
}

static void input_stack_drop_line(struct source *source)
{
    // Parts before `next` have been given away.
    struct line rest = {.count = source->line.count - source->next};
    for (size_t i = 0; i < rest.count; i++)
        source->line.parts[i] = source->line.parts[source->next + i];
    rest.parts = source->line.parts;
    line_free(&rest);
    source->line = (struct line){0};
    source->next = 0;
}

static void input_stack_pop(void)
{
    struct source *source = top;
    top = source->below;
    input_stack_drop_line(source);
    if (source->script)
        line_reader_free(source->script);
    if (source->feed)
        source->feed->free(source->data);
    free(source->text);
    free(source->place);
    free(source);
}

void input_stack_drop_all(void)
{
    while (top)
        input_stack_pop();
    free(last_place);
    last_place = NULL;
}

// Whether what stands in the topmost source is still wanted.
static bool input_stack_goes_on(int status)
{
    bool interrupted = status == 0 || status == 128 + SIGINT;
    if (top->feed)
        return top->feed->goes_on(top->data, status);
    return top->keeps_going && !interrupted;
}

void input_stack_give_up(int status)
{
    while (top && !input_stack_goes_on(status))
        input_stack_pop();
    if (top && top->feed)
        input_stack_drop_line(top);
    if (!top)
        input_stack_drop_all();
}

static void input_stack_set_place(bool has_line)
{
    struct text place = {0};
    if (top->script && top->has_place) {
        text_add_visible(&place, line_reader_name(top->script),
                         strlen(line_reader_name(top->script)));
        if (has_line)
            text_print(&place, ":%ld", line_reader_line(top->script));
        text_add_string(&place, ": ");
    } else if (top->feed) {
        top->feed->place(top->data, &place);
    } else if (top->place) {
        text_add_string(&place, top->place);
    }
    free(last_place);
    last_place = must_strdup(text_string(&place));
    text_free(&place);
}

bool input_stack_is_typed(void)
{
    return top && top->typed;
}

void input_stack_place(struct text *text)
{
    if (last_place)
        text_add_string(text, last_place);
}

// The session's own script, or NULL: the lines of a terminal are none.
static struct source *input_stack_own(void)
{
    struct source *bottom = top;
    while (bottom && bottom->below)
        bottom = bottom->below;
    return bottom && bottom->script && bottom->has_place ? bottom : NULL;
}

static enum input_state input_stack_understand(const char *text, struct text *message)
{
    input_stack_set_place(true);
    return line_parse(text, &top->line, message) ? SOURCE_PART : SOURCE_ERROR;
}

// A line was taken from the topmost script; `text` is what stands in it, or "".
static void input_stack_begin_line(const char *text)
{
    input_stack_set_place(true);
    if (top == input_stack_own())
        input_line_begin(last_place, text);
}

// Reads the next line of the topmost script into its `line`.
static enum input_state input_stack_next_line(bool may_read, struct text *message)
{
    const char *text;
    switch (line_reader_next(top->script, may_read, &text)) {
    case SCRIPT_LINE:
        input_stack_begin_line(text);
        if (context_options()->json && top == input_stack_own() && line_is_cancel(text)) {
            text_add_string(message, text);
            return SOURCE_CANCEL;
        }
        return input_stack_understand(text, message);
    case SCRIPT_WAIT:
        return SOURCE_WAIT;
    case SCRIPT_TOO_LONG:
        input_stack_begin_line("");
        text_print(message, "the line is longer than %d bytes", LINE_LONGEST);
        return SOURCE_SKIPPED;
    case SCRIPT_HAS_NUL:
        input_stack_begin_line("");
        text_add_string(message, "the line has a NUL byte in it");
        return SOURCE_ERROR;
    case SCRIPT_FAILED:
        text_print(message, "read: %s", strerror(errno));
        input_stack_set_place(false);
        return SOURCE_FAILED;
    case SCRIPT_END:
        break;
    }
    input_stack_pop();
    return SOURCE_PART;
}

static enum input_state input_stack_next_repetition(struct text *message)
{
    if (top->left == 0) {
        input_stack_pop();
        return SOURCE_PART;
    }
    top->left--;
    enum input_state state = input_stack_understand(top->text, message);
    for (size_t i = 0; i < top->line.count; i++)
        top->line.parts[i].background |= top->background;
    return state;
}

bool input_stack_line_is_through(void)
{
    return !top || (!top->below && top->next >= top->line.count);
}

static enum input_state input_stack_next_fed(struct text *message)
{
    struct text line = {0};
    enum input_state state = top->feed->next(top->data, &line, message);
    if (state == SOURCE_PART)
        state = input_stack_understand(text_string(&line), message);
    else if (state == SOURCE_FAILED)
        input_stack_set_place(true);
    text_free(&line);
    if (state != SOURCE_EMPTY)
        return state;
    input_stack_pop();
    return SOURCE_PART;
}

enum input_state input_stack_next(bool may_read, struct part *part, struct text *message)
{
    while (top) {
        if (input_line_is_open() && input_stack_line_is_through())
            return SOURCE_NOTHING;
        if (top->next < top->line.count) {
            *part = top->line.parts[top->next++];
            return SOURCE_PART;
        }
        input_stack_drop_line(top);
        enum input_state state = top->feed     ? input_stack_next_fed(message)
                                 : top->script ? input_stack_next_line(may_read, message)
                                               : input_stack_next_repetition(message);
        if (state != SOURCE_PART)
            return state;
    }
    return SOURCE_EMPTY;
}

void input_stack_give_up_line(void)
{
    while (top && top->below)
        input_stack_pop();
    if (top)
        input_stack_drop_line(top);
}

bool input_stack_look_ahead(bool may_read, line_reader_ahead_fn *each)
{
    struct source *own = input_stack_own();
    return own && line_reader_look_ahead(own->script, may_read, each);
}

int input_stack_own_fd(void)
{
    const struct source *own = input_stack_own();
    return own ? line_reader_fd(own->script) : -1;
}

void input_stack_own_place(long number, struct text *text)
{
    const struct source *own = input_stack_own();
    BUG_IF(!own);
    const char *name = line_reader_name(own->script);
    text_add_visible(text, name, strlen(name));
    text_print(text, ":%ld: ", number);
}

long input_stack_own_line(void)
{
    const struct source *own = input_stack_own();
    return own ? line_reader_line(own->script) : 0;
}

int input_stack_fd(void)
{
    return top && top->script ? line_reader_fd(top->script) : -1;
}
