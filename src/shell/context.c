// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/context.h"

#include "base/tty.h"
#include "log/fold.h"

#include <unistd.h>

static struct {
    struct session_options options;
    struct settings settings;
    bool interactive;
    bool has_audience;
    int leaving; // the status with which the session ends before its input has, or 0
} context;

void context_set(const struct session_options *options, bool interactive)
{
    context.options = *options;
    context.interactive = interactive;
    context.settings = (struct settings){.pages = true, .hints = true};
    context.has_audience = options->script && line_reader_fd(options->script) != STDIN_FILENO &&
                           !options->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int context_leave(int status)
{
    if (!context.leaving)
        context.leaving = status;
    return context.leaving;
}

void context_add_event(const struct event *event)
{
    fold_add(model_now(), event);
}

void context_free(void)
{
    model_free(model_now());
}

const struct session_options *context_options(void)
{
    return &context.options;
}

const struct command *const *context_table(void)
{
    return context.options.table;
}

struct settings *context_settings(void)
{
    return &context.settings;
}

bool context_is_quiet(void)
{
    return context.options.quiet;
}

bool context_keeps_going(void)
{
    return context.options.keep_going;
}

bool context_has_audience(void)
{
    return context.has_audience;
}

bool context_is_leaving(void)
{
    return context.leaving != 0;
}

bool context_is_interactive(void)
{
    return context.interactive;
}

size_t context_prose_columns(void)
{
    enum { PROJECTED = 60 };
    size_t columns = context_columns();
    return context.settings.projector && (columns == 0 || columns > PROJECTED) ? PROJECTED
                                                                               : columns;
}

size_t context_columns(void)
{
    bool is_read_there = context.interactive || (!context.options.json && isatty(STDOUT_FILENO));
    return is_read_there ? (size_t)tty_columns() : 0;
}
