// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/tree.h"

#include "view/color.h"
#include "view/glyphs.h"
#include "view/table.h"

#include <inttypes.h>
#include <string.h>

// Deeper levels are drawn at this one; ends beyond the first so many of one kind are only counted.
enum { DEEPEST = 32, ENDS_SHOWN = 8, WIDEST = 80 };

struct branches {
    const char *child, *last, *past, *none;
};

static const struct branches *tree_branches(void)
{
    static const struct branches ascii = {"|- ", "`- ", "|  ", "   "};
    static const struct branches utf8 = {"├─ ", "└─ ", "│  ", "   "};
    return glyphs_are_utf8() ? &utf8 : &ascii;
}

static bool tree_has_sibling_behind(const struct tree_node *nodes, size_t count, size_t index)
{
    for (size_t i = index + 1; i < count && nodes[i].depth >= nodes[index].depth; i++)
        if (nodes[i].depth == nodes[index].depth)
            return true;
    return false;
}

static void tree_add_node(struct table *table, const struct tree_node *node, const bool *more)
{
    struct text name = {0}, state = {0};
    size_t depth = node->depth < DEEPEST ? node->depth : DEEPEST;
    for (size_t level = 1; level < depth; level++)
        text_add_string(&name, more[level] ? tree_branches()->past : tree_branches()->none);
    if (depth > 0)
        text_add_string(&name, more[depth] ? tree_branches()->child : tree_branches()->last);
    text_add_string(&name, node->name);
    if (node->state)
        text_print(&state, "%c ", node->state);
    text_add_string(&state, node->word);
    table_cell(table, text_string(&name), node->color);
    table_cell_print(table, "%" PRId64, node->pid);
    table_cell(table, text_string(&state), color_of_state(node->word));
    table_cell(table, node->note, COLOR_PLAIN);
    text_free(&name);
    text_free(&state);
}

void tree_write(const struct tree_node *nodes, size_t count, size_t columns, struct text *text)
{
    static const struct table_column table_columns[] = {{"PROCESS", false, ELASTIC},
                                                        {"PID", true, RIGID},
                                                        {"STATE", false, RIGID},
                                                        {"", false, ELASTIC}};
    bool more[DEEPEST + 1] = {false};
    struct table *table = table_new(table_columns, sizeof table_columns / sizeof *table_columns);
    for (size_t i = 0; i < count; i++) {
        more[nodes[i].depth < DEEPEST ? nodes[i].depth : DEEPEST] =
            tree_has_sibling_behind(nodes, count, i);
        tree_add_node(table, &nodes[i], more);
    }
    table_write(table, columns, text);
    table_free(table);
}

static void tree_add_why(const char *why, bool last, size_t columns, struct text *text)
{
    struct text margin = {0};
    text_print(&margin, "  %s         ", last ? tree_branches()->none : tree_branches()->past);
    text_print(text, "%s%s! ", text_string(&margin), color(COLOR_RED));
    text_add_string(&margin, "  ");
    text_add_wrapped_behind(text, why, text_columns(text_string(&margin)), text_string(&margin),
                            columns);
    text_print(text, "%s\n", color(COLOR_PLAIN));
    text_free(&margin);
}

static void tree_add_end(const struct tree_end *end, bool last, size_t columns, struct text *text)
{
    text_print(text, "  %s%s   %s (%" PRId64 "), descriptor %d\n",
               last ? tree_branches()->last : tree_branches()->child,
               end->writes ? "writes" : "reads ", text_visible(end->holder), end->pid, end->fd);
    if (end->why)
        tree_add_why(end->why, last, columns, text);
}

void tree_write_pipe(size_t number, const struct tree_pipe *pipe, size_t columns, struct text *text)
{
    columns = columns == 0 || columns > WIDEST ? WIDEST : columns;
    text_print(text, "%spipe %zu%s, ", color(COLOR_BOLD), number, color(COLOR_PLAIN));
    struct text title = {0};
    text_print(&title, "%s [%" PRIu64 "]", text_visible(pipe->title), pipe->inode);
    text_add_wrapped(text, text_string(&title), strlen("pipe 1000, "), 2, columns);
    text_add_string(text, "\n");
    text_free(&title);
    size_t shown[2] = {0}, left_out = 0;
    for (size_t i = 0; i < pipe->count; i++) {
        const struct tree_end *end = &pipe->ends[i];
        bool last = i + 1 == pipe->count;
        if (!end->why && !last && shown[end->writes]++ >= ENDS_SHOWN)
            left_out++;
        else
            tree_add_end(end, last && left_out == 0, columns, text);
    }
    if (left_out > 0)
        text_print(text, "  %sand %zu ends more like these\n", tree_branches()->last, left_out);
}
