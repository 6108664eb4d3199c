// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/pager.h"

#include "base/must.h"
#include "base/out.h"
#include "base/tty.h"
#include "shell/context.h"
#include "shell/input_stack.h"
#include "shell/json_output.h"
#include "shell/keypress.h"
#include "shell/lesson_player.h"
#include "shell/screen.h"
#include "shell/terminal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pager {
    struct text text;
    size_t next;         // the byte at which the rest begins
    size_t shown, lines; // of its lines
};

// The columns of a line, colours left out.
static size_t pager_columns(const char *line, size_t length)
{
    struct text plain = {0};
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\x1b')
            while (i < length && line[i] != 'm')
                i++;
        else
            text_add(&plain, line + i, 1);
    }
    size_t columns = text_columns(text_string(&plain));
    text_free(&plain);
    return columns;
}

// The rows that a line takes on the terminal as it is now.
static size_t pager_rows(const char *line, size_t length)
{
    size_t columns = pager_columns(line, length), width = (size_t)tty_columns();
    return columns <= width ? 1 : (columns + width - 1) / width;
}

// Whether keys may be read: input that was pasted or typed ahead is not meant for the pager.
static bool pager_may_read(void)
{
    struct pollfd typed = {.fd = STDIN_FILENO, .events = POLLIN};
    bool is_last =
        lesson_player_is_shown() || (input_stack_is_typed() && input_stack_line_is_through());
    return is_last && !terminal_has_line() && poll(&typed, 1, 0) == 0;
}

static bool pager_is_wanted(const struct call *call)
{
    return context_is_interactive() && context_settings()->pages && !call->background &&
           !json_output_is_on() && screen_is_possible() && tty_rows() > 2 && pager_may_read();
}

static void pager_measure(struct pager *pager, size_t *rows)
{
    const char *text = text_string(&pager->text);
    for (const char *line = text; *line; pager->lines++) {
        size_t length = strcspn(line, "\n");
        *rows += pager_rows(line, length);
        line += length + (line[length] == '\n');
    }
}

// Prints lines for as many rows, at least one.
static void pager_print(struct pager *pager, size_t rows)
{
    const char *begin = text_string(&pager->text) + pager->next, *line = begin;
    size_t used = 0;
    while (*line) {
        size_t length = strcspn(line, "\n");
        size_t needs = pager_rows(line, length);
        if (used > 0 && used + needs > rows)
            break;
        used += needs;
        line += length + (line[length] == '\n');
        pager->shown++;
    }
    out_write(begin, (size_t)(line - begin));
    pager->next += (size_t)(line - begin);
}

static bool pager_is_through(const struct pager *pager)
{
    return pager->next == pager->text.length;
}

static void pager_tell(const struct pager *pager)
{
    struct text line = {0}, cut = {0};
    text_print(&line, "-- %zu of %zu lines: Space shows more, q ends --", pager->shown,
               pager->lines);
    text_add_cut(&cut, text_string(&line), (size_t)tty_columns() - 1);
    terminal_status(text_string(&cut));
    text_free(&line);
    text_free(&cut);
}

static void pager_end(struct call *call)
{
    keypress_close();
    call_finish(call, STATUS_OK);
}

static void pager_go_on(struct call *call, size_t rows)
{
    struct pager *pager = call->state;
    pager_print(pager, rows);
    if (pager_is_through(pager))
        pager_end(call);
    else
        pager_tell(pager);
}

static void pager_take_key(int key, void *data)
{
    struct call *call = data;
    if (key == 'q' || key == 'Q' || key == '\x1b' || key == KEYPRESS_GONE)
        pager_end(call);
    else if (key == '\n')
        pager_go_on(call, 1);
    else if (key == ' ' || key == KEYPRESS_ON)
        pager_go_on(call, (size_t)tty_rows() - 1);
}

static void pager_free(struct call *call)
{
    struct pager *pager = call->state;
    text_free(&pager->text);
    free(pager);
}

static const struct call_ops pager_ops = {.interrupt = pager_end, .free = pager_free};

int pager_show(struct call *call, struct text *text)
{
    struct pager pager = {.text = *text};
    size_t rows = 0;
    *text = (struct text){0};
    pager_measure(&pager, &rows);
    if (rows < (size_t)tty_rows() || !pager_is_wanted(call)) {
        out_write(text_string(&pager.text), pager.text.length);
        text_free(&pager.text);
        return STATUS_OK;
    }
    struct pager *kept = must_calloc(1, sizeof *kept);
    *kept = pager;
    call->state = kept;
    call->ops = &pager_ops;
    keypress_open(pager_take_key, call);
    pager_print(kept, (size_t)tty_rows() - 1);
    pager_tell(kept);
    return STATUS_PENDING;
}
