// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/source.h"

#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct source {
    struct source *below;
    struct script *script; // or NULL, for a repetition
    char *text;            // what is repeated
    bool background;
    int64_t left;
    char *place; // of the line that asks for a repetition
    bool has_place;
    struct line line; // the parts from `next` on are still to come
    size_t next;
};

static struct source *top;
static char *last_place;

static void push(struct source source)
{
    source.below = top;
    top = must_calloc(1, sizeof *top);
    *top = source;
}

void source_push(struct script *script, bool has_place)
{
    push((struct source){.script = script, .has_place = has_place});
}

bool source_push_file(const char *path)
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

size_t source_depth(void)
{
    size_t depth = 0;
    for (const struct source *source = top; source; source = source->below)
        depth++;
    return depth;
}

void source_push_repeat(int64_t count, const char *text, bool background)
{
    push((struct source){.text = must_strdup(text),
                         .background = background,
                         .left = count,
                         .place = must_strdup(last_place ? last_place : "")});
}

static void drop_line(struct source *source)
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

static void pop(void)
{
    struct source *source = top;
    top = source->below;
    drop_line(source);
    if (source->script)
        script_free(source->script);
    free(source->text);
    free(source->place);
    free(source);
}

void source_drop_all(void)
{
    while (top)
        pop();
    free(last_place);
    last_place = NULL;
}

static void set_place(bool has_line)
{
    struct text place = {0};
    if (top->script && top->has_place) {
        text_add_visible(&place, script_name(top->script), strlen(script_name(top->script)));
        if (has_line)
            text_print(&place, ":%ld", script_line(top->script));
        text_add_string(&place, ": ");
    } else if (top->place) {
        text_add_string(&place, top->place);
    }
    free(last_place);
    last_place = must_strdup(text_string(&place));
    text_free(&place);
}

bool source_is_typed(void)
{
    return top && !top->below;
}

void source_place(struct text *text)
{
    if (last_place)
        text_add_string(text, last_place);
}

static enum source_state understand(const char *text, struct text *message)
{
    set_place(true);
    return line_parse(text, &top->line, message) ? SOURCE_PART : SOURCE_ERROR;
}

// Reads the next line of the topmost script into its `line`.
static enum source_state next_line(bool may_read, struct text *message)
{
    const char *text;
    switch (script_next(top->script, may_read, &text)) {
    case SCRIPT_LINE:
        return understand(text, message);
    case SCRIPT_WAIT:
        return SOURCE_WAIT;
    case SCRIPT_TOO_LONG:
        set_place(true);
        text_print(message, "the line is longer than %d bytes", LINE_LONGEST);
        return SOURCE_SKIPPED;
    case SCRIPT_HAS_NUL:
        set_place(true);
        text_add_string(message, "the line has a NUL byte in it");
        return SOURCE_ERROR;
    case SCRIPT_FAILED:
        text_print(message, "read: %s", strerror(errno));
        set_place(false);
        return SOURCE_FAILED;
    case SCRIPT_END:
        break;
    }
    pop();
    return SOURCE_PART;
}

static enum source_state next_repetition(struct text *message)
{
    if (top->left == 0) {
        pop();
        return SOURCE_PART;
    }
    top->left--;
    enum source_state state = understand(top->text, message);
    for (size_t i = 0; i < top->line.count; i++)
        top->line.parts[i].background |= top->background;
    return state;
}

enum source_state source_next(bool may_read, struct part *part, struct text *message)
{
    while (top) {
        if (top->next < top->line.count) {
            *part = top->line.parts[top->next++];
            return SOURCE_PART;
        }
        drop_line(top);
        enum source_state state =
            top->script ? next_line(may_read, message) : next_repetition(message);
        if (state != SOURCE_PART)
            return state;
    }
    return SOURCE_EMPTY;
}

int source_fd(void)
{
    return top && top->script ? script_fd(top->script) : -1;
}
