// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/table.h"

#include "base/fail.h"

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

// An elastic column is not cut below this.
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

static void measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++)
        widths[i] = text_columns(table->columns[i].title);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = text_columns(table->cells[i].text);
        size_t *column = &widths[i % table->column_count];
        *column = width > *column ? width : *column;
    }
}

static void squeeze(const struct table *table, size_t *widths, size_t width)
{
    size_t sum = GAP * (table->column_count - 1);
    for (size_t i = 0; i < table->column_count; i++)
        sum += widths[i];
    for (size_t i = 0; i < table->column_count && sum > width; i++) {
        if (!table->columns[i].elastic || widths[i] <= NARROWEST)
            continue;
        size_t over = sum - width, can = widths[i] - NARROWEST;
        size_t cut = over < can ? over : can;
        widths[i] -= cut;
        sum -= cut;
    }
}

// Ends a line without the blanks that an empty last cell leaves.
static void end_row(struct text *text)
{
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    text_add_string(text, "\n");
}

static void write_cell(const struct table *table, size_t column, const size_t *widths,
                       const char *string, enum color cell_color, struct text *text)
{
    struct text shown = {0};
    size_t used = text_add_cut(&shown, string, widths[column]);
    int fill = (int)(widths[column] - (used < widths[column] ? used : widths[column]));
    bool last = column + 1 == table->column_count;
    const char *begin = cell_color == COLOR_PLAIN ? "" : color(cell_color);
    const char *end = *begin ? color(COLOR_PLAIN) : "";
    if (table->columns[column].right)
        text_print(text, "%*s%s%s%s", fill, "", begin, text_string(&shown), end);
    else
        text_print(text, "%s%s%s%*s", begin, text_string(&shown), end, last ? 0 : fill, "");
    text_add_string(text, last ? "" : "  ");
    text_free(&shown);
    if (last)
        end_row(text);
}

void table_write(const struct table *table, size_t width, struct text *text)
{
    BUG_IF(table->column_count == 0);
    size_t *widths = must_calloc(table->column_count, sizeof *widths);
    measure(table, widths);
    if (width > 0)
        squeeze(table, widths, width);
    for (size_t i = 0; i < table->column_count; i++)
        write_cell(table, i, widths, table->columns[i].title, COLOR_BOLD, text);
    for (size_t i = 0; i < table->count; i++)
        write_cell(table, i % table->column_count, widths, table->cells[i].text,
                   table->cells[i].color, text);
    free(widths);
}
