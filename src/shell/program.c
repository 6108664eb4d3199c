// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/program.h"

#include "base/die.h"
#include "base/embedded.h"
#include "shell/program_value.h"

#include <stdlib.h>
#include <string.h>

// A program being made.
struct program {
    const struct command *command;
    const void *args;
    enum program_language language;
    struct text *text;
    bool followed[32]; // by index of the argument
};

// A piece of a template: not ended by a NUL.
struct piece {
    const char *bytes;
    size_t length;
};

static bool program_piece_is(struct piece piece, const char *word)
{
    return piece.length == strlen(word) && memcmp(piece.bytes, word, piece.length) == 0;
}

// Takes the next word of a line away from its front; empty at the end.
static struct piece program_take_word(struct piece *line)
{
    while (line->length > 0 && *line->bytes == ' ')
        line->bytes++, line->length--;
    struct piece word = {line->bytes, 0};
    while (word.length < line->length && word.bytes[word.length] != ' ')
        word.length++;
    line->bytes += word.length;
    line->length -= word.length;
    return word;
}

// Takes what stands before the next `mark`, and the mark.
static struct piece program_take_until(struct piece *rest, char mark)
{
    const char *end = rest->length > 0 ? memchr(rest->bytes, mark, rest->length) : NULL;
    struct piece taken = {rest->bytes, end ? (size_t)(end - rest->bytes) : rest->length};
    size_t gone = taken.length + (end != NULL);
    rest->bytes += gone;
    rest->length -= gone;
    return taken;
}

static const char *program_ending(enum program_language language)
{
    return language == PROGRAM_PYTHON ? ".py.in" : ".c.in";
}

static bool program_is_template(const struct embedded *file, enum program_language language)
{
    size_t length = strlen(file->name), end = strlen(program_ending(language));
    return length > end && strcmp(file->name + length - end, program_ending(language)) == 0;
}

static const struct arg *program_find_arg(const struct program *program, struct piece name)
{
    for (const struct arg *arg = program->command->args; arg && arg->name; arg++)
        if (program_piece_is(name, arg->name))
            return arg;
    return NULL;
}

static void program_follow(struct program *program, const struct arg *arg)
{
    size_t index = (size_t)(arg - program->command->args);
    BUG_IF(index >= sizeof program->followed);
    program->followed[index] = true;
}

static bool program_has_value(const struct program *program, const struct arg *arg,
                              struct piece value)
{
    struct text text = {0}, wanted = {0};
    bool is_string = arg->type == ARG_WORD || arg->type == ARG_NAME || arg->type == ARG_FILE;
    text_print(&wanted, is_string ? "\"%.*s\"" : "%.*s", (int)value.length, value.bytes);
    program_value_add(arg, program->args, PROGRAM_PYTHON, PROGRAM_PLAIN, &text);
    bool same = strcmp(text_string(&text), text_string(&wanted)) == 0;
    text_free(&text);
    text_free(&wanted);
    return same;
}

// Whether what stands behind NAME is so: "", "=VALUE", ">NUMBER" or ":count".
static bool program_is_so(const struct program *program, const struct arg *arg, char mark,
                          struct piece what)
{
    switch (mark) {
    case ':':
        return program_value_is_count(arg, program->args);
    case '=':
        return program_has_value(program, arg, what);
    case '>':
        return program_value_exceeds(arg, program->args, strtoll(what.bytes, NULL, 10));
    default:
        return program_value_is_given(arg, program->args);
    }
}

// A condition: NAME and what is to be so, perhaps behind a '!'.
static bool program_holds(struct program *program, struct piece condition)
{
    bool is_not = *condition.bytes == '!';
    struct piece name = {condition.bytes + is_not, 0}, what;
    size_t most = condition.length - is_not;
    while (name.length < most && !strchr(":=>", name.bytes[name.length]))
        name.length++;
    char mark = '\0';
    if (name.length < most)
        mark = name.bytes[name.length];
    what = (struct piece){name.bytes + name.length + (mark != '\0'),
                          most - name.length - (mark != '\0')};
    const struct arg *arg = program_find_arg(program, name);
    BUG_IF(!arg);
    program_follow(program, arg);
    return program_is_so(program, arg, mark, what) != is_not;
}

static bool program_all_hold(struct program *program, struct piece conditions)
{
    bool all = true;
    for (struct piece word; (word = program_take_word(&conditions)).length > 0;) {
        bool any = false;
        while (word.length > 0)
            any = program_holds(program, program_take_until(&word, '|')) || any;
        all = any && all;
    }
    return all;
}

// Adds the value of NAME|NAME|ELSE:FORM.
static void program_add_value(struct program *program, struct piece names)
{
    struct piece form_name = names;
    names = program_take_until(&form_name, ':');
    enum program_form form = program_piece_is(form_name, "list")    ? PROGRAM_LIST
                             : program_piece_is(form_name, "count") ? PROGRAM_COUNT
                                                                    : PROGRAM_PLAIN;
    while (names.length > 0) {
        struct piece name = program_take_until(&names, '|');
        const struct arg *arg = program_find_arg(program, name);
        if (arg)
            program_follow(program, arg);
        if (!arg)
            text_add(program->text, name.bytes, name.length);
        else if (names.length == 0 || program_value_is_given(arg, program->args))
            program_value_add(arg, program->args, program->language, form, program->text);
        else
            continue;
        return;
    }
}

static void program_add_line(struct program *program, struct piece line)
{
    while (line.length > 0) {
        struct piece plain = program_take_until(&line, '@');
        text_add(program->text, plain.bytes, plain.length);
        if (line.length > 0)
            program_add_value(program, program_take_until(&line, '@'));
    }
    text_add_string(program->text, "\n");
}

// Where the lines of a template stand: in how many `@if`, and which of them hold.
struct nesting {
    size_t depth;
    bool holds[8];
};

static bool program_is_live(const struct nesting *nesting)
{
    for (size_t i = 0; i < nesting->depth; i++)
        if (!nesting->holds[i])
            return false;
    return true;
}

static void program_begin_if(struct program *program, struct nesting *nesting, struct piece line)
{
    BUG_IF(nesting->depth >= sizeof nesting->holds);
    bool holds = program_is_live(nesting) && program_all_hold(program, line);
    nesting->holds[nesting->depth++] = holds;
}

static const struct embedded *program_part(const struct program *program, struct piece name)
{
    struct text wanted = {0};
    const struct embedded *file = embedded_programs;
    text_print(&wanted, "part-%.*s%s", (int)name.length, name.bytes,
               program_ending(program->language));
    while (file->name && strcmp(file->name, text_string(&wanted)) != 0)
        file++;
    text_free(&wanted);
    BUG_IF(!file->name);
    return file;
}

// A line of its own that is no part of the program: "@if" and the like. `line` is what follows.
static bool program_is_order(struct piece *line, const char *order)
{
    struct piece rest = *line;
    if (!program_piece_is(program_take_word(&rest), order))
        return false;
    *line = rest;
    return true;
}

// Adds what the lines of a template come to. Parts of parts are not meant to be.
static void program_add_lines(struct program *program, const struct embedded *file);

// Adds the part that the line, "@use NAME" without its "@use", names.
static void program_use(struct program *program, struct piece line)
{
    program_add_lines(program, program_part(program, program_take_word(&line)));
}

static void program_add_lines(struct program *program, const struct embedded *file)
{
    struct nesting nesting = {0};
    struct piece rest = {file->text, file->length};
    while (rest.length > 0) {
        struct piece line = program_take_until(&rest, '\n');
        if (program_is_order(&line, "@if")) {
            program_begin_if(program, &nesting, line);
        } else if (program_is_order(&line, "@else")) {
            BUG_IF(nesting.depth == 0);
            nesting.holds[nesting.depth - 1] = !nesting.holds[nesting.depth - 1];
        } else if (program_is_order(&line, "@end")) {
            BUG_IF(nesting.depth == 0);
            nesting.depth--;
        } else if (program_is_live(&nesting) && program_is_order(&line, "@use")) {
            program_use(program, line);
        } else if (program_is_live(&nesting) && !program_is_order(&line, "@for")) {
            program_add_line(program, line);
        }
    }
    BUG_IF(nesting.depth != 0);
}

// Whether a template's first line says that it is for the command. What follows its name is left in
// `conditions`.
static bool program_names_command(const struct embedded *file, const struct command *command,
                                  struct piece *conditions)
{
    struct piece rest = {file->text, file->length};
    *conditions = program_take_until(&rest, '\n');
    return program_is_order(conditions, "@for") &&
           program_piece_is(program_take_word(conditions), command->name);
}

bool program_is_for(const struct command *command)
{
    struct piece conditions;
    for (const struct embedded *file = embedded_programs; file->name; file++)
        if (program_names_command(file, command, &conditions))
            return true;
    return false;
}

// Returns the first template that is for such arguments, or NULL.
static const struct embedded *program_find(struct program *program)
{
    for (const struct embedded *file = embedded_programs; file->name; file++) {
        struct piece conditions;
        if (program_is_template(file, program->language) &&
            program_names_command(file, program->command, &conditions) &&
            program_all_hold(program, conditions))
            return file;
        memset(program->followed, 0, sizeof program->followed);
    }
    return NULL;
}

static bool program_includes(const struct program *program, const char *header)
{
    return strstr(text_string(program->text), header) != NULL;
}

// How it is run, as a comment.
static void program_add_how(const struct program *program, struct text *text)
{
    if (program->language == PROGRAM_PYTHON) {
        text_add_string(text, "# Run it: python3 FILE.py\n");
        return;
    }
    bool has_threads =
        program_includes(program, "<pthread.h>") || program_includes(program, "<semaphore.h>");
    text_print(text, "// Build it: cc -O2%s FILE.c%s\n", has_threads ? " -pthread" : "",
               program_includes(program, "<math.h>") ? " -lm" : "");
}

// The comment on top: what it does, how it is run, and what it does not do.
static void program_add_head(const struct program *program, const char *title, struct text *text)
{
    bool is_python = program->language == PROGRAM_PYTHON;
    const char *mark = is_python ? "#" : "//";
    const char *before = " Not followed: ";
    text_print(text, "%s What '%s' does in forklab, in %s.\n", mark, text_visible(title),
               is_python ? "Python" : "C");
    program_add_how(program, text);
    for (const struct arg *arg = program->command->args; arg && arg->name; arg++) {
        if (program->followed[arg - program->command->args] ||
            !program_value_is_given(arg, program->args))
            continue;
        text_print(text, "%s%s%s", *before == ',' ? "" : mark, before, arg->name);
        before = ", ";
    }
    text_add_string(text, *before == ',' ? "\n" : "");
}

bool program_write(const struct command *command, const void *args, const char *title,
                   enum program_language language, struct text *text)
{
    struct text body = {0};
    struct program program = {
        .command = command, .args = args, .language = language, .text = &body};
    const struct embedded *file = program_find(&program);
    if (!file)
        return false;
    program_add_lines(&program, file);
    program_add_head(&program, title, text);
    text_add(text, body.bytes, body.length);
    text_free(&body);
    return true;
}
