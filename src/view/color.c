// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const color_when_names[] = {"auto", "always", "never", NULL};

static enum color_when current;
static bool on_stdout, on_stderr;

static bool color_wants(int fd)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && !(none && *none) && term && strcmp(term, "dumb") != 0;
}

void color_set(enum color_when when)
{
    current = when;
    on_stdout = when == COLOR_ALWAYS || (when == COLOR_AUTO && color_wants(STDOUT_FILENO));
    on_stderr = when == COLOR_ALWAYS || (when == COLOR_AUTO && color_wants(STDERR_FILENO));
}

enum color_when color_when(void)
{
    return current;
}

// The sixteen colours of every terminal: they follow its theme, light or dark.
static const char *color_sequence(enum color color)
{
    switch (color) {
    case COLOR_PLAIN:
        return "\x1b[0m";
    case COLOR_RED:
        return "\x1b[31m";
    case COLOR_GREEN:
        return "\x1b[32m";
    case COLOR_YELLOW:
        return "\x1b[33m";
    case COLOR_BLUE:
        return "\x1b[34m";
    case COLOR_MAGENTA:
        return "\x1b[35m";
    case COLOR_CYAN:
        return "\x1b[36m";
    case COLOR_DIM:
        return "\x1b[2m";
    case COLOR_BOLD:
        return "\x1b[1m";
    }
    return "";
}

const char *color(enum color color)
{
    return on_stdout ? color_sequence(color) : "";
}

const char *color_error(enum color color)
{
    return on_stderr ? color_sequence(color) : "";
}

enum color color_of_state(const char *state)
{
    static const struct {
        const char *word;
        enum color color;
    } states[] = {
        {"running", COLOR_GREEN}, {"waiting", COLOR_YELLOW}, {"stopped", COLOR_BLUE},
        {"zombie", COLOR_RED},    {"killed", COLOR_RED},     {"lost", COLOR_RED},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(state, states[i].word, strlen(states[i].word)) == 0)
            return states[i].color;
    return COLOR_PLAIN;
}
