// SPDX-License-Identifier: GPL-3.0-or-later
// Aligned tables that fit a terminal.
#ifndef FORKLAB_VIEW_TABLE_H
#define FORKLAB_VIEW_TABLE_H

#include "base/text.h"
#include "view/color.h"

#include <stdbool.h>
#include <stddef.h>

struct table;

// What becomes of a column when the table is too wide. Names are cut last, and in their middle:
// many differ only in their ends.
enum table_give { RIGID, ELASTIC, NAMES };

struct table_column {
    const char *title;
    bool right; // numbers
    enum table_give give;
};

// The columns stay the caller's and must outlive the table. table_free() ends it.
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);

// Adds the next cell, row by row; `text` is copied and made safe to show.
void table_cell(struct table *table, const char *text, enum color color);
void table_cell_print(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Writes the table, fitted to `width` columns as far as it goes: elastic columns give way first,
// then the gaps, then names. 0 for no limit.
void table_write(const struct table *table, size_t width, struct text *text);

#endif
