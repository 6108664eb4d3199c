// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const color_when_names[] = {"auto", "always", "never", NULL};

static enum color_when current;
static bool on_stdout, on_stderr;
static bool is_strong;

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

// Of 256 colours those that stand out from white as from black: at least 3.5 to 1 (WCAG's
// contrast).
static const struct {
    const char *many, *few;
} color_of_workers[] = {
    {"\x1b[1;38;5;33m", "\x1b[1;34m"}, {"\x1b[1;38;5;166m", "\x1b[1;33m"},
    {"\x1b[1;38;5;28m", "\x1b[1;32m"}, {"\x1b[1;38;5;164m", "\x1b[1;35m"},
    {"\x1b[1;38;5;30m", "\x1b[1;36m"}, {"\x1b[1;38;5;196m", "\x1b[1;31m"},
    {"\x1b[1;38;5;100m", "\x1b[1m"},   {"\x1b[1;38;5;99m", "\x1b[1;4m"},
};

enum { WORKER_COLORS = sizeof color_of_workers / sizeof *color_of_workers };

static bool color_has_many(void)
{
    const char *term = getenv("TERM"), *more = getenv("COLORTERM");
    return (more && *more) || (term && strstr(term, "256"));
}

static const char *color_strong_sequence(enum color color)
{
    static const struct {
        const char *many, *few;
    } strong[COLOR_WORKER] = {
        [COLOR_PLAIN] = {"\x1b[0m", "\x1b[0m"},
        [COLOR_RED] = {"\x1b[1;38;5;196m", "\x1b[1;31m"},
        [COLOR_GREEN] = {"\x1b[1;38;5;28m", "\x1b[1;32m"},
        [COLOR_YELLOW] = {"\x1b[1;38;5;166m", "\x1b[1;33m"},
        [COLOR_BLUE] = {"\x1b[1;38;5;33m", "\x1b[1;34m"},
        [COLOR_MAGENTA] = {"\x1b[1;38;5;164m", "\x1b[1;35m"},
        [COLOR_CYAN] = {"\x1b[1;38;5;30m", "\x1b[1;36m"},
        [COLOR_DIM] = {"", ""},
        [COLOR_BOLD] = {"\x1b[1m", "\x1b[1m"},
    };
    bool many = color_has_many();
    if (color >= COLOR_WORKER && color < (enum color)(COLOR_WORKER + WORKER_COLORS))
        return many ? color_of_workers[color - COLOR_WORKER].many
                    : color_of_workers[color - COLOR_WORKER].few;
    return many ? strong[color].many : strong[color].few;
}

void color_set_strong(bool strong)
{
    is_strong = strong;
}

bool color_is_strong(void)
{
    return is_strong;
}

enum color color_of_worker(uint32_t number)
{
    return is_strong ? (enum color)(COLOR_WORKER + number % WORKER_COLORS) : COLOR_PLAIN;
}

// The sixteen colours of every terminal: they follow its theme, light or dark.
static const char *color_sequence(enum color color)
{
    static const char *const usual[COLOR_WORKER] = {
        [COLOR_PLAIN] = "\x1b[0m",   [COLOR_RED] = "\x1b[31m",  [COLOR_GREEN] = "\x1b[32m",
        [COLOR_YELLOW] = "\x1b[33m", [COLOR_BLUE] = "\x1b[34m", [COLOR_MAGENTA] = "\x1b[35m",
        [COLOR_CYAN] = "\x1b[36m",   [COLOR_DIM] = "\x1b[2m",   [COLOR_BOLD] = "\x1b[1m",
    };
    if (is_strong)
        return color_strong_sequence(color);
    return color < COLOR_WORKER ? usual[color] : "";
}

const char *color(enum color color)
{
    return on_stdout ? color_sequence(color) : "";
}

const char *color_error(enum color color)
{
    return on_stderr ? color_sequence(color) : "";
}

enum color color_of_heading(uint32_t number)
{
    return is_strong ? color_of_worker(number) : COLOR_BOLD;
}

const char *color_worker(uint32_t number)
{
    return is_strong ? color(color_of_worker(number)) : "";
}

const char *color_worker_end(void)
{
    return is_strong ? color(COLOR_PLAIN) : "";
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
