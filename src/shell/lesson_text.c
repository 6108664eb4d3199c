// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/lesson_text.h"

#include "base/sha256.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/must.h"

static const char seal_mark[] = "sha256:";

struct lesson_parse {
    struct lesson_text *lesson;
    struct text *error;
    long line;
    bool joins; // the next line of narration goes on with the last paragraph
};

static struct lesson_step *lesson_text_last(const struct lesson_parse *parse)
{
    const struct lesson_text *lesson = parse->lesson;
    return lesson->count > 0 ? &lesson->steps[lesson->count - 1] : NULL;
}

static struct lesson_step *lesson_text_add(struct lesson_parse *parse, enum lesson_kind kind,
                                           const char *text)
{
    struct lesson_text *lesson = parse->lesson;
    lesson->steps = must_realloc(lesson->steps, lesson->count + 1, sizeof *lesson->steps);
    struct lesson_step *step = &lesson->steps[lesson->count++];
    *step = (struct lesson_step){
        .kind = kind, .line = parse->line, .text = must_strdup(text), .right = SIZE_MAX};
    return step;
}

// Puts another line behind a step's text.
static void lesson_text_join(struct lesson_step *step, const char *between, const char *line)
{
    struct text joined = {0};
    text_print(&joined, "%s%s%s", step->text, between, line);
    free(step->text);
    step->text = must_strdup(text_string(&joined));
    text_free(&joined);
}

static bool lesson_text_complain(struct lesson_parse *parse, long line, const char *what)
{
    text_print(parse->error, "%ld: %s", line, what);
    return false;
}

// `line` stands behind the mark and its one blank.
static bool lesson_text_narrate(struct lesson_parse *parse, const char *line)
{
    bool shaped = line[0] == ' ';
    struct lesson_step *last = lesson_text_last(parse);
    if (strncmp(line, "# ", 2) == 0) {
        lesson_text_add(parse, LESSON_HEADING, line + 2);
        if (!parse->lesson->title)
            parse->lesson->title = must_strdup(line + 2);
        return true;
    }
    if (line[0] == '\0')
        return true;
    if (last && parse->joins && last->kind == LESSON_NARRATION && last->shaped == shaped)
        lesson_text_join(last, shaped ? "\n" : " ", line);
    else
        lesson_text_add(parse, LESSON_NARRATION, line)->shaped = shaped;
    parse->joins = true;
    return true;
}

static bool lesson_text_ask(struct lesson_parse *parse, const char *line)
{
    struct lesson_step *last = lesson_text_last(parse);
    if (last && last->kind == LESSON_QUESTION && last->answer_count == 0)
        lesson_text_join(last, " ", line);
    else
        lesson_text_add(parse, LESSON_QUESTION, line);
    return true;
}

static bool lesson_text_answer(struct lesson_parse *parse, const char *line, bool is_right)
{
    struct lesson_step *question = lesson_text_last(parse);
    if (!question || question->kind != LESSON_QUESTION)
        return lesson_text_complain(parse, parse->line, "an answer needs its question, '#?'");
    if (is_right && (question->right != SIZE_MAX || question->seal))
        return lesson_text_complain(parse, parse->line, "the question has a right answer already");
    if (is_right && strncmp(line, seal_mark, strlen(seal_mark)) == 0) {
        question->seal = must_strdup(line);
        return true;
    }
    if (question->answer_count == 9)
        return lesson_text_complain(parse, parse->line, "a question has at most 9 answers");
    if (is_right)
        question->right = question->answer_count;
    question->answers = must_realloc(question->answers, question->answer_count + 1, sizeof(char *));
    question->answers[question->answer_count++] = must_strdup(line);
    return true;
}

static bool lesson_text_note(struct lesson_parse *parse, const char *line)
{
    struct lesson_step *last = lesson_text_last(parse);
    if (last && last->kind == LESSON_NOTE)
        lesson_text_join(last, " ", line);
    else
        lesson_text_add(parse, LESSON_NOTE, line);
    return true;
}

static bool lesson_text_is_check(const char *line)
{
    return strncmp(line, "check", 5) == 0 && (line[5] == ' ' || line[5] == '\0');
}

static bool lesson_text_take_mark(struct lesson_parse *parse, const char *line)
{
    const char *behind = line + 2;
    bool joins = parse->joins;
    behind += *behind == ' ';
    parse->joins = false;
    switch (line[1]) {
    case ':':
        parse->joins = joins;
        parse->joins = lesson_text_narrate(parse, behind) && behind[0] != '\0' && *behind != '#';
        return true;
    case '?':
        return lesson_text_ask(parse, behind);
    case '-':
        return lesson_text_answer(parse, behind, false);
    case '+':
        return lesson_text_answer(parse, behind, true);
    case '>':
        return lesson_text_note(parse, behind);
    case '.':
        lesson_text_add(parse, LESSON_PAUSE, behind);
        return true;
    default:
        return true; // a comment
    }
}

static bool lesson_text_take_line(struct lesson_parse *parse, const char *line)
{
    line += strspn(line, " \t");
    if (line[0] == '#')
        return lesson_text_take_mark(parse, line);
    parse->joins = false;
    if (line[0] != '\0')
        lesson_text_add(parse, lesson_text_is_check(line) ? LESSON_CHECK : LESSON_COMMAND, line);
    return true;
}

static bool lesson_text_take_lines(struct lesson_parse *parse, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        size_t shown = length > 0 && text[length - 1] == '\r' ? length - 1 : length;
        char *line = must_strndup(text, shown);
        parse->line++;
        bool good = lesson_text_take_line(parse, line);
        free(line);
        if (!good)
            return false;
        text += length + (text[length] == '\n');
    }
    return true;
}

static size_t lesson_text_count_right(const struct lesson_step *question)
{
    size_t count = 0;
    for (size_t i = 0; i < question->answer_count; i++)
        count += lesson_text_is_right(question, i);
    return count;
}

static bool lesson_text_verify(struct lesson_parse *parse)
{
    for (size_t i = 0; i < parse->lesson->count; i++) {
        const struct lesson_step *step = &parse->lesson->steps[i];
        if (step->kind != LESSON_QUESTION)
            continue;
        if (step->answer_count < 2)
            return lesson_text_complain(parse, step->line,
                                        "a question needs two answers, '#-' and '#+'");
        if (lesson_text_count_right(step) != 1)
            return lesson_text_complain(parse, step->line,
                                        "a question needs one right answer, '#+'");
    }
    return true;
}

bool lesson_text_parse(const char *text, const char *name, struct lesson_text *lesson,
                       struct text *error)
{
    struct lesson_parse parse = {.lesson = lesson, .error = error};
    *lesson = (struct lesson_text){0};
    sha256_hex(text, strlen(text), lesson->hash);
    if (!lesson_text_take_lines(&parse, text) || !lesson_text_verify(&parse)) {
        lesson_text_free(lesson);
        return false;
    }
    if (!lesson->title)
        lesson->title = must_strdup(name);
    return true;
}

void lesson_text_free(struct lesson_text *lesson)
{
    for (size_t i = 0; i < lesson->count; i++) {
        struct lesson_step *step = &lesson->steps[i];
        for (size_t j = 0; j < step->answer_count; j++)
            free(step->answers[j]);
        free(step->answers);
        free(step->text);
        free(step->seal);
    }
    free(lesson->steps);
    free(lesson->title);
    *lesson = (struct lesson_text){0};
}

// Adds "sha256:SALT:HASH".
static void lesson_text_add_seal(const char *salt, const char *answer, struct text *text)
{
    struct text salted = {0};
    char hash[SHA256_DIGITS];
    text_print(&salted, "%s:%s", salt, answer);
    sha256_hex(text_string(&salted), salted.length, hash);
    text_print(text, "%s%s:%s", seal_mark, salt, hash);
    text_free(&salted);
}

bool lesson_text_is_right(const struct lesson_step *question, size_t answer)
{
    if (!question->seal)
        return answer == question->right;
    const char *salt = question->seal + strlen(seal_mark);
    char *own_salt = must_strndup(salt, strcspn(salt, ":"));
    struct text seal = {0};
    lesson_text_add_seal(own_salt, question->answers[answer], &seal);
    bool is_right = strcmp(text_string(&seal), question->seal) == 0;
    text_free(&seal);
    free(own_salt);
    return is_right;
}

static bool lesson_text_make_salt(char salt[17])
{
    unsigned char random[8];
    ssize_t got;
    do
        got = getrandom(random, sizeof random, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return false;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(salt + 2 * i, 3, "%02x", random[i]);
    return true;
}

// The right answer stays in its place among the others; the seal stands behind it.
static bool lesson_text_seal_line(const char *line, size_t length, struct text *sealed)
{
    char salt[17];
    const char *answer = line + strspn(line, " \t");
    bool is_right = strncmp(answer, "#+", 2) == 0;
    answer += is_right ? 2 : 0;
    answer += is_right && *answer == ' ';
    if (!is_right || strncmp(answer, seal_mark, strlen(seal_mark)) == 0) {
        text_add(sealed, line, length);
        text_add(sealed, "\n", 1);
        return true;
    }
    if (!lesson_text_make_salt(salt))
        return false;
    char *own = must_strndup(answer, (size_t)(line + length - answer));
    own[strcspn(own, "\r")] = '\0';
    text_print(sealed, "#- %s\n#+ ", own);
    lesson_text_add_seal(salt, own, sealed);
    text_add_string(sealed, "\n");
    free(own);
    return true;
}

bool lesson_text_seal(const char *text, struct text *sealed)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (!lesson_text_seal_line(text, length, sealed))
            return false;
        text += length + (text[length] == '\n');
    }
    return true;
}
