// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/lesson_view.h"

#include "base/out.h"
#include "shell/context.h"
#include "shell/figures.h"
#include "shell/moment.h"
#include "view/color.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"

// Lines that are longer are hard to read; on a projector, from the last row, even more so.
enum { WIDEST = 72, WIDEST_PROJECTED = 52, MARGIN_PROJECTED = 2 };

static size_t lesson_view_columns(void)
{
    size_t widest = context_settings()->projector ? WIDEST_PROJECTED : WIDEST;
    size_t columns = context_columns();
    return columns > 0 && columns < widest ? columns : widest;
}

static size_t lesson_view_margin(void)
{
    return context_settings()->projector ? MARGIN_PROJECTED : 0;
}

// Adds one name's figure. False when there is none of that name.
static bool lesson_view_add_figure(const char *name, size_t length, struct text *filled)
{
    char *own = must_strndup(name, length);
    const struct figure *figure = figures_find(own);
    if (figure)
        figures_add_text(figure, filled);
    free(own);
    return figure != NULL;
}

void lesson_view_fill(const char *text, struct text *filled, struct text *missing)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        text_add(filled, text, plain);
        text += plain;
        size_t length = *text ? strcspn(text + 1, "{}") : 0;
        if (*text && (text[1 + length] != '}' || length == 0)) {
            text_add(filled, text++, 1);
        } else if (*text) {
            if (!lesson_view_add_figure(text + 1, length, filled)) {
                text_add(filled, text, length + 2);
                text_print(missing, "%s%.*s", missing->length > 0 ? ", " : "", (int)length,
                           text + 1);
            }
            text += length + 2;
        }
    }
}

// Prints words, broken between them, behind a margin; `first` stands in the first line before them.
static void lesson_view_print(const char *first, const char *words, const char *begin,
                              const char *end)
{
    struct text safe = {0}, line = {0};
    size_t margin = lesson_view_margin();
    text_add_visible(&safe, words, strlen(words));
    text_print(&line, "%*s%s", (int)margin, "", first);
    size_t used = line.length;
    text_add_wrapped(&line, text_string(&safe), used, used, lesson_view_columns());
    out_print("%s%s%s\n", begin, text_string(&line), end);
    text_free(&safe);
    text_free(&line);
}

void lesson_view_heading(const char *title)
{
    struct text rule = {0};
    for (size_t i = 0; i < text_columns(title); i++)
        text_add_string(&rule, "=");
    out_print("\n");
    lesson_view_print("", title, color(COLOR_BOLD), color(COLOR_PLAIN));
    lesson_view_print("", text_string(&rule), color(COLOR_BOLD), color(COLOR_PLAIN));
    text_free(&rule);
}

static void lesson_view_print_shaped(const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        struct text line = {0};
        text_print(&line, "%*s", (int)lesson_view_margin(), "");
        text_add_visible(&line, text, length);
        out_print("%s\n", text_string(&line));
        text_free(&line);
        text += length + (text[length] == '\n');
    }
}

void lesson_view_narrate(const struct lesson_step *step)
{
    struct text filled = {0}, missing = {0};
    const char *begin = context_settings()->projector ? color(COLOR_BOLD) : "";
    lesson_view_fill(step->text, &filled, &missing);
    out_print("\n");
    if (step->shaped)
        lesson_view_print_shaped(text_string(&filled));
    else
        lesson_view_print("", text_string(&filled), begin, *begin ? color(COLOR_PLAIN) : "");
    text_free(&filled);
    text_free(&missing);
}

// The answer as it stands below its question.
static void lesson_view_answer(const struct lesson_step *question, size_t answer)
{
    struct text filled = {0}, missing = {0};
    char number[] = {' ', ' ', (char)('1' + answer), ' ', ' ', '\0'};
    lesson_view_fill(question->answers[answer], &filled, &missing);
    lesson_view_print(number, text_string(&filled), "", "");
    text_free(&filled);
    text_free(&missing);
}

void lesson_view_ask(const struct lesson_step *question)
{
    struct text filled = {0}, missing = {0};
    lesson_view_fill(question->text, &filled, &missing);
    out_print("\n");
    lesson_view_print("", text_string(&filled), color(COLOR_BOLD), color(COLOR_PLAIN));
    text_free(&filled);
    text_free(&missing);
    for (size_t i = 0; i < question->answer_count; i++) {
        if (context_settings()->projector)
            out_print("\n");
        lesson_view_answer(question, i);
    }
    out_print("\n");
}

static size_t lesson_view_right(const struct lesson_step *question)
{
    size_t right = 0;
    while (right + 1 < question->answer_count && !lesson_text_is_right(question, right))
        right++;
    return right;
}

void lesson_view_reveal(const struct lesson_step *question, size_t answer)
{
    size_t right = lesson_view_right(question);
    struct text words = {0};
    enum color verdict = COLOR_BOLD;
    if (answer == SIZE_MAX) {
        text_add_string(&words, "This is right:");
    } else if (answer == right) {
        text_print(&words, "You said %zu, and it is right", answer + 1);
        verdict = COLOR_GREEN;
    } else {
        text_print(&words, "You said %zu; this is right:", answer + 1);
        verdict = COLOR_YELLOW;
    }
    out_print("\n");
    lesson_view_print("-> ", text_string(&words), color(verdict), color(COLOR_PLAIN));
    lesson_view_answer(question, right);
    text_free(&words);
}

void lesson_view_command(const char *command)
{
    struct text safe = {0};
    text_add_visible(&safe, command, strlen(command));
    out_print("\n%s%s%s%s\n", color(COLOR_BOLD), moment_prompt(), text_string(&safe),
              color(COLOR_PLAIN));
    text_free(&safe);
}

void lesson_view_remark(const char *format, ...)
{
    struct text words = {0};
    va_list arguments;
    va_start(arguments, format);
    text_vprint(&words, format, arguments);
    va_end(arguments);
    lesson_view_print("-- ", text_string(&words), "", "");
    text_free(&words);
}
