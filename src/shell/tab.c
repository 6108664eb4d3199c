// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/tab.h"

#include "base/must.h"
#include "base/out.h"
#include "base/text.h"
#include "base/tty.h"
#include "shell/complete.h"
#include "shell/help.h"
#include "shell/readline.h"
#include "view/color.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, ABOUT_LEAST = 20 };

static const struct command *const *tab_table;
static struct candidates candidates; // for the word completed last
static struct text told;             // the line for which an argument was explained last

static bool tab_is_safe_to_show(const char *name)
{
    struct text shown = {0};
    text_add_visible(&shown, name, strlen(name));
    bool same = strcmp(text_string(&shown), name) == 0;
    text_free(&shown);
    return same;
}

// Files whose names would do something to the terminal are not offered: readline would write those
// raw.
static char *tab_next_file(const char *word, int again)
{
    char *name;
    while ((name = rl_filename_completion_function(word, again)) && !tab_is_safe_to_show(name)) {
        free(name);
        again = 1;
    }
    return name;
}

static char *tab_next(const char *word, int again)
{
    static size_t next;
    static int file_again;
    if (again == 0) {
        next = 0;
        file_again = 0;
    }
    if (next < candidates.count)
        return must_strdup(candidates.all[next++].word);
    return candidates.files ? tab_next_file(word, file_again++) : NULL;
}

static void tab_print_argument(const struct arg *arg)
{
    struct text words = {0}, about = {0}, line = {0};
    help_argument(arg, &words, &about);
    text_print(&words, ": %s", text_string(&about));
    text_add_wrapped(&line, text_string(&words), 0, GAP, (size_t)tty_columns());
    out_print("%s\n", text_string(&line));
    text_free(&words);
    text_free(&about);
    text_free(&line);
}

// Says what belongs there; once, however often Tab is pressed.
static void tab_explain(void)
{
    if (strcmp(text_string(&told), rl_line_buffer) == 0)
        return;
    text_clear(&told);
    text_add_string(&told, rl_line_buffer);
    tab_print_argument(candidates.arg);
}

static char **tab_find(const char *word, int start, int end)
{
    complete_free(&candidates);
    complete(tab_table, rl_line_buffer, (size_t)start, (size_t)end, &candidates);
    rl_attempted_completion_over = 1; // readline's own way lists any file
    if (candidates.count == 0 && candidates.arg && !candidates.files)
        tab_explain();
    return rl_completion_matches(word, tab_next);
}

// What a match is; "" for a file.
static const char *tab_about(const char *match)
{
    for (size_t i = 0; i < candidates.count; i++)
        if (strcmp(candidates.all[i].word, match) == 0)
            return candidates.all[i].about;
    return "";
}

// How a match is shown: a file without its folders.
static const char *tab_shown(const char *match)
{
    const char *slash = strrchr(match, '/');
    return candidates.files && slash && slash[1] ? slash + 1 : match;
}

static size_t tab_widest(char **matches, size_t count)
{
    size_t widest = 0;
    for (size_t i = 1; i <= count; i++) {
        size_t width = text_columns(text_visible(tab_shown(matches[i])));
        widest = width > widest ? width : widest;
    }
    return widest;
}

// One a line, with what it is.
static void tab_list(char **matches, size_t count, size_t columns, struct text *text)
{
    size_t widest = tab_widest(matches, count), most = columns / 2;
    size_t width = widest < most ? widest : most;
    for (size_t i = 1; i <= count; i++) {
        size_t used = text_add_cut(text, text_visible(tab_shown(matches[i])), width);
        const char *about = tab_about(matches[i]);
        if (*about) {
            text_print(text, "%*s%s", (int)(width - used + GAP), "", color(COLOR_DIM));
            text_add_cut(text, about, columns - width - GAP);
            text_add_string(text, color(COLOR_PLAIN));
        }
        text_add_string(text, "\n");
    }
}

// As many a line as fit.
static void tab_list_words(char **matches, size_t count, size_t columns, struct text *text)
{
    size_t width = tab_widest(matches, count) + GAP;
    size_t a_line = columns > width ? columns / width : 1;
    for (size_t i = 1; i <= count; i++) {
        size_t used = text_add_cut(text, text_visible(tab_shown(matches[i])), columns);
        bool ends = i % a_line == 0 || i == count;
        text_print(text, "%*s", ends ? 0 : (int)(width - used), "");
        text_add_string(text, ends ? "\n" : "");
    }
}

static bool tab_has_about(char **matches, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        if (*tab_about(matches[i]))
            return true;
    return false;
}

// Many, or such as explain themselves, stand side by side.
static void tab_show(char **matches, int count, int longest)
{
    (void)longest;
    struct text text = {0};
    size_t columns = (size_t)tty_columns(), all = (size_t)count;
    bool fits = count + 3 < tty_rows() && columns >= ABOUT_LEAST;
    if (candidates.arg && candidates.count > 0)
        tab_print_argument(candidates.arg);
    if (fits && tab_has_about(matches, all))
        tab_list(matches, all, columns, &text);
    else
        tab_list_words(matches, all, columns, &text);
    out_write(text_string(&text), text.length);
    text_free(&text);
}

void tab_open(const struct command *const *table)
{
    tab_table = table;
    rl_attempted_completion_function = tab_find;
    rl_completion_display_matches_hook = tab_show;
    rl_completer_word_break_characters = " \t;&";
    rl_basic_word_break_characters = " \t;&";
    rl_completer_quote_characters = "'\"";
    rl_filename_quote_characters = " \t;&'\"\\#";
    rl_completion_query_items = 0; // never a question that would block everything else
}
