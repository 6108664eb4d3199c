// SPDX-License-Identifier: GPL-3.0-or-later
// The named numbers with which a command ends: `check` looks at them, a lesson's text quotes them,
// and --json writes them as an object of type `figures`.
#ifndef FORKLAB_SHELL_FIGURES_H
#define FORKLAB_SHELL_FIGURES_H

#include "shell/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum figure_kind {
    FIGURE_COUNT,
    FIGURE_TIME, // ns; in JSON its name ends in _ns
    FIGURE_REAL
};

struct figure {
    char name[32];
    enum figure_kind kind;
    int64_t number; // of a count or a time
    double real;    // of any kind
};

// Begins the figures of a call, unless they are begun already: a command adds its own, then
// summary_report_times() adds those that all have and ends them. Nothing else may run in between.
void figures_begin(const struct call *call);

// Add one; a name of over 31 bytes, or a set of more than FIGURES_MOST, is a bug.
#define FIGURES_MOST 32
void figures_add(const char *name, int64_t count);
void figures_add_time(const char *name, int64_t ns);
void figures_add_real(const char *name, double value);

// Ends them: they are now those of the last command, and those of the command before are kept.
void figures_end(void);

// Returns the figures of the last command (or of the one before), and how many; NULL and 0 when
// there are none. Valid until the next figures_begin().
const struct figure *figures_last(size_t *count);
const struct figure *figures_before(size_t *count);

// Returns the last command's figure of that name, or that of the one before for "before.NAME"; NULL
// when there is none. A time may be named with or without _ns.
const struct figure *figures_find(const char *name);

// Adds its value with a unit: "20", "7.2 ms", "0.93".
void figures_add_text(const struct figure *figure, struct text *text);

#endif
