// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/line_reader.h"

#include "base/file.h"
#include "base/must.h"
#include "shell/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line_reader {
    char *name;
    int fd;
    bool keep;
    bool ended;    // nothing more will be read
    bool skipping; // within a line that is too long
    long line;
    char *buffer; // what was read and not taken: from start to end
    size_t start, end;
    size_t looked;     // up to where line_reader_look_ahead() has looked: the beginning of a line
    long looked_lines; // how many lines lie between start and that
};

// Room for the longest line, its end, and a NUL.
enum { ROOM = LINE_LONGEST + 2 };

// The invisible byte order mark that some editors put before a UTF-8 text.
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct line_reader *line_reader_from_fd(int fd, bool keep, const char *name)
{
    struct line_reader *script = must_calloc(1, sizeof *script);
    script->name = must_strdup(name);
    script->fd = fd;
    script->keep = keep;
    file_begin_use(fd, false);
    script->buffer = must_calloc(1, ROOM);
    return script;
}

struct line_reader *line_reader_from_text(const char *text, const char *name)
{
    struct line_reader *script = must_calloc(1, sizeof *script);
    script->name = must_strdup(name);
    script->fd = -1;
    script->ended = true;
    script->end = strlen(text);
    script->buffer = must_calloc(1, script->end + 1);
    memcpy(script->buffer, text, script->end);
    return script;
}

void line_reader_free(struct line_reader *script)
{
    file_end_use(script->fd);
    if (script->fd >= 0 && !script->keep)
        close(script->fd);
    free(script->buffer);
    free(script->name);
    free(script);
}

// Reads once. False when there was nothing to read, with errno, or at the end (errno 0).
static bool line_reader_fill(struct line_reader *script)
{
    memmove(script->buffer, script->buffer + script->start, script->end - script->start);
    script->end -= script->start;
    script->looked -= script->looked > script->start ? script->start : script->looked;
    script->start = 0;
    ssize_t got = read(script->fd, script->buffer + script->end, ROOM - 1 - script->end);
    errno = got == 0 ? 0 : errno;
    if (got <= 0)
        return false;
    script->end += (size_t)got;
    return true;
}

// Takes the line that ends at `end`, an index of the buffer.
static enum script_state line_reader_take(struct line_reader *script, size_t end, const char **line)
{
    char *begin = script->buffer + script->start;
    size_t length = end - script->start;
    bool skipped = script->skipping;
    script->start = end < script->end ? end + 1 : end;
    script->skipping = false;
    script->looked_lines -= script->looked_lines > 0;
    if (script->line++ == 0 && length >= strlen(BYTE_ORDER_MARK) &&
        memcmp(begin, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
        begin += strlen(BYTE_ORDER_MARK);
        length -= strlen(BYTE_ORDER_MARK);
    }
    if (skipped || length > LINE_LONGEST)
        return SCRIPT_TOO_LONG;
    begin[length] = '\0';
    if (memchr(begin, '\0', length))
        return SCRIPT_HAS_NUL;
    *line = begin;
    return SCRIPT_LINE;
}

// At the end: what is left is a line, too.
static enum script_state line_reader_take_rest(struct line_reader *script, const char **line)
{
    if (script->end == script->start && !script->skipping)
        return SCRIPT_END;
    return line_reader_take(script, script->end, line);
}

// Nothing was read, and errno says why. True at the end of the file.
static bool line_reader_end(struct line_reader *script)
{
    script->ended = errno != EAGAIN && errno != EINTR;
    return script->ended && errno == 0;
}

enum script_state line_reader_next(struct line_reader *script, bool may_read, const char **line)
{
    for (;;) {
        size_t have = script->end - script->start;
        char *end = have > 0 ? memchr(script->buffer + script->start, '\n', have) : NULL;
        if (end)
            return line_reader_take(script, (size_t)(end - script->buffer), line);
        if (script->ended)
            return line_reader_take_rest(script, line);
        if (have > LINE_LONGEST) {
            script->skipping = true;
            script->start = script->end;
        }
        if (!may_read)
            return SCRIPT_WAIT;
        may_read = false;
        if (!line_reader_fill(script) && !line_reader_end(script))
            return script->ended ? SCRIPT_FAILED : SCRIPT_WAIT;
    }
}

// Reads more behind what has come. False when there is no room for it, or nothing more will come.
static bool line_reader_read_ahead(struct line_reader *script)
{
    if (script->ended || script->end - script->start >= ROOM - 1)
        return false;
    if (line_reader_fill(script) || errno == EAGAIN || errno == EINTR)
        return true;
    script->ended = errno == 0; // an error is told in its turn
    return false;
}

bool line_reader_look_ahead(struct line_reader *script, bool may_read, line_reader_ahead_fn *each)
{
    bool goes_on = !may_read || line_reader_read_ahead(script);
    if (script->looked < script->start) {
        script->looked = script->start;
        script->looked_lines = 0;
    }
    char *end;
    while ((end = memchr(script->buffer + script->looked, '\n', script->end - script->looked))) {
        char *begin = script->buffer + script->looked;
        script->looked = (size_t)(end + 1 - script->buffer);
        script->looked_lines++;
        *end = '\0';
        if (!script->skipping || script->looked_lines > 1)
            each(begin, script->line + script->looked_lines);
        *end = '\n';
    }
    return goes_on;
}

int line_reader_fd(const struct line_reader *script)
{
    return script->ended ? -1 : script->fd;
}

const char *line_reader_name(const struct line_reader *script)
{
    return script->name;
}

long line_reader_line(const struct line_reader *script)
{
    return script->line;
}
