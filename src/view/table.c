// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/table.h"

#include "base/die.h"
#include "base/must.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    char *text;
    enum color color;
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    struct cell *cells;
    size_t count, room;
};

// No column is cut below this.
enum { NARROWEST = 6, GAP = 2 };

struct table *table_new(const struct table_column *columns, size_t count)
{
    struct table *table = must_calloc(1, sizeof *table);
    *table = (struct table){.columns = columns, .column_count = count};
    return table;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

void table_cell(struct table *table, const char *text, enum color color)
{
    struct text visible = {0};
    text_add_visible(&visible, text, strlen(text));
    if (table->count == table->room) {
        table->room = table->room ? table->room * 2 : 64;
        table->cells = must_realloc(table->cells, table->room, sizeof *table->cells);
    }
    table->cells[table->count++] = (struct cell){must_strdup(text_string(&visible)), color};
    text_free(&visible);
}

void table_cell_print(struct table *table, const char *format, ...)
{
    struct text text = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&text, format, arguments);
    va_end(arguments);
    table_cell(table, text_string(&text), COLOR_PLAIN);
    text_free(&text);
}

static void table_measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = text_columns(table->columns[i].title);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = text_columns(table->cells[i].text);
        size_t *column = &widths[i % table->column_count];
        *column = width > *column ? width : *column;
    }
}

// Takes up to `over` columns from the column. Returns how many are still too many.
static size_t table_take(size_t *width, size_t over)
{
    size_t can = *width > NARROWEST ? *width - NARROWEST : 0;
    size_t cut = over < can ? over : can;
    *width -= cut;
    return over - cut;
}

// Returns the gap between columns.
static size_t table_squeeze(const struct table *table, size_t *widths, size_t width)
{
    size_t gaps = table->column_count - 1, sum = GAP * gaps;
    for (size_t i = 0; i < table->column_count; i++)
        sum += widths[i];
    size_t over = sum > width ? sum - width : 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].give == ELASTIC)
            over = table_take(&widths[i], over);
    if (over == 0)
        return GAP;
    over = over > gaps ? over - gaps : 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].give == NAMES)
            over = table_take(&widths[i], over);
    return GAP - 1;
}

// Ends a line without the blanks that an empty last cell leaves.
static void table_end_row(struct text *text)
{
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    text_add_string(text, "\n");
}

static void table_write_cell(const struct table *table, size_t column, const size_t *widths,
                             size_t gap, const char *string, enum color cell_color,
                             struct text *text)
{
    struct text shown = {0};
    size_t used = table->columns[column].give == NAMES
                      ? text_add_cut_middle(&shown, string, widths[column])
                      : text_add_cut(&shown, string, widths[column]);
    int fill = (int)(widths[column] - (used < widths[column] ? used : widths[column]));
    bool last = column + 1 == table->column_count;
    const char *begin = cell_color == COLOR_PLAIN ? "" : color(cell_color);
    const char *end = *begin ? color(COLOR_PLAIN) : "";
    if (table->columns[column].right)
        text_print(text, "%*s%s%s%s", fill, "", begin, text_string(&shown), end);
    else
        text_print(text, "%s%s%s%*s", begin, text_string(&shown), end, last ? 0 : fill, "");
    text_print(text, "%*s", last ? 0 : (int)gap, "");
    text_free(&shown);
    if (last)
        table_end_row(text);
}

void table_write(const struct table *table, size_t width, struct text *text)
{
    BUG_IF(table->column_count == 0);
    size_t *widths = must_calloc(table->column_count, sizeof *widths);
    table_measure(table, widths);
    size_t gap = width > 0 ? table_squeeze(table, widths, width) : GAP;
    for (size_t i = 0; i < table->column_count; i++)
        table_write_cell(table, i, widths, gap, table->columns[i].title, COLOR_BOLD, text);
    for (size_t i = 0; i < table->count; i++)
        table_write_cell(table, i % table->column_count, widths, gap, table->cells[i].text,
                         table->cells[i].color, text);
    free(widths);
}
