// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/line.h"

#include "base/must.h"

#include <stdlib.h>
#include <string.h>

static bool line_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool line_ends_word(char c)
{
    return c == '\0' || c == ';' || c == '&' || line_is_blank(c);
}

static void line_skip_blanks(const char **text)
{
    while (line_is_blank(**text))
        (*text)++;
}

// Reads what stands between quotes; `*text` is behind the opening one and ends behind the closing
// one.
static bool line_read_quoted(const char **text, char quote, struct text *word)
{
    const char *p = *text;
    for (; *p != quote; p++) {
        if (*p == '\0')
            return false;
        if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        text_add(word, p, 1);
    }
    *text = p + 1;
    return true;
}

static bool line_read_word(const char **text, struct text *word, struct text *error)
{
    while (!line_ends_word(**text)) {
        char c = *(*text)++;
        if (c == '\'' || c == '"') {
            if (!line_read_quoted(text, c, word)) {
                text_print(error, "the quote %c is not closed", c);
                return false;
            }
        } else if (c == '\\' && **text != '\0') {
            text_add(word, (*text)++, 1);
        } else {
            text_add(word, &c, 1);
        }
    }
    return true;
}

static void line_add_word(struct part *part, const char *word)
{
    part->words = must_realloc(part->words, part->count + 2, sizeof(char *));
    part->words[part->count++] = must_strdup(word);
    part->words[part->count] = NULL;
}

void line_free_part(struct part *part)
{
    for (size_t i = 0; i < part->count; i++)
        free(part->words[i]);
    free(part->words);
    free(part->source);
}

void line_free(struct line *line)
{
    for (size_t i = 0; i < line->count; i++)
        line_free_part(&line->parts[i]);
    free(line->parts);
    *line = (struct line){0};
}

// Reads the words of one command, up to what ends it. False with a message.
static bool line_read_part(const char **text, struct part *part, struct text *error)
{
    const char *begin = NULL, *end = NULL;
    struct text word = {0};
    bool good = true;
    for (;;) {
        line_skip_blanks(text);
        if (**text == '#')
            *text += strlen(*text);
        if (line_ends_word(**text))
            break;
        begin = begin ? begin : *text;
        text_clear(&word);
        good = line_read_word(text, &word, error);
        if (!good)
            break;
        line_add_word(part, text_string(&word));
        end = *text;
    }
    text_free(&word);
    if (good && part->count > 0)
        part->source = must_strndup(begin, (size_t)(end - begin));
    return good;
}

bool line_parse(const char *text, struct line *line, struct text *error)
{
    *line = (struct line){0};
    for (;;) {
        struct part part = {0};
        bool good = line_read_part(&text, &part, error);
        char end = *text;
        if (good && end == '&' && part.count == 0) {
            text_print(error, "there is no command before '&'");
            good = false;
        }
        if (!good) {
            line_free_part(&part);
            line_free(line);
            return false;
        }
        part.background = end == '&';
        if (part.count > 0) {
            line->parts = must_realloc(line->parts, line->count + 1, sizeof *line->parts);
            line->parts[line->count++] = part;
        }
        if (end == '\0')
            return true;
        text++;
    }
}

const char *line_behind_words(const char *source, size_t count)
{
    struct text word = {0};
    line_skip_blanks(&source);
    while (count-- > 0) {
        line_read_word(&source, &word, &word);
        line_skip_blanks(&source);
    }
    text_free(&word);
    return source;
}

bool line_is_cancel(const char *line)
{
    size_t length = strlen(LINE_CANCEL);
    return strncmp(line, LINE_CANCEL, length) == 0 && strchr(" \t\r", line[length]);
}
